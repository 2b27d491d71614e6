import Foundation
import HostPorts
import Testing

extension ClusterTests {
    /// The compose project and a host with the same cluster.yml.
    @Suite(
        .serialized, .hosts("one", settings: EqualityScenario.settings), .compose(settings: EqualityScenario.settings))
    struct Equality {
        @Test func `each step of the scenario does the same to the compose project and to a host`() async throws {
            // The compose project has no agent, whose failover is another one, and quicker.
            try await Hosts.output("solo", "systemctl", "stop", "pgha-agent")
            async let compose = play(on: ComposeBackend())
            async let hosts = play(on: HostBackend())
            let table = try await EqualityTable(compose: compose, hosts: hosts)
            print(table.text)
            for (one, other) in zip(table.compose, table.hosts) {
                #expect(one.result == other.result, "\(one.step.rawValue): \(one.result.text) / \(other.result.text)")
                #expect(one.result.write == "works" && one.result.rows == "kept", "\(one.step.rawValue)")
            }
            // Both could be wrong in the same way.
            let replaced = table.compose.filter { $0.result.leader == "another" }.map(\.step)
            #expect(replaced == [.stopLeader, .freezeLeader])
            let expected = [
                "closed", "alive", "closed", "alive", "closed", "closed", "closed", "closed",
            ]
            #expect(table.compose.dropFirst().map(\.result.session) == expected)
        }

        @Test func `the commands that people know do on the compose project what they know of them`() async throws {
            try await ComposeCommands.type("docker compose up -d")
            _ = try await ComposeBackend().settled(after: .start)
            for (line, expected) in ComposeCommands.harmless {
                let output = try await ComposeCommands.type(line)
                for text in expected { #expect(output.contains(text), "\(line): no \(text) in \(output)") }
            }
            // It follows until somebody ends it.
            let followed = try await ComposeCommands.type(
                "timeout 7 docker logs -f --tail 1 pg_cluster-pg1-1", status: 124)
            #expect(followed.split(separator: "\n").count > 1, "\(followed)")
            try await ComposeCommands.type("docker compose restart pg1")
            _ = try await ComposeBackend().settled(after: .start)
        }

        @Test func `Docker shows no password in inspect, logs, processes, environment, layers or history`() async throws
        {
            try await ComposeCommands.type("docker compose up -d")
            _ = try await ComposeBackend().settled(after: .start)
            #expect(try await ComposeCommands.type(ComposeCommands.leaks) == "looked for 5 secrets\n")
        }

        @Test func `docker system prune -a leaves a running cluster and its volumes alone`() async throws {
            try await ComposeCommands.type("docker compose up -d")
            let before = try await ComposeBackend().settled(after: .start)
            try await ComposeCommands.type("docker system prune -a -f")
            let after = try await ComposeBackend().settled(after: .start)
            #expect(after.leader == before.leader && after.rows > before.rows)
            try await ComposeCommands.type("docker compose down")
            #expect(try await ComposeCommands.type("docker volume ls -q").split(separator: "\n").count == 4)
        }

        private typealias Played = (step: EqualityStep, result: EqualityResult, time: Duration)

        private func play(on backend: some EqualityBackend) async throws -> [Played] {
            var played: [Played] = []
            var before: ClusterView?
            var member = ""
            for step in EqualityStep.allCases {
                if before != nil { try await backend.openSession() }
                if step != .startIt, step != .thawIt { member = before?.leader ?? "" }
                let begin = ContinuousClock.now
                try await backend.perform(step, on: member)
                let after = try await backend.settled(after: step)
                let time = ContinuousClock.now - begin
                let session = before == nil ? "-" : try await backend.closeSession()
                played.append((step, EqualityResult(step, from: before, to: after, session: session), time))
                before = after
            }
            return played
        }
    }
}

/// Brings the engine of the compose project up, and takes it and the containers down after the last test.
struct ComposeTrait: SuiteTrait, TestScoping {
    var settings: String

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        let extra = FileManager.default.temporaryDirectory.appending(path: "pgha-test-\(UUID().uuidString).yml")
        defer { try? FileManager.default.removeItem(at: extra) }
        try Data(settings.utf8).write(to: extra)
        let begin = ContinuousClock.now
        try await Hosts.require(
            "compose/engine", "up", "--config", extra.path(percentEncoded: false), within: .seconds(2400))
        print("the engine was up after \(ContinuousClock.now - begin)")
        do {
            try await function()
        } catch {
            try await Hosts.require("compose/engine", "down")
            throw error
        }
        try await Hosts.require("compose/engine", "down")
    }
}

extension Trait where Self == ComposeTrait {
    static func compose(settings: String) -> ComposeTrait { ComposeTrait(settings: settings) }
}
