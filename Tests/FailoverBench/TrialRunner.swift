import BenchStatistics
import ClusterModel
import Decisions
import Foundation
import HostPorts
import PostgresClient

/// One fault after the other on hosts that are up.
struct TrialRunner {
    let lab: Lab
    let profile: String
    let agents: AgentFault
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

    func trial(_ event: FaultEvent, phase: Double) async throws -> Trial {
        // Else what it breaks hits a cluster that the trial before has left short of a server.
        guard try await lab.isEnsembleWhole(within: 180) else { throw BenchFailure("a server of ZooKeeper is missing") }
        guard let (leader, _) = await lab.healthy(within: 180) else { throw BenchFailure("the cluster is not healthy") }
        // Looked for now: it takes longer than what is measured.
        let target = event == .killZooKeeperLeader ? try await zooKeeperLeader(awayFrom: leader) : leader
        var trial = Trial(
            event: event.rawValue, profile: profile + (agents == .running ? "" : ", agents \(agents.rawValue)"),
            startedAt: Clock.now - blockStart, leaderBefore: leader)
        let run = "\(event.rawValue)-\(UUID().uuidString)"
        let crew = Crew(lab: lab, run: run, leader: leader, hasOpenSessions: event == .thaw)
        crew.start()
        try await Task.sleep(for: .milliseconds(Int(1500 + phase * 1000)))
        try await allAgents(agents.command)
        let begun = Clock.now
        trial.faultAt = Date().timeIntervalSince1970
        let thawed = try await inject(event, target)
        let until = await observe(crew, event, since: begun)
        try await mend(event, leader)
        try await allAgents(agents.mending)
        if event == .thaw { try await Task.sleep(for: .seconds(3)) }
        let health = await lab.healthy(within: 120)
        trial.recovery = health?.seconds
        trial.leaderAfter = health?.leader
        crew.stop()
        try await judge(crew, &trial, begun, until, thawed)
        return trial
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
    private func inject(_ event: FaultEvent, _ target: String) async throws -> Double? {
        switch event {
        case .loseHost: try await lab.fault("lose", target)
        case .cutZooKeeper: try await lab.fault("cut-zookeeper", target)
        case .killZooKeeperLeader: try await lab.shell(target, "systemctl kill -s KILL pgha-zookeeper@$1")
        case .loseQuorum:
            for host in lab.members where host != target {
                try await lab.shell(host, "systemctl stop pgha-zookeeper@$1")
            }
        default: try await lab.shell(target, event.command ?? "false")
        }
        guard event == .thaw else { return nil }
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

    private func mend(_ event: FaultEvent, _ leader: String) async throws {
        switch event {
        case .loseHost: try await lab.fault("back", leader)
        case .cutZooKeeper: try await lab.fault("heal", leader)
        case .killZooKeeperLeader, .loseQuorum:
            for host in lab.members {
                try await lab.shell(host, "systemctl reset-failed pgha-zookeeper@$1; systemctl start pgha-zookeeper@$1")
            }
        default: if let command = event.mending { try await lab.shell(leader, command) }
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
        _ crew: Crew, _ trial: inout Trial, _ begun: Double, _ until: Double, _ thawed: Double?
    ) async throws {
        let fresh = Outage.longest(crew.fresh.map(\.log), from: begun, until: until)
        let kept = Outage.longest(crew.kept.map(\.log), from: begun, until: until)
        trial.outageFresh = fresh.seconds
        trial.outageKept = kept.seconds
        trial.cameBack = fresh.cameBack && kept.cameBack
        trial.refused = crew.fresh.map(\.refused).reduce(0, +)
        trial.dualMilliseconds = WritableSpans.overlap(crew.spans) * 1000
        if let thawed { trial.oldLeaderCommits = crew.commits.filter { $0 > thawed }.count }
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

/// All threads of a trial.
final class Crew {
    let run: String
    let fresh: [Writer]
    let kept: [Writer]
    private let watchers: [Watcher]
    private let sessions: [OpenSession]
    private(set) var spans: [WritableSpans] = []
    private(set) var commits: [Double] = []

    init(lab: Lab, run: String, leader: String, hasOpenSessions: Bool) {
        self.run = run
        let entries = lab.members.filter { $0 != leader }.map { lab.entryPoint(on: $0) }
        fresh = entries.enumerated().map {
            Writer(number: $0.offset, run: run, keepsConnection: false, target: $0.element)
        }
        kept = entries.enumerated().map {
            Writer(number: 10 + $0.offset, run: run, keepsConnection: true, target: $0.element)
        }
        watchers = lab.members.map { Watcher(target: lab.target(of: $0)) }
        sessions = hasOpenSessions ? (0..<8).map { _ in OpenSession(target: lab.target(of: leader)) } : []
    }

    func start() {
        for writer in fresh + kept { writer.start() }
        for watcher in watchers { watcher.start() }
        for session in sessions { session.start() }
    }

    func stop() {
        for writer in fresh + kept { _ = writer.stop() }
        spans = watchers.map { $0.stop() }
        commits = sessions.flatMap { $0.stop() }
    }
}
