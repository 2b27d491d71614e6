import ClusterModel
import Glibc
import HostPorts

/// What "journalctl -o export" wrote (systemd's "Journal Export Format"), an entry at a time.
///
/// An entry that is cut off or damaged is left out, and reported once; reading goes on after the next empty line.
final class ExportRecords: RecordSource {
    /// Of one field; journald itself takes no more than 768 MiB, and nobody writes that.
    private static let largestField = 64 << 20

    private let query: LogQuery
    private let units: Set<String>
    private var input: BufferedFile
    private let path: String
    private var known = KnownTexts()
    private let complain: (NodeFailure) -> Void
    private var isDamaged = false

    init(_ path: String, _ query: LogQuery, complain: @escaping (NodeFailure) -> Void) throws(NodeFailure) {
        self.path = path
        self.query = query
        self.complain = complain
        units = Set(query.units.map(\.text))
        input = try BufferedFile(path)
        let head = input.peek(256)
        // Where nothing fits, journalctl writes nothing.
        guard head.isEmpty || ExportLine.isBegin(head) else {
            throw NodeFailure(
                .invalidData, "\"\(path)\" is no journal",
                detail: "It is neither a journal file nor the output of \"journalctl -o export\".",
                hint: "Copy /var/log/journal, or write a file with \"journalctl -o export > FILE\".")
        }
    }

    func next() throws(NodeFailure) -> LogRecord? {
        while let entry = entry() {
            guard entry.isGood else { continue }
            if let since = query.since, entry.time < since { continue }
            if let until = query.until, entry.time > until { continue }
            guard fits(entry), let record = entry.fields.record(at: entry.time, about: units) else { continue }
            if query.pattern != nil, entry.fields.message == nil { continue }
            if query.isWanted(record) { return record }
        }
        return nil
    }

    private struct Entry {
        var time: UInt64 = 0
        var isGood = true
        var fields: EntryFields
        /// Those by which the journal's own index would have found it.
        var matches: Set<String> = []
    }

    /// The same question that sd-journal answers from its index.
    private func fits(_ entry: Entry) -> Bool {
        if case .identifier(let boot) = query.boot, !entry.matches.contains("_BOOT_ID=\(boot)") { return false }
        if query.units.isEmpty, query.groups.isEmpty { return true }
        let isAbout = query.units.contains { unit in
            entry.matches.contains("_SYSTEMD_UNIT=\(unit)") || entry.matches.contains("COREDUMP_UNIT=\(unit)")
                || (entry.matches.contains("_PID=1") && entry.matches.contains("UNIT=\(unit)"))
                || (entry.matches.contains("_UID=0") && entry.matches.contains("OBJECT_SYSTEMD_UNIT=\(unit)"))
        }
        return isAbout || query.groups.contains { $0.allSatisfy(entry.matches.contains) }
    }

    /// nil at the end of the file.
    private func entry() -> Entry? {
        var entry = Entry(fields: EntryFields(isWhole: query.isWhole, wanted: query.fields))
        var isEmpty = true
        while let line = input.line(upTo: Self.largestField) {
            if line.isEmpty {
                if isEmpty { continue }
                return entry
            }
            isEmpty = false
            guard entry.isGood else { continue }
            entry.isGood = take(line, into: &entry)
            if !entry.isGood { damage() }
        }
        guard !isEmpty else { return nil }
        // The last entry ends with an empty line as well; without one it was cut off.
        damage()
        entry.isGood = false
        return entry
    }

    private func take(_ line: [UInt8], into entry: inout Entry) -> Bool {
        guard ExportLine.isBegin(line[...] + [UInt8(ascii: "\n")]) else { return false }
        guard line.contains(UInt8(ascii: "=")) else {
            guard let value = input.sized(upTo: Self.largestField) else { return false }
            note(line + [UInt8(ascii: "=")] + value, in: &entry)
            return true
        }
        note(line, in: &entry)
        return true
    }

    private func note(_ field: [UInt8], in entry: inout Entry) {
        field.withUnsafeBytes { bytes in
            if bytes.hasField("__REALTIME_TIMESTAMP") {
                entry.time = UInt64(String(decoding: bytes.value(after: "__REALTIME_TIMESTAMP"), as: UTF8.self)) ?? 0
            }
            // Fields of the entry's place, not of the entry (systemd.journal-fields(7), "Address Fields").
            if !bytes.hasPrefix("__") || query.isWhole { entry.fields.take(bytes, &known) }
        }
        if field.count < 200 { entry.matches.insert(String(decoding: field, as: UTF8.self)) }
    }

    private func damage() {
        guard !isDamaged else { return }
        isDamaged = true
        complain(
            NodeFailure(
                .invalidData, "\"\(path)\" is damaged or cut off; what is whole of it is read",
                detail: "The first entry that is not ends before byte \(input.position)."))
    }
}

enum ExportLine {
    /// Whether it begins as a field does: capital letters, digits and underscores, then "=" or the end of the line.
    static func isBegin(_ bytes: some Collection<UInt8>) -> Bool {
        guard let end = bytes.firstIndex(where: { $0 == UInt8(ascii: "=") || $0 == UInt8(ascii: "\n") }) else {
            return false
        }
        let name = bytes[..<end]
        return !name.isEmpty && name.count <= 64
            && name.allSatisfy { byte in
                (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "_")
            }
    }
}

extension UnsafeRawBufferPointer {
    func hasPrefix(_ text: StaticString) -> Bool {
        count >= text.utf8CodeUnitCount
            && (0..<text.utf8CodeUnitCount).allSatisfy { self[$0] == text.utf8Start[$0] }
    }
}
