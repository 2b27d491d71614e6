import CSystemd
import ClusterModel
import Dispatch
import HostPorts

/// The journal of this host through sd-journal(3).
package struct SystemdJournal: JournalReader {
    package init() {}

    package func tail(of unit: UnitName, count: Int) async throws(NodeFailure) -> [JournalEntry] {
        let result = await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(returning: Self.read(unit, count))
            }
        }
        return try result.get()
    }

    private static func read(_ unit: UnitName, _ count: Int) -> Result<[JournalEntry], NodeFailure> {
        var opened: OpaquePointer?
        let result = sd_journal_open(&opened, Int32(SD_JOURNAL_LOCAL_ONLY))
        guard result >= 0, let journal = opened else {
            return .failure(
                NodeFailure(
                    .unreachable, "could not open the journal: \(BusConnection.text(ofError: result))",
                    hint: "Run this as root or as a member of the group systemd-journal."))
        }
        defer { sd_journal_close(journal) }
        // What the unit's processes wrote, and what systemd wrote about the unit (systemd.journal-fields(7)).
        sd_journal_add_match(journal, "_SYSTEMD_UNIT=\(unit)", 0)
        sd_journal_add_disjunction(journal)
        sd_journal_add_match(journal, "UNIT=\(unit)", 0)
        sd_journal_seek_tail(journal)
        var entries: [JournalEntry] = []
        while entries.count < count, sd_journal_previous(journal) > 0 {
            var time: UInt64 = 0
            sd_journal_get_realtime_usec(journal, &time)
            entries.append(
                JournalEntry(
                    time: time,
                    message: field("MESSAGE", of: journal) ?? "",
                    identifier: field("SYSLOG_IDENTIFIER", of: journal) ?? ""))
        }
        return .success(entries.reversed())
    }

    private static func field(_ name: String, of journal: OpaquePointer) -> String? {
        var data: UnsafeRawPointer?
        var length = 0
        guard sd_journal_get_data(journal, name, &data, &length) >= 0, let data else { return nil }
        let bytes = UnsafeRawBufferPointer(start: data, count: length)
        return String(decoding: bytes.dropFirst(name.utf8.count + 1), as: UTF8.self)
    }
}
