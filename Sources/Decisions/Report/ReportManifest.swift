/// What is in a support bundle, and what is not.
package struct ReportManifest: Codable, Equatable, Sendable {
    package struct Entry: Codable, Equatable, Sendable {
        package var path: String
        package var bytes: Int
        /// SHA-256, in hexadecimal.
        package var checksum: String

        package init(path: String, bytes: Int, checksum: String) {
            self.path = path
            self.bytes = bytes
            self.checksum = checksum
        }
    }

    package var cluster: String
    /// Where it was made, and by whom.
    package var host: String
    package var person: String
    package var version: String
    /// Microseconds since 1970; journals are read from `since` on.
    package var made: UInt64
    package var since: UInt64
    package var files: [Entry]
    /// What could not be had, and why.
    package var missing: [String]
    /// What was left out so that it does not become too large.
    package var shortened: [String]

    package init(cluster: String, host: String, person: String, version: String, made: UInt64, since: UInt64) {
        self.cluster = cluster
        self.host = host
        self.person = person
        self.version = version
        self.made = made
        self.since = since
        files = []
        missing = []
        shortened = []
    }
}

/// Text of which the oldest is dropped when it becomes too much.
package struct BoundedText: Sendable {
    private let limit: Int
    private var parts: [[UInt8]] = []
    private var first = 0
    private var bytes = 0
    /// Bytes that were dropped.
    package private(set) var dropped = 0

    package init(limit: Int) { self.limit = limit }

    /// A whole entry: it is dropped as one.
    package mutating func add(_ part: [UInt8]) {
        parts.append(part)
        bytes += part.count
        while bytes > limit, first < parts.count {
            bytes -= parts[first].count
            dropped += parts[first].count
            parts[first] = []
            first += 1
        }
    }

    package var content: [UInt8] { Array(parts[first...].joined()) }
}
