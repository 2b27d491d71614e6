import ArgumentParser
import ClusterModel
import Decisions
import Foundation
import HostFakes
import HostPorts
import Testing

@testable import NodeCommands

@Suite struct LogsTests {
    private let fixture = ObservationFixture()
    private var fake: FakeMachine { fixture.fake }

    private func logs(_ words: String...) async throws -> String {
        let output = Messages()
        let verb = try #require(try PghaNodeCommand.parseAsRoot(["logs"] + words) as? Logs)
        try await verb.run(on: fake.machine, peers: FakeAgentWorld(), zone: .universal) { bytes in
            output.add(String(decoding: bytes, as: UTF8.self))
            return true
        }
        return output.all.joined()
    }

    private func add(
        _ message: [UInt8], unit: String = ObservationFixture.patroni, time: UInt64 = 1_795_620_645_500_001,
        program: String? = nil
    ) {
        var record = LogRecord(
            time: time, unit: UnitName(unit), identifier: "patroni", pid: 246, priority: 6, message: message)
        record.program = program
        fake.logs.add(record)
    }

    private func add(_ message: String, program: String? = nil) { add(Array(message.utf8), program: program) }

    @Test func `prints a line with the time, the service and the process`() async throws {
        add("INFO: acquired session lock as a leader")

        #expect(
            try await logs()
                == "Nov 25 15:30:45.500001 pg1/patroni patroni[246]: INFO: acquired session lock as a leader\n")
    }

    @Test func `names the agent, which is of no role, by its service`() async throws {
        add(Array("ready".utf8), unit: UnitName.agent.text)

        #expect(try await logs("agent") == "Nov 25 15:30:45.500001 agent patroni[246]: ready\n")
    }

    @Test func `puts further lines of a message below the first, and lets nothing steer the terminal`() async throws {
        add(Array("one\n\u{1B}[2Jtwo".utf8) + [0xFF])

        let lines = try await logs().split(separator: "\n")

        let head = "Nov 25 15:30:45.500001 pg1/patroni patroni[246]: "
        #expect(
            lines.map(String.init) == [head + "one", String(repeating: " ", count: head.count) + "\\x1B[2Jtwo\u{FFFD}"])
    }

    @Test func `prints a JSON object a line`() async throws {
        add(Array("a\n\u{9B}b".utf8))
        add([0xFF, 0xFE], unit: ObservationFixture.haproxy)

        let lines = try await logs("--output", "json").split(separator: "\n")

        #expect(lines.count == 2)
        #expect(!lines[0].unicodeScalars.contains("\u{9B}"))
        let first = try #require(try JSONSerialization.jsonObject(with: Data(lines[0].utf8)) as? [String: Any])
        #expect(first["time"] as? UInt64 == 1_795_620_645_500_001)
        #expect(first["iso"] as? String == "2026-11-25T15:30:45.500001Z")
        #expect(first["role"] as? String == "pg1")
        #expect(first["service"] as? String == "patroni")
        #expect(first["pid"] as? Int == 246)
        #expect(first["speaker"] as? String == "patroni")
        #expect(first["priority"] as? Int == 6)
        #expect(first["message"] as? String == "a\n\u{9B}b")
    }

    @Test func `asks for all services, or those that are named, from the wanted time on`() async throws {
        fake.system.set(now: 1_795_620_645)
        _ = try await logs()
        _ = try await logs("-n", "5", "--since", "-10min", "pg1")
        _ = try await logs("-f", "haproxy")

        #expect(fake.logs.queries.map(\.units.count) == [4, 1, 1])
        #expect(fake.logs.queries[1].lines == 5)
        #expect(fake.logs.queries[1].since == 1_795_620_045_000_000)
        #expect(fake.logs.queries[2].units == [UnitName(ObservationFixture.haproxy)])
        #expect(fake.logs.queries[2].lines == 10)
        #expect(fake.logs.queries[2].follows)
    }

    @Test func `refuses a bad name, a bad time and a user who may not read the journal`() async throws {
        let name = await #expect(throws: NodeFailure.self) { try await logs("haprxy") }
        #expect(name?.hint?.contains("Did you mean \"haproxy\"?") == true)
        let time = await #expect(throws: NodeFailure.self) { try await logs("--since", "bananas") }
        #expect(time?.code == .usage)
        fake.logs.fail(with: NodeFailure(.notPermitted, "this user may not read the journal of this host"))
        let permission = await #expect(throws: NodeFailure.self) { try await logs() }
        #expect(permission?.code.exitStatus == 77)
    }

    @Test func `names the process that spoke, for PostgreSQL speaks through Patroni's unit`() async throws {
        add("2026-11-25 15:30:45.499 UTC [300] LOG:  listening on port 5433", program: "postgres")

        #expect(try await logs().hasPrefix("Nov 25 15:30:45.500001 pg1/patroni postgres[246]: 2026-"))
    }

    @Test func `leaves out what only repeats itself, and counts it`() async throws {
        for _ in 0..<3 { add("INFO: no action. I am (pg1), the leader with the lock", program: "patroni") }
        add("INFO: demoted self", program: "patroni")
        add("INFO: Lock owner: pg2; I am pg1", program: "patroni")

        let text = try await logs()

        #expect(
            text.split(separator: "\n").map { $0.split(separator: " ").first } == ["--", "Nov", "--"])
        #expect(text.contains("-- 3 entries of pg1/patroni without news; --all shows them --"))
        #expect(text.contains("-- 1 entry of"))
        #expect(try await logs("--all").split(separator: "\n").count == 5)
        #expect(try await logs("--output", "json").split(separator: "\n").count == 5)
    }

    @Test func `the last lines are the last ones with news`() async throws {
        add("INFO: demoted self", program: "patroni")
        for _ in 0..<3 { add("INFO: no action. I am (pg1), a secondary", program: "patroni") }

        #expect(try await logs("-n", "1").contains("demoted self"))
        #expect(try await logs("-n", "1", "--all").contains("no action"))
    }

    @Test(arguments: [
        (["--priority", "warning"], ["FATAL", "WARNING"]), (["--priority", "warning..warning"], ["WARNING"]),
        (["--priority", "3"], ["FATAL"]), (["--component", "patroni"], ["WARNING", "INFO"]),
        (["--component", "postgres", "--priority", "err"], ["FATAL"]), (["--grep", "lost"], ["WARNING"]),
        (["--until", "@1795620645"], []),
    ])
    func `shows only what is asked for, with the weight that the text tells`(
        _ words: [String], _ expected: [String]
    ) async throws {
        add("2026-11-25 15:30:45.499 UTC [300] FATAL:  no way", program: "postgres")
        add("WARNING: lost something", program: "patroni")
        add("INFO: promoted self to leader", program: "patroni")
        let output = Messages()
        let verb = try #require(try PghaNodeCommand.parseAsRoot(["logs"] + words) as? Logs)

        try await verb.run(on: fake.machine, peers: FakeAgentWorld(), zone: .universal) { bytes in
            output.add(String(decoding: bytes, as: UTF8.self))
            return true
        }

        let lines = output.all.joined().split(separator: "\n")
        #expect(lines.count == expected.count)
        for (line, word) in zip(lines, expected) { #expect(line.contains(word)) }
    }

    @Test func `colours are for terminals`() async throws {
        add("2026-11-25 15:30:45.499 UTC [300] FATAL:  no way", program: "postgres")
        let output = Messages()
        let verb = try #require(try PghaNodeCommand.parseAsRoot(["logs"]) as? Logs)

        try await verb.run(on: fake.machine, peers: FakeAgentWorld(), zone: .universal, isForTerminal: true) { bytes in
            output.add(String(decoding: bytes, as: UTF8.self))
            return true
        }

        #expect(output.all.joined().contains("\u{1B}[1;31m2026"))
        #expect(try await !logs().contains("\u{1B}"))
    }

    @Test(arguments: [
        ["--since", "today", "--until", "yesterday"], ["--priority", "loud"], ["--priority", "1..2..3"],
        ["--boot", "first"], ["--grep", "("],
    ])
    func `refuses what is no time range, priority, boot or pattern`(_ words: [String]) async throws {
        fake.system.set(now: 1_795_620_645)
        let verb = try #require(try PghaNodeCommand.parseAsRoot(["logs"] + words) as? Logs)
        var refusal: NodeFailure?
        do throws(NodeFailure) { try await verb.run(on: fake.machine, peers: FakeAgentWorld(), zone: .universal) } catch
        { refusal = error }
        #expect(refusal?.code == .usage)
    }

    @Test func `reads other journals without a cluster.yml, and says whose they are`() async throws {
        _ = try fake.files.remove("/etc/pgha/cluster.yml")
        var other = LogRecord(
            time: 1, unit: UnitName("pgha-haproxy@pg2.service"), identifier: "haproxy", message: Array("up".utf8))
        other.host = "db2"
        fake.logs.add(other)
        fake.logs.add(LogRecord(time: 2, unit: UnitName("ssh.service"), identifier: "sshd", message: Array("hi".utf8)))

        let text = try await logs("--journal", "/srv/incident")

        #expect(text == "Jan 01 00:00:00.000001 db2 pg2/haproxy haproxy: up\n")
        #expect(fake.logs.queries.last?.origin == .files(["/srv/incident"]))
    }
}
