import ClusterModel
import Foundation
import HostPorts
import SeededRandom
import Testing

@testable import SystemdClient

@Suite final class ExportedJournalTests {
    private let directory = FileManager.default.temporaryDirectory.appending(path: "pgha-\(UUID().uuidString)")

    init() throws { try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(at: directory) }

    private func file(_ name: String, _ bytes: [UInt8]) throws -> String {
        let path = directory.appending(path: name)
        try Data(bytes).write(to: path)
        return path.path
    }

    private static func entry(_ time: Int, _ fields: [String]) -> [UInt8] {
        Array(
            (["__CURSOR=s=1;i=\(time)", "__REALTIME_TIMESTAMP=\(time)"] + fields).joined(separator: "\n").utf8)
            + Array("\n\n".utf8)
    }

    private static func patroni(_ time: Int, _ message: String) -> [UInt8] {
        entry(
            time,
            [
                "_HOSTNAME=db1", "_BOOT_ID=\(String(repeating: "a", count: 32))",
                "_SYSTEMD_UNIT=pgha-patroni@pg1.service", "_COMM=patroni", "_PID=42", "PRIORITY=6",
                "MESSAGE=\(message)",
            ])
    }

    private func read(_ paths: [String], _ change: (inout LogQuery) -> Void = { _ in }) async throws -> RecordHeap {
        var query = LogQuery(origin: .files(paths), units: [])
        change(&query)
        let heap = RecordHeap()
        try await SystemdLogs().read(query, into: heap)
        return heap
    }

    @Test func `an exported journal is read as it was written`() async throws {
        let binary =
            Array("__REALTIME_TIMESTAMP=7\n_SYSTEMD_UNIT=pgha-haproxy@pg1.service\nMESSAGE\n".utf8)
            + [3, 0, 0, 0, 0, 0, 0, 0] + [0xFF, 0x0A, 0x41] + Array("\nPRIORITY=4\n\n".utf8)
        let path = try file("a.export", Self.patroni(5, "first") + binary)

        let records = try await read([path]).records

        #expect(records.map(\.time) == [5, 7])
        #expect(records[0].message == Array("first".utf8))
        #expect(records[0].host == "db1")
        #expect(records[0].program == "patroni")
        #expect(records[0].pid == 42)
        #expect(records[0].unit == UnitName("pgha-patroni@pg1.service"))
        #expect(records[1].message == [0xFF, 0x0A, 0x41])
        #expect(records[1].priority == 4)
    }

    @Test func `several files are merged by time, and the last lines are the last of all`() async throws {
        let one = try file("a", Self.patroni(1, "a") + Self.patroni(4, "b"))
        let two = try file("b", Self.patroni(2, "c") + Self.patroni(3, "d"))

        #expect(try await read([one, two]).records.map(\.time) == [1, 2, 3, 4])
        #expect(try await read([one, two]) { $0.lines = 2 }.records.map(\.time) == [3, 4])
        #expect(try await read([one, two]) { ($0.since, $0.until) = (2, 3) }.records.map(\.time) == [2, 3])
    }

    @Test func `units, groups of matches, boots and fields are looked for in the entries themselves`() async throws {
        let manager = Self.entry(
            2, ["_PID=1", "UNIT=pgha-patroni@pg1.service", "MESSAGE=Started.", "PGHA_EVENT=fence"])
        let claim = Self.entry(3, ["_PID=77", "UNIT=pgha-patroni@pg1.service", "MESSAGE=I am systemd."])
        let path = try file("a", Self.patroni(1, "a") + manager + claim)

        let own = try await read([path]) {
            $0.units = [UnitName("pgha-patroni@pg1.service")]
            $0.fields = ["PGHA_EVENT"]
        }
        #expect(own.records.map(\.time) == [1, 2])
        #expect(own.records[1].text("PGHA_EVENT") == "fence")
        #expect(
            try await read([path]) { $0.groups = [["_PID=77", "MESSAGE=I am systemd."]] }.records.map(\.time) == [3])
        let boot = String(repeating: "a", count: 32)
        #expect(try await read([path]) { $0.boot = .identifier(boot) }.records.map(\.time) == [1])
    }

    @Test func `what is cut off or damaged is left out, and said`() async throws {
        let whole = Self.patroni(1, "a")
        let cut = try file("cut", whole + Self.patroni(2, "b").dropLast(20))
        let broken = try file("broken", whole + Array("not a field\nMESSAGE=x\n\n".utf8) + Self.patroni(3, "c"))

        let first = try await read([cut])
        #expect(first.records.map(\.time) == [1])
        #expect(first.complaints.map(\.code) == [.invalidData])
        let second = try await read([broken])
        #expect(second.records.map(\.time) == [1, 3])
        #expect(second.complaints.count == 1)
    }

    @Test func `a size beyond all reason takes no memory`() async throws {
        let path = try file(
            "huge",
            Self.patroni(1, "a") + Array("MESSAGE\n".utf8) + [UInt8](repeating: 0xFF, count: 8) + Array("x\n\n".utf8))

        #expect(try await read([path]).records.map(\.time) == [1])
    }

    @Test func `what is no journal is refused with its name`() async throws {
        let text = try file("text", Array("hello\n".utf8))
        let empty = try file("empty", [])
        let half = try file("half.journal", Array("LPKSHHRH".utf8) + [UInt8](repeating: 0, count: 100))
        #expect(try await read([empty]).records.isEmpty)
        for path in [text, half] {
            let failure = await #expect(throws: NodeFailure.self) { try await read([path]) }
            #expect(failure?.code == .invalidData)
            #expect(failure?.message.contains(path) == true)
        }
        let missing = await #expect(throws: NodeFailure.self) { try await read(["/nowhere/at/all"]) }
        #expect(missing?.code == .notFound)
        let bare = directory.appending(path: "bare")
        try FileManager.default.createDirectory(at: bare, withIntermediateDirectories: true)
        let none = await #expect(throws: NodeFailure.self) { try await read([bare.path]) }
        #expect(none?.code == .notFound)
    }

    @Test func `damaged exports are read to their end, whatever is in them`() async throws {
        var random = SplitMix(state: 4711)
        let good = (1...20).flatMap { Self.patroni($0, "message \($0)") }
        for round in 0..<300 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                let at = Int.random(in: 40..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: at)
                default: bytes.removeLast(Int.random(in: 0..<(bytes.count - 40), using: &random))
                }
                if bytes.count < 60 { break }
            }
            let path = try file("fuzz-\(round)", bytes)
            _ = try await read([path])
        }
    }
}
