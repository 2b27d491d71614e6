import CSystemd
import ClusterModel
import Dispatch
import Glibc
import HostPorts

/// The journal of this host through sd-journal(3), an entry at a time.
package struct SystemdLogs: LogReader {
    package init() {}

    package func read(_ query: LogQuery, into sink: any LogSink) async throws(NodeFailure) {
        let stop = StopMark()
        // A journal is for one thread (sd-journal(3)), and waiting blocks.
        let result: Result<Void, NodeFailure> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                DispatchQueue.global().async {
                    continuation.resume(returning: Self.deliver(query, sink, stop))
                }
            }
        } onCancel: {
            stop.set()
        }
        try result.get()
    }

    private static func deliver(
        _ query: LogQuery, _ sink: any LogSink, _ stop: StopMark
    ) -> Result<Void, NodeFailure> {
        do throws(NodeFailure) {
            try JournalAccess.check()
            let journal = try OpenJournal(query.units)
            try journal.deliver(query, sink, stop)
            return .success(())
        } catch {
            return .failure(error)
        }
    }
}

/// Set by another thread.
private final class StopMark: @unchecked Sendable {
    private let queue = DispatchQueue(label: "pgha.logs.stop")
    private var value = false

    var isSet: Bool { queue.sync { value } }
    func set() { queue.sync { value = true } }
}

/// sd-journal opens without an error what it then shows nothing of.
private enum JournalAccess {
    static func check() throws(NodeFailure) {
        let files = ["/var/log/journal", "/run/log/journal"].flatMap(systemJournals)
        guard !files.isEmpty, files.allSatisfy({ access($0, R_OK) != 0 }) else { return }
        throw NodeFailure(
            .notPermitted, "this user may not read the journal of this host",
            detail: "It is root's, and that of the groups systemd-journal and adm.",
            hint: "Run the same command with sudo.")
    }

    /// The files of all machine ids (systemd-journald.service(8), "Files").
    private static func systemJournals(below directory: String) -> [String] {
        var found = glob_t()
        defer { globfree(&found) }
        guard glob("\(directory)/*/system.journal", 0, nil, &found) == 0 else { return [] }
        return (0..<Int(found.gl_pathc)).compactMap { index in found.gl_pathv[index].map { String(cString: $0) } }
    }
}

private struct OpenJournal: ~Copyable {
    private let handle: OpaquePointer
    private let units: Set<String>

    init(_ units: [UnitName]) throws(NodeFailure) {
        var opened: OpaquePointer?
        let result = sd_journal_open(&opened, Int32(SD_JOURNAL_LOCAL_ONLY))
        guard result >= 0, let opened else { throw Self.failure("open", result) }
        handle = opened
        self.units = Set(units.map(\.text))
        // Without it a field is cut at 64 KiB (sd_journal_set_data_threshold(3)).
        sd_journal_set_data_threshold(handle, 0)
        for unit in units { Self.match(unit, on: opened) }
    }

    deinit {
        sd_journal_close(handle)
    }

    /// What "journalctl -u" matches: what the unit's processes wrote, and what PID 1, the core dump handler and other
    /// daemons of root wrote about it (systemd, add_matches_for_unit in logs-show.c).
    private static func match(_ unit: UnitName, on handle: OpaquePointer) {
        let groups = [
            ["_SYSTEMD_UNIT=\(unit)"],
            ["MESSAGE_ID=fc2e22bc6ee647b6b90729ab34a250b1", "_UID=0", "COREDUMP_UNIT=\(unit)"],
            ["_PID=1", "UNIT=\(unit)"],
            ["_UID=0", "OBJECT_SYSTEMD_UNIT=\(unit)"],
        ]
        for group in groups {
            for match in group { sd_journal_add_match(handle, match, 0) }
            sd_journal_add_disjunction(handle)
        }
    }

    func deliver(_ query: LogQuery, _ sink: any LogSink, _ stop: StopMark) throws(NodeFailure) {
        var batch: [LogRecord] = []
        var size = 0
        var isOnEntry = try goToFirst(query)
        while !stop.isSet {
            if !isOnEntry { isOnEntry = try step() }
            let isAtEnd = !isOnEntry
            if isOnEntry, let record = record() {
                batch.append(record)
                size += record.message.count
            }
            isOnEntry = false
            if !isAtEnd, batch.count < 256, size < 1 << 20 { continue }
            if !batch.isEmpty, !sink.take(batch) { return }
            batch = []
            size = 0
            guard isAtEnd else { continue }
            guard query.follows, sink.isOpen() else { return }
            // Also wakes up when files are rotated; the next step then goes on in the new ones (sd_journal_wait(3)).
            let result = sd_journal_wait(handle, 500_000)
            if result < 0, result != -EINTR { throw Self.failure("wait for", result) }
        }
    }

    /// Whether the journal now stands on the first entry that is wanted; if not, it is before it.
    private func goToFirst(_ query: LogQuery) throws(NodeFailure) -> Bool {
        if let lines = query.lines {
            try check(sd_journal_seek_tail(handle))
            let found = sd_journal_previous_skip(handle, UInt64(max(lines, 1)))
            try check(found)
            // After a seek to the tail of a journal that has nothing of these units, nothing would ever come.
            guard found > 0 else {
                try check(sd_journal_seek_head(handle))
                return false
            }
            if lines == 0 { return false }
            guard let since = query.since, time() < since else { return true }
        }
        if let since = query.since {
            try check(sd_journal_seek_realtime_usec(handle, since))
        } else {
            try check(sd_journal_seek_head(handle))
        }
        return false
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

    private func record() -> LogRecord? {
        var about: String?
        for name in ["_SYSTEMD_UNIT", "UNIT", "OBJECT_SYSTEMD_UNIT", "COREDUMP_UNIT"] where about == nil {
            if let unit = text(name), units.contains(unit) { about = unit }
        }
        guard let unit = about else { return nil }
        return LogRecord(
            time: time(), unit: UnitName(unit),
            identifier: text("SYSLOG_IDENTIFIER") ?? text("_COMM") ?? "unknown",
            pid: (text("_PID") ?? text("SYSLOG_PID")).flatMap { Int($0) },
            priority: text("PRIORITY").flatMap { Int($0) },
            message: field("MESSAGE") ?? [])
    }

    private func text(_ name: String) -> String? { field(name).map { String(decoding: $0, as: UTF8.self) } }

    private func field(_ name: String) -> [UInt8]? {
        var data: UnsafeRawPointer?
        var length = 0
        guard sd_journal_get_data(handle, name, &data, &length) >= 0, let data else { return nil }
        return Array(UnsafeRawBufferPointer(start: data, count: length).dropFirst(name.utf8.count + 1))
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
