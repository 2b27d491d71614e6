import ArgumentParser
import ClusterModel
import Decisions
import Foundation
import GoldenFiles
import HostFakes
import HostPorts
import SystemdClient
import Testing

@testable import NodeCommands

/// Journals of three hosts, recorded from real faults of Tests/bench failover; what is written there without news was left out.
@Suite struct TimelineTests {
    private static let directory = URL(filePath: #filePath).deletingLastPathComponent().appending(
        path: "Golden/journals")
    private static let faults = [
        "cut-zookeeper", "freeze", "kill-patroni", "kill-postmaster", "kill-unit", "kill-zookeeper-leader", "lose-host",
        "lose-quorum", "stop", "stop-patroni", "stop-postgres", "switchover", "thaw",
    ]

    private func timeline(_ fault: String, _ words: String...) async throws -> String {
        let fake = FakeMachine()
        var machine = fake.machine
        machine.observation.logs = SystemdLogs()
        let journals = ["pg1", "pg2", "pg3"].map { Self.directory.appending(path: "\(fault)/\($0).export").path }
        let verb = try #require(
            try PghaNodeCommand.parseAsRoot(["timeline"] + words + ["--journal"] + journals) as? Timeline)
        var text = ""
        try await verb.run(on: machine, peers: FakeAgentWorld(), zone: .universal) { text += $0 }
        return text
    }

    @Test(arguments: faults) func `each fault is told as it was reviewed`(_ fault: String) async throws {
        let text = try await timeline(fault)
        try Golden.expect(text + "\n", named: "journals/\(fault).txt")
    }

    private struct Measured: Decodable {
        var outage: Double
        var leader: String
    }

    private struct Told: Decodable {
        struct Incident: Decodable {
            struct Outage: Decodable {
                var from: UInt64
                var until: UInt64?
            }
            var leaderBefore: String?
            var cause: String
            var outage: Outage?
        }
        var incidents: [Incident]
    }

    @Test(arguments: faults) func `the cause is named, and the outage is what clients measured`(_ fault: String)
        async throws
    {
        let causes = [
            "cut-zookeeper": "zookeeper-cut-off", "freeze": "freeze", "kill-patroni": "patroni-died",
            "kill-postmaster": "postmaster-died", "kill-unit": "kill", "kill-zookeeper-leader": "zookeeper-server-lost",
            "lose-host": "host-lost", "lose-quorum": "zookeeper-quorum-lost", "stop": "systemd-stop",
            "stop-patroni": "patroni-hung", "stop-postgres": "postgres-hung", "switchover": "switchover",
            "thaw": "freeze",
        ]
        let measured = try JSONDecoder().decode(
            [String: Measured].self, from: Data(contentsOf: Self.directory.appending(path: "measured.json")))
        let told = try JSONDecoder().decode(
            Told.self, from: Data(try await timeline(fault, "--output", "json").utf8))
        let incident = try #require(told.incidents.first)
        let expected = try #require(measured[fault])
        #expect(incident.cause == causes[fault])
        guard let outage = incident.outage, let until = outage.until else {
            // What clients measure when nothing happens.
            #expect(expected.outage < 0.15)
            return
        }
        #expect(incident.leaderBefore == expected.leader || incident.leaderBefore == nil)
        // A HAProxy whose check fails because Patroni hangs is seen on each host at another time.
        guard fault != "stop-patroni" else { return }
        // Of these 0.01 to 0.09 s, and 0.11 s once: the last write before and the first one after lie some hundredths apart.
        #expect(abs(Double(until - outage.from) / 1_000_000 - expected.outage) < 0.12)
    }

    @Test func `the drawing is well-formed, and lets no text of others into its markup`() async throws {
        let text = try await timeline("freeze", "--output", "svg")
        let parser = XMLCheck(text)
        #expect(parser.isWellFormed)
        #expect(text.contains("no writes: "))
        #expect(Markup.escape("<a href=\"x\">&\u{1B}") == "&lt;a href=&quot;x&quot;&gt;&amp;\\x1B")
    }

    @Test func `a page has a section for each incident`() async throws {
        let text = try await timeline("thaw", "--output", "html")
        #expect(text.contains("<h1>1 incident</h1>"))
        #expect(text.components(separatedBy: "<section>").count == 2)
    }
}

/// Whether each tag is closed in its order; enough for what we write.
private struct XMLCheck {
    let isWellFormed: Bool

    init(_ text: String) {
        var open: [Substring] = []
        var rest = Substring(text)
        while let start = rest.firstIndex(of: "<"), let end = rest[start...].firstIndex(of: ">") {
            let tag = rest[rest.index(after: start)..<end]
            rest = rest[rest.index(after: end)...]
            if tag.hasSuffix("/") { continue }
            let name = tag.prefix { $0 != " " && $0 != "\n" }
            if name.hasPrefix("/") {
                guard open.popLast() == name.dropFirst() else {
                    isWellFormed = false
                    return
                }
            } else {
                open.append(name)
            }
        }
        isWellFormed = open.isEmpty && !rest.contains("<")
    }
}
