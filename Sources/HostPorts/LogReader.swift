import ClusterModel

/// Which entries of the journal are wanted.
package struct LogQuery: Equatable, Sendable {
    package var units: [UnitName]
    /// Microseconds since 1970; nil begins with the oldest entry.
    package var since: UInt64?
    /// Only so many of the newest; nil for all.
    package var lines: Int?
    /// Whether to wait for new ones after the last.
    package var follows = false

    package init(units: [UnitName], since: UInt64? = nil, lines: Int? = nil, follows: Bool = false) {
        self.units = units
        self.since = since
        self.lines = lines
        self.follows = follows
    }
}

/// An entry of the journal about one of our units.
package struct LogRecord: Equatable, Sendable {
    /// Microseconds since 1970.
    package var time: UInt64
    package var unit: UnitName
    package var identifier: String
    package var pid: Int?
    /// As in syslog(3), 0 to 7.
    package var priority: Int?
    /// As it was written; need not be UTF-8.
    package var message: [UInt8]

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
}

/// Where entries go.
package protocol LogSink: Sendable {
    /// Some entries, oldest first; false once nobody reads any more.
    func take(_ records: [LogRecord]) -> Bool
    /// Asked while nothing comes; false once nobody reads any more.
    func isOpen() -> Bool
}

package protocol LogReader: Sendable {
    /// Hands the entries of all units to `sink` in the order of their time, some at a time; ends at the last one, or, where
    /// the query follows, when the sink has gone or the task is cancelled.
    ///
    /// Throws `.notPermitted` where this user may not read the journal.
    func read(_ query: LogQuery, into sink: any LogSink) async throws(NodeFailure)
}
