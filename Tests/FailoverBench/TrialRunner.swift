import BenchStatistics
import ClusterModel
import Decisions
import Foundation
import HostPorts
import PostgresClient

/// One fault of one member.
struct Blow {
    var event: FaultEvent
    var target: String
}

/// When what happened, by `Clock`.
struct Course {
    var begun: Double
    /// Seconds since 1970.
    var faultAt: Double
    var thawed: Double?
    /// The end of the observation.
    var until = 0.0
}

/// One fault after the other on hosts that are up.
struct TrialRunner {
    let lab: Lab
    let profile: String
    let blockStart = Clock.now

    func prepare() async throws {
        guard let (leader, _) = await lab.healthy(within: 180) else { throw BenchFailure("the cluster is not healthy") }
        _ = try await LibPQConnector().query(
            "CREATE SCHEMA IF NOT EXISTS failover_bench;"
                + "CREATE TABLE IF NOT EXISTS failover_bench.writes (run text, writer int, sequence int)",
            at: lab.target(of: leader), within: .seconds(20))
    }

    func remove() async throws {
        guard let (leader, _) = await lab.healthy(within: 60) else { return }
        _ = try await LibPQConnector().query(
            "DROP SCHEMA failover_bench CASCADE", at: lab.target(of: leader), within: .seconds(20))
    }

    func trial(_ fault: Fault) async throws -> Trial {
        // Else what it breaks hits a cluster that the trial before has left short of a server.
        guard try await lab.isEnsembleWhole(within: 180) else { throw BenchFailure("a server of ZooKeeper is missing") }
        guard let (leader, _) = await lab.healthy(within: 180) else { throw BenchFailure("the cluster is not healthy") }
        // Looked for now: it takes longer than what is measured.
        let blows = try await blows(of: fault, leader)
        var trial = trial(fault, blows, leader)
        if [.loseHost, .cutHost].contains(fault.event) {
            trial.ledZooKeeper = try await lab.zooKeeperLeader() == blows[0].target
        }
        let crew = Crew(
            lab: lab, run: "\(fault.event.rawValue)-\(UUID().uuidString)", away: blows.map(\.target),
            frozen: fault.event == .thaw ? leader : nil)
        crew.start()
        let course: Course
        do {
            course = try await suffer(fault, blows, crew)
        } catch {
            crew.stop()
            throw error
        }
        trial.faultAt = course.faultAt
        if fault.event == .thaw { try? await Task.sleep(for: .seconds(3)) }
        let health = await lab.healthy(within: 120)
        trial.recovery = health?.seconds
        trial.leaderAfter = health?.leader
        // Once only: who has stopped is not waited for again.
        crew.stop()
        try await judge(crew, &trial, course)
        return trial
    }

    private func trial(_ fault: Fault, _ blows: [Blow], _ leader: String) -> Trial {
        var trial = Trial(
            event: fault.event.rawValue,
            profile: profile + (fault.agents == .running ? "" : ", agents \(fault.agents.rawValue)"),
            startedAt: Clock.now - blockStart, leaderBefore: leader)
        trial.ttl = lab.cluster.patroni.ttl
        trial.lease = lab.cluster.lease.rawValue
        trial.struck = blows.map(\.target)
        trial.victim = fault.victim == .synchronousReplica ? "synchronous replica" : nil
        trial.second = blows.dropFirst().first?.event.rawValue
        return trial
    }

    private func blows(of fault: Fault, _ leader: String) async throws -> [Blow] {
        let target =
            fault.event == .killZooKeeperLeader
            ? try await zooKeeperLeader(awayFrom: leader) : try await member(fault.victim, leader)
        var blows = [Blow(event: fault.event, target: target)]
        if let second = fault.second {
            blows.append(Blow(event: second.event, target: try await member(second.victim, leader)))
        }
        return blows
    }

    private func member(_ victim: Victim, _ leader: String) async throws -> String {
        switch victim {
        case .leader: return leader
        case .replica(let number): return lab.members.filter { $0 != leader }[number]
        case .synchronousReplica:
            guard let member = await lab.sight(from: leader).synchronous else {
                throw BenchFailure("no replica is synchronous")
            }
            return member
        }
    }

    /// From the fault until it is mended; what was broken is mended whatever happens.
    private func suffer(_ fault: Fault, _ blows: [Blow], _ crew: Crew) async throws -> Course {
        do {
            try await Task.sleep(for: .milliseconds(Int(1500 + fault.phase * 1000)))
            try await allAgents(fault.agents.command)
            var course = Course(begun: Clock.now, faultAt: Date().timeIntervalSince1970)
            async let later: Void = strike(blows.dropFirst().first, after: fault.second?.after ?? 0)
            course.thawed = try await inject(blows[0])
            course.until = await observe(crew, fault.event, since: course.begun)
            await later
            try await mend(blows, fault.agents)
            return course
        } catch {
            try? await mend(blows, fault.agents)
            throw error
        }
    }

    private func mend(_ blows: [Blow], _ agents: AgentFault) async throws {
        for blow in blows { try await mend(blow) }
        try await allAgents(agents.mending)
    }

