import CSystemd
import ClusterModel
import Glibc
import HostPorts

/// Entries of a journal in the order of their time, one at a time.
protocol RecordSource: AnyObject {
    /// The next entry that is wanted; nil at the end, after which more may come.
    func next() throws(NodeFailure) -> LogRecord?
}

/// A journal through sd-journal(3), of this host or of files. For one thread only.
final class JournalRecords: RecordSource {
    private let handle: OpaquePointer
    private let query: LogQuery
    private let units: Set<String>
    private var isOnEntry = false
    private var known = KnownTexts()

    init(opening open: (inout OpaquePointer?) -> Int32, _ query: LogQuery) throws(NodeFailure) {
        var opened: OpaquePointer?
        let result = open(&opened)
        guard result >= 0, let opened else { throw Self.failure("open", result) }
        handle = opened
        self.query = query
        units = Set(query.units.map(\.text))
        // Without it a field is cut at 64 KiB (sd_journal_set_data_threshold(3)).
        sd_journal_set_data_threshold(handle, 0)
        // First, since the scan for boots has its own matches.
        let boot = try query.boot.map { wanted throws(NodeFailure) in try JournalBoots(handle).identifier(of: wanted) }
        JournalMatches.add(query, to: handle)
        if let identifier = boot {
            sd_journal_add_conjunction(handle)
            sd_journal_add_match(handle, "_BOOT_ID=\(identifier)", 0)
        }
        isOnEntry = try goToFirst()
    }

    deinit {
        sd_journal_close(handle)
    }

    func next() throws(NodeFailure) -> LogRecord? {
        while true {
            if !isOnEntry { isOnEntry = try step() }
            guard isOnEntry else { return nil }
            if let until = query.until, time() > until { return nil }
            isOnEntry = false
            if let record = record() { return record }
        }
    }

    /// Until something comes, or half a second has passed. Also wakes up when files are rotated; the next step then goes on in
    /// the new ones (sd_journal_wait(3)).
    func wait() throws(NodeFailure) {
        let result = sd_journal_wait(handle, 500_000)
        if result < 0, result != -EINTR { throw Self.failure("wait for", result) }
    }

    /// Whether the journal now stands on the first entry that is wanted; if not, it is before it.
    private func goToFirst() throws(NodeFailure) -> Bool {
        if let lines = query.lines {
            if let until = query.until {
                try check(sd_journal_seek_realtime_usec(handle, until == .max ? until : until + 1))
            } else {
                try check(sd_journal_seek_tail(handle))
            }
            let found = try goBack(lines)
            // After a seek to the tail of a journal that has nothing of these units, nothing would ever come.
            guard found else {
                try check(sd_journal_seek_head(handle))
                return false
            }
            if lines == 0 { return false }
            guard let since = query.since, time() < since else { return true }
        }
        if let cursor = query.after { return try goBehind(cursor) }
        if let since = query.since {
            try check(sd_journal_seek_realtime_usec(handle, since))
        } else {
            try check(sd_journal_seek_head(handle))
        }
        return false
    }

    /// A seek goes to the entry itself, or, where it is gone, to the one that is nearest (sd_journal_seek_cursor(3)).
    private func goBehind(_ cursor: String) throws(NodeFailure) -> Bool {
        try check(sd_journal_seek_cursor(handle, cursor))
        guard try step() else { return false }
        return sd_journal_test_cursor(handle, cursor) == 0
    }

    /// To the first of the last `lines` entries that are wanted, or of all; false if there is none.
    private func goBack(_ lines: Int) throws(NodeFailure) -> Bool {
        guard query.pattern != nil || query.wants != nil else {
            let found = sd_journal_previous_skip(handle, UInt64(max(lines, 1)))
            try check(found)
            return found > 0
        }
        var left = max(lines, 1)
        var hasSome = false
        while left > 0 {
            let result = sd_journal_previous(handle)
            try check(result)
            guard result > 0 else { break }
            if let since = query.since, time() < since { break }
            hasSome = true
            if record() != nil { left -= 1 }
        }
        guard hasSome, left > 0 else { return hasSome }
        // The beginning of the journal: the last step back went nowhere.
        let result = sd_journal_next(handle)
        try check(result)
        return result > 0
    }

    private func step() throws(NodeFailure) -> Bool {
        let result = sd_journal_next(handle)
        // A file that rotation removed a moment ago (sd_journal_next(3)); what is left is read by the next step.
        if result == -ESTALE { return false }
        try check(result)
        return result > 0
    }

    private func time() -> UInt64 {
        var time: UInt64 = 0
        sd_journal_get_realtime_usec(handle, &time)
        return time
    }

