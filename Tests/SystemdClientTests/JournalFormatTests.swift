import ClusterModel
import Foundation
import HostPorts
import Testing

@testable import SystemdClient

/// Journal files as systemd of other versions writes them (systemd, JOURNAL_FILE_FORMAT.md), made by its own writer.
///
/// Hash tables are keyed since 246, offsets may be compact since 252 (environment of the writer: ENVIRONMENT.md of systemd,
/// SYSTEMD_JOURNAL_…). By what it compresses cannot be chosen before 254: see OldCompression.
@Suite(
    .enabled(if: JournalWriter.isThere, "needs systemd-journal-remote; Tests/run as root installs it"))
struct JournalFormatTests {
    struct Format: Sendable, CustomTestStringConvertible {
        var versions: String
        var isCompact: Bool
        var isKeyed: Bool
        var testDescription: String { versions }
    }

    static let formats = [
        Format(versions: "to 245", isCompact: false, isKeyed: false),
        Format(versions: "246 to 251", isCompact: false, isKeyed: true),
        Format(versions: "252 and later", isCompact: true, isKeyed: true),
    ]

    /// Enough that data are compressed (from 512 bytes on), and fields of all kinds.
    private static let messages: [[UInt8]] =
        (0..<200).map { Array("line \($0): LOG:  checkpoint complete".utf8) }
        + [
            Array(String(repeating: "INSERT INTO t VALUES (1), ", count: 2500).utf8), [0xFF, 0xFE, 0x0A, 0x41],
            Array("\u{1B}[31mred".utf8), Array("last".utf8),
        ]

    @Test(arguments: formats)
    func `what another version has written is read to the last byte`(format: Format) async throws {
        let writer = try JournalWriter()
        defer { writer.remove() }
        let path = try writer.write(Self.messages, as: format)
        let flags = try writer.flags(of: path)
        #expect(
            flags.contains("COMPACT") == format.isCompact && flags.contains("KEYED-HASH") == format.isKeyed, "\(flags)")

        let heap = RecordHeap()
        try await SystemdLogs().read(LogQuery(origin: .files([path]), units: []), into: heap)

        #expect(heap.complaints == [])
        #expect(heap.records.map(\.message) == Self.messages)
        #expect(heap.records.map(\.time) == (0..<Self.messages.count).map { JournalWriter.start + UInt64($0) * 1000 })
        #expect(Set(heap.records.map(\.unit)) == [UnitName("pgha-patroni@pg1.service")])

        let late = RecordHeap()
        var query = LogQuery(origin: .files([path]), units: [UnitName("pgha-patroni@pg1.service")])
        query.since = JournalWriter.start + 150_000
        query.lines = 30
        try await SystemdLogs().read(query, into: late)
        #expect(late.records.map(\.message) == Self.messages.suffix(30))
    }

    @Test(arguments: OldCompression.allCases)
    func `what was compressed in another way is read to the last byte`(compression: OldCompression) async throws {
        let writer = try JournalWriter()
        defer { writer.remove() }
        let path = try writer.write(Self.messages, as: Self.formats[0], isCompressed: false)
        #expect(try compression.rewrite(path) == 1)
        let flags = try writer.flags(of: path)
        #expect(flags.contains(compression.flag) && !flags.contains("COMPRESSED-ZSTD"), "\(flags)")

        let heap = RecordHeap()
        try await SystemdLogs().read(LogQuery(origin: .files([path]), units: []), into: heap)
        #expect(heap.complaints == [])
        #expect(heap.records.map(\.message) == Self.messages)
    }

    @Test(arguments: [-3_600_000_000, 3_600_000_000])
    func `a clock that jumps in between, and back, loses nothing and repeats nothing`(jump: Int64) async throws {
        let writer = try JournalWriter()
        defer { writer.remove() }
        let time: (Int) -> UInt64 = { number in
            let straight = JournalWriter.start + UInt64(number) * 1000
            return (50..<100).contains(number) ? UInt64(Int64(straight) + jump) : straight
        }
        let path = try writer.write(Self.messages, as: Self.formats[2], at: time)
        let heap = RecordHeap()
        try await SystemdLogs().read(LogQuery(origin: .files([path]), units: []), into: heap)
        #expect(heap.records.map(\.message) == Self.messages)
        #expect(heap.records.map(\.time) == (0..<Self.messages.count).map(time))

        var query = LogQuery(origin: .files([path]), units: [])
        query.lines = 120
        let last = RecordHeap()
        try await SystemdLogs().read(query, into: last)
        #expect(last.records.map(\.message) == Self.messages.suffix(120))

        query = LogQuery(origin: .files([path]), units: [UnitName("pgha-patroni@pg1.service")])
        query.hasCursors = true
        let placed = RecordHeap()
        try await SystemdLogs().read(query, into: placed)
        for known in [1, 49, 50, 75, 100, 203, 204] {
            query.after = placed.records[known - 1].cursor
            let rest = RecordHeap()
            try await SystemdLogs().read(query, into: rest)
            #expect(rest.records.map(\.message) == Self.messages.suffix(204 - known), "behind \(known)")
        }
    }

    @Test func `where the entry of a cursor is gone, nothing that is left behind it is missing`() async throws {
        let writer = try JournalWriter()
        defer { writer.remove() }
        let path = try writer.write(Self.messages, as: Self.formats[2])
        var query = LogQuery(origin: .files([path]), units: [UnitName("pgha-patroni@pg1.service")])
        query.hasCursors = true
        let all = RecordHeap()
        try await SystemdLogs().read(query, into: all)
        // Of a journal that was there before this one: nothing but the time is left to go by.
        let cursor = try #require(all.records[99].cursor).replacing(
            /s=[0-9a-f]+/, with: "s=\(String(repeating: "1", count: 32))")
        query.after = cursor.replacing(/x=[0-9a-f]+/, with: "x=1")
        let rest = RecordHeap()
        try await SystemdLogs().read(query, into: rest)
        #expect(rest.records.map(\.message).suffix(104) == Self.messages.suffix(104))
        #expect(rest.records.count <= 105)
    }

    @Test func `files of several versions are one journal`() async throws {
        let writer = try JournalWriter()
        defer { writer.remove() }
        let paths = try Self.formats.map { try writer.write(Self.messages, as: $0) }
        let heap = RecordHeap()
        try await SystemdLogs().read(LogQuery(origin: .files(paths), units: []), into: heap)
        #expect(heap.records.count == Self.messages.count * paths.count)
        #expect(heap.records.map(\.time) == heap.records.map(\.time).sorted())
    }
}

