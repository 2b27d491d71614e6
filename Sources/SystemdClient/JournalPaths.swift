import CSystemd
import ClusterModel
import Glibc
import HostPorts

/// Journals in files and directories that a person names.
enum JournalPaths {
    /// The first eight bytes of a journal file (systemd, "Journal File Format").
    private static let signature = Array("LPKSHHRH".utf8)

    static func sources(
        _ paths: [String], _ query: LogQuery, complain: @escaping (NodeFailure) -> Void
    ) throws(NodeFailure) -> [any RecordSource] {
        var sources: [any RecordSource] = []
        for path in paths { sources.append(try source(path, query, complain)) }
        return sources
    }

    private static func source(
        _ path: String, _ query: LogQuery, _ complain: @escaping (NodeFailure) -> Void
    ) throws(NodeFailure) -> any RecordSource {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw NodeFailure(
                errno == EACCES ? .notPermitted : .notFound, "could not open \"\(path)\"",
                detail: "\(String(cString: strerror(errno))).")
        }
        if status.st_mode & S_IFMT == S_IFDIR { return try directory(path, query) }
        var file = try BufferedFile(path)
        guard Array(file.peek(8)) == signature else {
            if case .offset = query.boot {
                throw NodeFailure(
                    .usage, "boots of an exported journal cannot be counted",
                    hint: "Name the boot by its identifier, \"--boot=ID\".")
            }
            return try ExportRecords(path, query, complain: complain)
        }
        return try naming(path) { () throws(NodeFailure) in
            try JournalRecords(
                opening: { handle in
                    withCPaths([path]) { sd_journal_open_files(&handle, $0, 0) }
                }, query)
        }
    }

    private static func directory(_ path: String, _ query: LogQuery) throws(NodeFailure) -> any RecordSource {
        guard hasJournals(path) else {
            throw NodeFailure(
                .notFound, "there is no journal in \"\(path)\"",
                hint: "Name a directory like /var/log/journal, or one with files that end with \".journal\".")
        }
        return try naming(path) { () throws(NodeFailure) in
            try JournalRecords(opening: { sd_journal_open_directory(&$0, path, 0) }, query)
        }
    }

    /// In it, or one below, as in /var/log/journal/<machine id>.
    private static func hasJournals(_ path: String) -> Bool {
        ["\(path)/*.journal*", "\(path)/*/*.journal*"].contains { pattern in
            var found = glob_t()
            defer { globfree(&found) }
            return glob(pattern, 0, nil, &found) == 0
        }
    }

    private static func naming(
        _ path: String, _ open: () throws(NodeFailure) -> JournalRecords
    ) throws(NodeFailure) -> JournalRecords {
        do throws(NodeFailure) {
            return try open()
        } catch {
            guard error.code == .unreachable else { throw error }
            throw NodeFailure(
                .invalidData, "\"\(path)\" cannot be read as a journal", detail: "\(error.message).",
                hint: "\"journalctl --verify --file \(path)\" says what is wrong with it.")
        }
    }

    /// A list of C strings that ends with NULL.
    private static func withCPaths<Result>(
        _ paths: [String], _ body: (UnsafeMutablePointer<UnsafePointer<CChar>?>) -> Result
    ) -> Result {
        let copies = paths.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        var list: [UnsafePointer<CChar>?] = copies.map { $0.map { UnsafePointer($0) } } + [nil]
        return body(&list)
    }
}

/// Several sources as one, by time; of the same time, in the order of the sources.
final class MergedRecords: RecordSource {
    private var sources: [any RecordSource]
    private var heads: [LogRecord?] = []
    private var last: ArraySlice<LogRecord>?
    private let limit: Int?

    /// `last`: only so many of the newest.
    init(_ sources: [any RecordSource], last limit: Int? = nil) {
        self.sources = sources
        self.limit = limit
    }

    func next() throws(NodeFailure) -> LogRecord? {
        guard let limit else { return try merged() }
        if last == nil {
            var kept: [LogRecord] = []
            while let record = try merged() {
                kept.append(record)
                if kept.count >= 2 * limit + 1024 { kept.removeFirst(kept.count - limit) }
            }
            last = kept.suffix(limit)
        }
        return last?.popFirst()
    }

    private func merged() throws(NodeFailure) -> LogRecord? {
        if heads.isEmpty { for source in sources { heads.append(try source.next()) } }
        var first: Int?
        for (index, head) in heads.enumerated() {
            guard let head else { continue }
            if let found = first, let best = heads[found], best.time <= head.time { continue }
            first = index
        }
        guard let first, let record = heads[first] else { return nil }
        heads[first] = try sources[first].next()
        return record
    }
}