    private func cursor() -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard sd_journal_get_cursor(handle, &text) >= 0, let text else { return nil }
        defer { free(text) }
        return String(cString: text)
    }

    /// All fields in one go: each sd_journal_get_data(3) would look through the entry from its beginning.
    private func record() -> LogRecord? {
        var fields = EntryFields(isWhole: query.isWhole, wanted: query.fields)
        var data: UnsafeRawPointer?
        var length = 0
        sd_journal_restart_data(handle)
        while sd_journal_enumerate_available_data(handle, &data, &length) > 0, let start = data {
            let bytes = UnsafeRawBufferPointer(start: start, count: length)
            if let pattern = query.pattern, bytes.hasField("MESSAGE"),
                !pattern.isFound(in: bytes.value(after: "MESSAGE"))
            {
                return nil
            }
            fields.take(bytes, &known)
        }
        if query.pattern != nil, fields.message == nil { return nil }
        guard var record = fields.record(at: time(), about: units) else { return nil }
        if query.hasCursors { record.cursor = cursor() }
        if let wants = query.wants, !wants(record) { return nil }
        return record
    }

    private func check(_ result: Int32) throws(NodeFailure) {
        if result < 0 { throw Self.failure("read", result) }
    }

    private static func failure(_ doing: String, _ result: Int32) -> NodeFailure {
        NodeFailure(
            result == -EACCES ? .notPermitted : .unreachable,
            "could not \(doing) the journal: \(BusConnection.text(ofError: result))",
            hint: "Run this as root or as a member of the group systemd-journal.")
    }
}

enum JournalMatches {
    /// What "journalctl -u" matches: what the unit's processes wrote, and what PID 1, the core dump handler and other
    /// daemons of root wrote about it (systemd, add_matches_for_unit in logs-show.c).
    static func add(_ query: LogQuery, to handle: OpaquePointer) {
        for unit in query.units {
            add(
                [
                    ["_SYSTEMD_UNIT=\(unit)"],
                    ["MESSAGE_ID=fc2e22bc6ee647b6b90729ab34a250b1", "_UID=0", "COREDUMP_UNIT=\(unit)"],
                    ["_PID=1", "UNIT=\(unit)"],
                    ["_UID=0", "OBJECT_SYSTEMD_UNIT=\(unit)"],
                ], to: handle)
        }
        add(query.groups, to: handle)
    }

    private static func add(_ groups: [[String]], to handle: OpaquePointer) {
        for group in groups {
            for match in group { sd_journal_add_match(handle, match, 0) }
            sd_journal_add_disjunction(handle)
        }
    }
}

/// The boots that a journal has entries of.
struct JournalBoots {
    private let handle: OpaquePointer

    /// The matches of `handle` are lost.
    init(_ handle: OpaquePointer) { self.handle = handle }

    /// Throws `.notFound`.
    func identifier(of boot: LogBoot) throws(NodeFailure) -> String {
        let all = all()
        sd_journal_flush_matches(handle)
        switch boot {
        case .identifier(let text):
            if all.contains(text) { return text }
        case .offset(let number):
            let index = number > 0 ? number - 1 : all.count - 1 + number
            if all.indices.contains(index) { return all[index] }
        }
        throw NodeFailure(
            .notFound, "the journal has no such boot",
            detail: "It has \(all.count): \(all.suffix(5).joined(separator: ", ")).",
            hint: "\"--boot=0\" is the last one, \"--boot=-1\" the one before it.")
    }

    /// By the time of their first entry.
    private func all() -> [String] {
        sd_journal_query_unique(handle, "_BOOT_ID")
        var identifiers: [String] = []
        var data: UnsafeRawPointer?
        var length = 0
        sd_journal_restart_unique(handle)
        while sd_journal_enumerate_available_unique(handle, &data, &length) > 0, let start = data {
            let bytes = UnsafeRawBufferPointer(start: start, count: length)
            identifiers.append(String(decoding: bytes.value(after: "_BOOT_ID"), as: UTF8.self))
        }
        return identifiers.map { ($0, begin(of: $0)) }.sorted { $0.1 < $1.1 }.map(\.0)
    }

    private func begin(of identifier: String) -> UInt64 {
        sd_journal_flush_matches(handle)
        sd_journal_add_match(handle, "_BOOT_ID=\(identifier)", 0)
        var time = UInt64.max
        guard sd_journal_seek_head(handle) >= 0, sd_journal_next(handle) > 0 else { return time }
        sd_journal_get_realtime_usec(handle, &time)
        return time
    }
}