/// systemd-journal-remote(8), which makes a journal file of what `journalctl -o export` would write.
final class JournalWriter {
    static let program = "/lib/systemd/systemd-journal-remote"
    static var isThere: Bool { FileManager.default.isExecutableFile(atPath: program) }
    /// Microseconds since 1970 of the first entry; one comes each millisecond.
    static let start: UInt64 = 1_795_000_000_000_000

    private let directory = FileManager.default.temporaryDirectory.appending(path: "pgha-\(UUID().uuidString)")
    private var count = 0

    init() throws { try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true) }

    func remove() { try? FileManager.default.removeItem(at: directory) }

    /// Returns the path of the file.
    func write(
        _ messages: [[UInt8]], as format: JournalFormatTests.Format, isCompressed: Bool = true,
        at time: (Int) -> UInt64 = { JournalWriter.start + UInt64($0) * 1000 }
    ) throws -> String {
        count += 1
        let path = directory.appending(path: "\(count).journal").path
        let process = Process()
        process.executableURL = URL(filePath: Self.program)
        process.arguments = ["--output=\(path)", "--compress=\(isCompressed)", "-"]
        process.environment = [
            "SYSTEMD_JOURNAL_COMPACT": format.isCompact ? "1" : "0",
            "SYSTEMD_JOURNAL_KEYED_HASH": format.isKeyed ? "1" : "0",
        ]
        let (input, errors) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardError = errors
        try process.run()
        try input.fileHandleForWriting.write(
            contentsOf: Data(messages.enumerated().flatMap { Self.entry($0, $1, time($0)) }))
        try input.fileHandleForWriting.close()
        let said = try errors.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(String(decoding: said, as: UTF8.self))")
        return path
    }

    private static func entry(_ number: Int, _ message: [UInt8], _ time: UInt64) -> [UInt8] {
        let head = [
            "__REALTIME_TIMESTAMP=\(time)", "__MONOTONIC_TIMESTAMP=\(1000 + number * 1000)",
            "_BOOT_ID=\(String(repeating: "a", count: 32))", "_HOSTNAME=db1", "_COMM=postgres", "_PID=42", "PRIORITY=6",
            "_SYSTEMD_UNIT=pgha-patroni@pg1.service", "SYSLOG_IDENTIFIER=postgres", "MESSAGE",
        ].joined(separator: "\n")
        // A field with a length before it may hold anything (journal export formats).
        let length = (0..<8).map { UInt8(truncatingIfNeeded: message.count >> (8 * $0)) }
        return Array(head.utf8) + [0x0A] + length + message + [0x0A, 0x0A]
    }

    /// What a reader of the file must know.
    func flags(of path: String) throws -> Set<String> {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/journalctl")
        process.arguments = ["--header", "--file", path]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        let line = text.split(separator: "\n").first { $0.contains("Incompatible flags:") }
        return Set((line ?? "").split(separator: " ").map(String.init))
    }
}
