import CSystemd
import ClusterModel
import Dispatch
import Glibc
import HostPorts

/// Journals through sd-journal(3), and what journalctl exported, merged by time.
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
            switch query.origin {
            case .host:
                try JournalAccess.check()
                let journal = try JournalRecords(
                    opening: { sd_journal_open(&$0, Int32(SD_JOURNAL_LOCAL_ONLY)) }, query)
                try Delivery(sink, stop).deliver(journal) { () throws(NodeFailure) in
                    guard query.follows else { return false }
                    try journal.wait()
                    return true
                }
            case .files(let paths):
                let merged = MergedRecords(
                    try JournalPaths.sources(paths, query) { sink.complain(of: $0) }, last: query.lines)
                try Delivery(sink, stop).deliver(merged) { false }
            }
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

/// Hands entries over, some at a time.
private struct Delivery {
    private let sink: any LogSink
    private let stop: StopMark

    init(_ sink: any LogSink, _ stop: StopMark) {
        self.sink = sink
        self.stop = stop
    }

    /// `wait` is called at the end, and tells whether more may come.
    func deliver(_ source: any RecordSource, wait: () throws(NodeFailure) -> Bool) throws(NodeFailure) {
        var batch: [LogRecord] = []
        var size = 0
        while true {
            let record = try source.next()
            if let record {
                batch.append(record)
                size += record.message.count
                if batch.count < 256, size < 1 << 20 { continue }
            }
            if stop.isSet { return }
            if !batch.isEmpty, !sink.take(batch) { return }
            batch.removeAll(keepingCapacity: true)
            size = 0
            guard record == nil else { continue }
            guard sink.isOpen(), try wait() else { return }
        }
    }
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
