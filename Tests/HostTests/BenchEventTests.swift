import BenchStatistics
import Foundation
import HostPorts
import LinuxHost
import Testing

/// Events of `Tests/bench failover` by its own program, those that no other test has, and faults whose agents are killed or
/// frozen with them. How long clients wait is not judged here.
private struct BenchRow: Sendable, CustomTestStringConvertible {
    var agents: String
    var events: [String]
    /// Who led leads on.
    var keepsLeader = false

    var testDescription: String { "\(events.joined(separator: ", ")), agents \(agents)" }

    func check() async throws {
        try await ClusterProbe.healthy()
        let trials = try await trials()
        #expect(trials.map(\.event).sorted() == events.sorted())
        for trial in trials {
            #expect(trial.acknowledged > 0, "\(trial)")
            #expect(trial.lost == 0 && trial.dualMilliseconds == 0 && trial.cameBack, "\(trial)")
            #expect(trial.recovery.map { $0 < 60 } == true, "\(trial)")
            #expect(!keepsLeader || trial.leaderAfter == trial.leaderBefore, "\(trial)")
        }
        try await ClusterProbe.healthy()
        for host in Machines.three {
            _ = try await eventually("the agent of \(host)") { () -> Bool? in
                try await Hosts.page("ready", of: host).contains("200 OK") ? true : nil
            }
        }
    }

    private func trials() async throws -> [Trial] {
        let file = FileManager.default.temporaryDirectory.appending(path: "pgha-trials-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        let path = file.path(percentEncoded: false)
        let program = "\(Hosts.repository).build/debug/failover-bench"
        let arguments =
            [
                "--", program, "run", "--repository", Hosts.repository, "--profile", "standard", "--seed", "1",
                "--trials", path, "--agents", agents,
            ] + events.flatMap { ["--event", $0] }
        let result = try await Hosts.script("net", arguments)
        try #require(result.status == 0, "\(result.errors)")
        let lines = try #require(try? String(contentsOf: file, encoding: .utf8), "no trial: \(result.errors)")
        return try lines.split(separator: "\n").map { try JSONDecoder().decode(Trial.self, from: Data($0.utf8)) }
    }
}

extension HostTests {
    @Suite(.serialized, .hosts(settings: HostsTrait.lookedAtByTheBench))
    struct BenchEvents {
        @Test(arguments: [
            BenchRow(
                agents: "running", events: ["stop-patroni", "lose-quorum", "kill-zookeeper-leader"], keepsLeader: true),
            BenchRow(agents: "killed", events: ["switchover", "stop", "kill-postmaster", "kill-unit", "freeze"]),
        ])
        fileprivate func `nothing is lost, one member takes writes, and the cluster is whole within a minute`(
            row: BenchRow
        ) async throws {
            try await row.check()
        }
    }
}

extension ClusterTests.ThreeHosts {
    /// As slow as Patroni and HAProxy alone, and no worse.
    @Suite(.serialized)
    struct BenchEventsWithoutAgents {
        @Test(arguments: [
            BenchRow(agents: "frozen", events: ["switchover", "kill-postmaster", "freeze", "stop-postgres"]),
            BenchRow(agents: "stopped", events: ["kill-postmaster"]),
        ])
        fileprivate func `nothing is lost, one member takes writes, and the cluster is whole within a minute`(
            row: BenchRow
        ) async throws {
            try await row.check()
        }
    }
}