    /// It may hit nobody: a member that has another part to play by now may be between two postmasters.
    private func strike(_ blow: Blow?, after seconds: Double) async {
        guard let blow else { return }
        do {
            try await Task.sleep(for: .seconds(seconds))
            _ = try await inject(blow)
        } catch {
            comment("the second fault, \(blow.event.rawValue) of \(blow.target): \(error)")
        }
    }

    /// On all hosts at once.
    private func allAgents(_ command: String?) async throws {
        guard let command else { return }
        try await withThrowingTaskGroup { group in
            for host in lab.members { group.addTask { try await lab.shell(host, command) } }
            try await group.waitForAll()
        }
    }

    /// When it was thawed, where it was.
    private func inject(_ blow: Blow) async throws -> Double? {
        let target = blow.target
        switch blow.event {
        case .loseHost: try await lab.fault("lose", target)
        case .cutHost: try await lab.fault("cut", target)
        case .cutZooKeeper: try await lab.fault("cut-zookeeper", target)
        case .killZooKeeperLeader: try await lab.shell(target, "systemctl kill -s KILL pgha-zookeeper@$1")
        case .loseQuorum:
            for host in lab.members where host != target {
                try await lab.shell(host, "systemctl stop pgha-zookeeper@$1")
            }
        default: try await lab.shell(target, blow.event.command ?? "false")
        }
        guard blow.event == .thaw else { return nil }
        try await Task.sleep(for: .seconds(FaultEvent.thawAfter))
        let now = Clock.now
        // By systemd, not by the verb that kills first. The fence may have brought it back long ago.
        try await lab.shell(target, "systemctl thaw pgha-patroni@$1 || true")
        return now
    }

    /// Until writes have gone on for two seconds, or nobody waits any longer; gives the end of the observation.
    private func observe(_ crew: Crew, _ event: FaultEvent, since begun: Double) async -> Double {
        while true {
            try? await Task.sleep(for: .milliseconds(200))
            let now = Clock.now
            if now - begun > FaultEvent.longest { return now }
            guard now - begun > event.shortest else { continue }
            let isBack = crew.fresh.contains { writer in
                let times = writer.log.writes.suffix(400).compactMap(\.acknowledged).filter { $0 > now - 2 }
                guard let first = times.first, let last = times.last else { return false }
                return last - first > 1.5 && now - last < 0.5
            }
            if isBack { return now }
        }
    }

    private func mend(_ blow: Blow) async throws {
        switch blow.event {
        case .loseHost: try await lab.fault("back", blow.target)
        case .cutHost, .cutZooKeeper: try await lab.fault("heal", blow.target)
        case .killZooKeeperLeader, .loseQuorum:
            for host in lab.members {
                try await lab.shell(host, "systemctl reset-failed pgha-zookeeper@$1; systemctl start pgha-zookeeper@$1")
            }
        default: if let command = blow.event.mending { try await lab.shell(blow.target, command) }
        }
    }

    /// The host whose server leads the ensemble, which is then another one than `member`.
    private func zooKeeperLeader(awayFrom member: String) async throws -> String {
        for _ in 0..<5 {
            guard let host = try await lab.zooKeeperLeader() else { throw BenchFailure("no ZooKeeper leads") }
            guard host == member else { return host }
            try await lab.shell(member, "systemctl restart pgha-zookeeper@$1")
            try await Task.sleep(for: .seconds(5))
            _ = await lab.healthy(within: 60)
        }
        throw BenchFailure("ZooKeeper's leader stays on the leader's host")
    }

    private func judge(
        _ crew: Crew, _ trial: inout Trial, _ course: Course
    ) async throws {
        let fresh = Outage.longest(crew.fresh.map(\.log), from: course.begun, until: course.until)
        let kept = Outage.longest(crew.kept.map(\.log), from: course.begun, until: course.until)
        trial.outageFresh = fresh.seconds
        trial.outageKept = kept.seconds
        trial.outageBegan = course.faultAt - course.begun + (fresh.seconds > kept.seconds ? fresh : kept).began
        trial.cameBack = fresh.cameBack && kept.cameBack
        trial.refused = crew.fresh.map(\.refused).reduce(0, +)
        trial.dualMilliseconds = WritableSpans.overlap(crew.spans) * 1000
        if let thawed = course.thawed { trial.oldLeaderCommits = crew.commits.filter { $0 > thawed }.count }
        let present = try await present(crew.run)
        for writer in crew.fresh + crew.kept {
            let log = writer.log
            let rows = present[writer.number] ?? []
            trial.acknowledged += log.acknowledged.count
            trial.failed += log.writes.count - log.acknowledged.count
            trial.lost += log.lost(from: rows)
            trial.ghosts += log.ghosts(in: rows)
        }
    }

    /// What is there, by writer.
    private func present(_ run: String) async throws -> [Int: Set<Int>] {
        guard let (leader, _) = await lab.healthy(within: 120) else { throw BenchFailure("the cluster is not healthy") }
        let rows = try await LibPQConnector().query(
            "SELECT writer, sequence FROM failover_bench.writes WHERE run = '\(run)'", at: lab.target(of: leader),
            within: .seconds(60))
        return rows.reduce(into: [:]) { table, row in
            guard row.count == 2, let writer = row[0].flatMap({ Int($0) }), let sequence = row[1].flatMap({ Int($0) })
            else { return }
            table[writer, default: []].insert(sequence)
        }
    }
}
