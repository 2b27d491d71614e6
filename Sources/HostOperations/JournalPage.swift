import ClusterModel
import Decisions
import Foundation
import HostPorts

/// Which entries of a host's journal another host may ask for.
package enum JournalKind: String, CaseIterable, Sendable {
    /// What the services of the cluster said, and what systemd said about them.
    case services
    /// That, and what else tells why something happened: boots, the kernel's kills, who ran what as root.
    case story
}

/// A question for a part of a host's journal, as the path of a request: `/journal/<kind>/<since>/<until>`, and
/// `/<after>` where it goes on.
package struct JournalRequest: Equatable, Sendable {
    package var kind: JournalKind
    /// Microseconds since 1970, as in `LogQuery`.
    package var since: UInt64
    package var until: UInt64
    /// The place of the last entry that is known already, as in `LogQuery`. By time it could not be told: a clock that was set back
    /// makes entries that come later and say that they are earlier.
    package var after: String?

    package init(kind: JournalKind, since: UInt64, until: UInt64, after: String? = nil) {
        self.kind = kind
        self.since = since
        self.until = until
        self.after = after
    }

    package init?(path: String) {
        let words = path.split(separator: "/", omittingEmptySubsequences: false)
        guard words.count == 5 || words.count == 6, words[0].isEmpty, words[1] == "journal",
            let kind = JournalKind(rawValue: String(words[2])),
            let since = UInt64(words[3]), let until = UInt64(words[4])
        else { return nil }
        self.init(kind: kind, since: since, until: until)
        guard words.count == 6 else { return }
        guard Self.isCursor(words[5]) else { return nil }
        after = String(words[5])
    }

    package var path: String {
        "/journal/\(kind.rawValue)/\(since)/\(until)" + (after.map { "/\($0)" } ?? "")
    }

    /// `s=…;i=…;b=…;m=…;t=…;x=…`, all of them hexadecimal (systemd 252, sd_journal_get_cursor in sd-journal.c).
    private static func isCursor(_ text: Substring) -> Bool {
        (1...200).contains(text.utf8.count) && text.utf8.allSatisfy { "0123456789abcdefimstx=;".utf8.contains($0) }
    }
}

/// An answer to it.
package struct JournalPage: Codable, Sendable {
    package var host: String
    package var entries: [Entry]
    /// Whether the journal has nothing more of what was asked for.
    package var isLast: Bool
    /// The place of the last entry; nil without any.
    package var end: String?

    package init(host: String, entries: [Entry], isLast: Bool, end: String?) {
        self.host = host
        self.entries = entries
        self.isLast = isLast
        self.end = end
    }

    /// A `LogRecord` in few bytes.
    package struct Entry: Codable, Sendable {
        var t: UInt64
        var u: String
        var i: String
        var c: String?
        var p: Int?
        var l: Int?
        var m: String?
        /// Instead of `m` where it is no UTF-8.
        var b: Data?
        var f: [[String]]?

        init(_ record: LogRecord) {
            t = record.time
            u = record.unit.text
            i = record.identifier
            c = record.program
            p = record.pid
            l = record.priority
            if let text = String(validating: record.message, as: UTF8.self) {
                m = text
            } else {
                b = Data(record.message)
            }
            let texts = record.fields.map { [$0.name, String(decoding: $0.value, as: UTF8.self)] }
            f = texts.isEmpty ? nil : texts
        }

        func record(of host: String) -> LogRecord {
            var record = LogRecord(
                time: t, unit: UnitName(u), identifier: i, pid: p, priority: l,
                message: b.map(Array.init) ?? Array((m ?? "").utf8))
            record.program = c
            record.host = host
            record.fields = (f ?? []).compactMap { $0.count == 2 ? LogField($0[0], $0[1]) : nil }
            return record
        }
    }

    package var records: [LogRecord] { entries.map { $0.record(of: host) } }

    /// As it is sent.
    package func text() throws(NodeFailure) -> String {
        do {
            return String(decoding: try JSONEncoder().encode(self), as: UTF8.self)
        } catch {
            throw NodeFailure(.internalError, "could not write JSON", detail: "\(error)")
        }
    }

    /// nil for what is none.
    package init?(text: String) {
        guard let page = try? JSONDecoder().decode(JournalPage.self, from: Data(text.utf8)) else { return nil }
        self = page
    }
}

/// Reads parts of this host's journal, one at a time, so that nobody can make the agent busy with it.
package actor JournalPager {
    /// Entries of a page, and bytes of their messages.
    private static let limits = (entries: 2000, bytes: 1 << 20)

    private let logs: any LogReader
    private let host: String
    private let units: [UnitName]

    package init(logs: any LogReader, host: ClusterHost) {
        self.logs = logs
        self.host = host.name
        units = Self.units(of: host)
    }

    /// Of all services of the host, and of its agent.
    package static func units(of host: ClusterHost) -> [UnitName] {
        host.roles.flatMap { assignment in
            assignment.services.map { PlacedService($0, of: assignment.role).unit }
        } + [.agent]
    }

    package static func query(_ kind: JournalKind, units: [UnitName]) -> LogQuery {
        var query = LogQuery(units: units)
        guard kind == .story else { return query }
        query.groups = StoryEntries.groups
        query.fields = StoryEntries.fields
        return query
    }

    package func page(_ request: JournalRequest) async throws(NodeFailure) -> JournalPage {
        var query = Self.query(request.kind, units: units)
        (query.since, query.until, query.after) = (request.since, request.until, request.after)
        query.hasCursors = true
        let sink = PageSink(Self.limits)
        try await logs.read(query, into: sink)
        let (records, isFull) = sink.taken
        return JournalPage(
            host: host, entries: records.map(JournalPage.Entry.init), isLast: !isFull, end: records.last?.cursor)
    }
}

/// Takes entries until a page is full.
private final class PageSink: LogSink, @unchecked Sendable {
    private let lock = NSLock()
    private let limits: (entries: Int, bytes: Int)
    private var records: [LogRecord] = []
    private var bytes = 0
    private var isFull = false

    init(_ limits: (entries: Int, bytes: Int)) { self.limits = limits }

    var taken: ([LogRecord], isFull: Bool) { lock.withLock { (records, isFull) } }

    func isOpen() -> Bool { true }

    func take(_ batch: [LogRecord]) -> Bool {
        lock.withLock {
            for record in batch {
                if records.count == limits.entries || (bytes + record.message.count > limits.bytes && !records.isEmpty)
                {
                    isFull = true
                    return false
                }
                records.append(record)
                bytes += record.message.count
            }
            return true
        }
    }
}
