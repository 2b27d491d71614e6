import ClusterModel

/// Where entries of a journal are read.
package enum LogOrigin: Equatable, Sendable {
    /// The journal of this host.
    case host
    /// Journal files, directories of them (a copied `/var/log/journal`), and what `journalctl -o export` wrote.
    case files([String])
}

/// A boot of a host, as journalctl's `--boot` names it.
package enum LogBoot: Equatable, Sendable {
    /// 0 is the current or last one, -1 the one before it; 1 is the first that the journal has, 2 the second.
    case offset(Int)
    /// 128 bits in hexadecimal.
    case identifier(String)
}

/// What is searched in a message. Called for each entry, so it looks at bytes.
package protocol MessagePattern: Sendable {
    func isFound(in message: UnsafeRawBufferPointer) -> Bool
}

package protocol PatternMaker: Sendable {
    /// A regular expression as journalctl's `--grep` takes it; one without capital letters ignores case.
    ///
    /// Throws `.usage` for what is none, `.unreachable` without the library.
    func pattern(_ text: String) throws(NodeFailure) -> any MessagePattern
}

/// Which entries of the journal are wanted.
package struct LogQuery: Sendable {
    package var origin: LogOrigin
    /// Entries about these units; all units if empty.
    package var units: [UnitName]
    /// Matches of sd_journal_add_match(3), besides the units: one of the groups must fit with all of its matches.
    package var groups: [[String]] = []
    /// Microseconds since 1970; nil begins with the oldest entry.
    package var since: UInt64?
    /// The same; nil ends with the newest one. What is later than it is not wanted.
    package var until: UInt64?
    /// Begins behind this entry (`LogRecord.cursor`), or, where it is gone, with the one that was next; `since` then counts for nothing.
    package var after: String?
    package var boot: LogBoot?
    package var pattern: (any MessagePattern)?
    /// Whether an entry is wanted, where the journal itself cannot tell; nil for all.
    package var wants: (@Sendable (LogRecord) -> Bool)?
    /// Only so many of the newest; nil for all.
    package var lines: Int?
    /// Whether to wait for new ones after the last.
    package var follows = false
    /// Fields that are wanted besides those of a `LogRecord`.
    package var fields: [String] = []
    /// Whether each entry comes with all that the journal has of it.
    package var isWhole = false
    /// Whether each entry comes with its place; only the journal of this host has some.
    package var hasCursors = false

    package init(
        origin: LogOrigin = .host, units: [UnitName], since: UInt64? = nil, until: UInt64? = nil, lines: Int? = nil,
        follows: Bool = false
    ) {
        self.origin = origin
        self.units = units
        self.since = since
        self.until = until
        self.lines = lines
        self.follows = follows
    }

    /// By what it says, whatever the journal's index finds.
    package func isWanted(_ record: LogRecord) -> Bool {
        if let pattern, !record.message.withUnsafeBytes(pattern.isFound) { return false }
        return wants?(record) ?? true
    }
}

/// A field of an entry, e.g. `PGHA_EVENT`; a name can come more than once.
package struct LogField: Equatable, Sendable {
    package var name: String
    package var value: [UInt8]

    package init(_ name: String, _ value: [UInt8]) {
        self.name = name
        self.value = value
    }

    package init(_ name: String, _ value: String) { self.init(name, Array(value.utf8)) }
}

/// An entry of the journal about one of our units.
package struct LogRecord: Equatable, Sendable {
    /// Microseconds since 1970, when journald took it.
    package var time: UInt64
    package var unit: UnitName
    package var identifier: String
    package var pid: Int?
    /// As in syslog(3), 0 to 7, as the writer gave it.
    package var priority: Int?
    /// As it was written; need not be UTF-8.
    package var message: [UInt8]
    /// The name of the program that wrote it (`_COMM=`), which may be another one than the unit's.
    package var program: String?
    /// Of the host whose journal it is.
    package var host = ""
    /// Those that were asked for and are there.
    package var fields: [LogField] = []
    /// Its place in the journal (sd_journal_get_cursor(3)), whatever clocks have done since; nil where nobody asked for it.
    package var cursor: String?

    package init(
        time: UInt64, unit: UnitName, identifier: String, pid: Int? = nil, priority: Int? = nil, message: [UInt8]
    ) {
        self.time = time
        self.unit = unit
        self.identifier = identifier
        self.pid = pid
        self.priority = priority
        self.message = message
    }

    /// The text of the first field of that name.
    package func text(_ name: String) -> String? {
        fields.first { $0.name == name }.map { String(decoding: $0.value, as: UTF8.self) }
    }
}

/// Where entries go.
package protocol LogSink: Sendable {
    /// Some entries, oldest first; false once nobody reads any more.
    func take(_ records: [LogRecord]) -> Bool
    /// Asked while nothing comes; false once nobody reads any more.
    func isOpen() -> Bool
    /// Something that is wrong with the journal, and does not end the reading.
    func complain(of failure: NodeFailure)
}

extension LogSink {
    package func complain(of failure: NodeFailure) {}
}

package protocol LogReader: Sendable {
    /// Hands the entries of all units to `sink` in the order of their time, some at a time; ends at the last one, or, where
    /// the query follows, when the sink has gone or the task is cancelled.
    ///
    /// Throws `.notPermitted` where this user may not read the journal, `.invalidData` for a file that is no journal, and
    /// `.notFound` for a boot that is not in it.
    func read(_ query: LogQuery, into sink: any LogSink) async throws(NodeFailure)
}
