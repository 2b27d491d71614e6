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
        try await verb.run(on: fake.machine, zone: .universal) { bytes in
            output.add(String(decoding: bytes, as: UTF8.self))
            return true
        }
        return output.all.joined()
    }

    private func add(
        _ message: [UInt8], unit: String = ObservationFixture.patroni, time: UInt64 = 1_795_620_645_500_001
    ) {
        fake.logs.add(
            LogRecord(
                time: time, unit: UnitName(unit), identifier: "patroni", pid: 246, priority: 6, message: message))
    }

    @Test func `prints a line with the time, the service and the process`() async throws {
        add(Array("INFO: no action".utf8))

        #expect(try await logs() == "Nov 25 15:30:45.500001 pg1/patroni patroni[246]: INFO: no action\n")
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
        #expect(
            fake.logs.queries[2] == LogQuery(units: [UnitName(ObservationFixture.haproxy)], lines: 10, follows: true))
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
}
