enum EqualityScenario {
    /// Lines of cluster.yml: the shortest lease there is, since the freeze has to outlive it.
    static let settings = "patroni:\n  ttl: 20\n"
}

/// One step of the scenario that is played on the compose project and on a host.
enum EqualityStep: String, CaseIterable {
    case start
    case stopLeader = "stop the leader"
    case startIt = "start it"
    case freezeLeader = "freeze the leader past ttl"
    case thawIt = "thaw it"
    case restartHAProxy = "restart HAProxy"
    case killLeader = "kill the leader"
    case restartAll = "restart everything"
    case downAndUp = "down and up"

    /// How many replicas stream in the end.
    var replicas: Int { self == .stopLeader || self == .freezeLeader ? 1 : 2 }

    /// Where all members start at the same time, the one that is first to be ready leads, the old leader or its
    /// synchronous standby; and each of them may have been promoted for a moment. On both sides alike it is a race.
    var isRace: Bool { self == .start || self == .restartAll || self == .downAndUp }
}

/// What is the same on both sides after a step.
struct EqualityResult: Equatable {
    var leader: String
    var timeline: String
    var streaming: Int
    var write: String
    var session: String
    var rows: String

    init(_ step: EqualityStep, from before: ClusterView?, to after: ClusterView, session: String) {
        leader = step.isRace ? "one" : after.leader == before?.leader ? "the same" : "another"
        let advance = after.timeline - (before?.timeline ?? after.timeline)
        timeline = step.isRace ? "any" : advance == 0 ? "the same" : "+\(advance)"
        streaming = after.streaming
        write = after.writtenTo == after.leader ? "works" : "goes to \(after.writtenTo)"
        self.session = session
        // Each look writes one row; there must be at least one more, and nothing of before may be gone.
        rows = after.rows > (before?.rows ?? 0) ? "kept" : "lost"
    }

    var text: String {
        "leader \(leader), timeline \(timeline), \(streaming) stream, write \(write), session \(session), data \(rows)"
    }
}

/// The table of README.md in containers/compose.
struct EqualityTable {
    var compose: [(step: EqualityStep, result: EqualityResult, time: Duration)]
    var hosts: [(step: EqualityStep, result: EqualityResult, time: Duration)]

    var text: String {
        let head =
            "| step | leader | timeline | replicas that stream | write through 5432 | session of before | data | compose | hosts |"
        let rule = "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
        let rows = zip(compose, hosts).map { compose, hosts in
            let (one, two) = (compose.result, hosts.result)
            let cells = [
                compose.step.rawValue, both(one.leader, two.leader), both(one.timeline, two.timeline),
                both("\(one.streaming)", "\(two.streaming)"), both(one.write, two.write),
                both(one.session, two.session),
                both(one.rows, two.rows), seconds(compose.time), seconds(hosts.time),
            ]
            return "| \(cells.joined(separator: " | ")) |"
        }
        return ([head, rule] + rows).joined(separator: "\n")
    }

    private func both(_ compose: String, _ hosts: String) -> String {
        compose == hosts ? compose : "**\(compose) / \(hosts)**"
    }

    private func seconds(_ time: Duration) -> String { "\(time.components.seconds) s" }
}
