/// Everything about a service of this host; a value that nobody could find out is nil.
package struct ServiceInspection: Codable, Equatable, Sendable {
    package struct Usage: Codable, Equatable, Sendable {
        package var memoryBytes: UInt64?
        package var memoryPeakBytes: UInt64?
        package var cpuSeconds: Double?
        package var tasks: UInt64?
    }

    package struct ConfigFile: Codable, Equatable, Sendable {
        package enum State: String, Codable, Sendable {
            case asWritten = "as written"
            case changed = "changed by hand"
            /// Its format has no place for our header.
            case withoutHeader = "without a header"
            case missing
            case unreadable = "not readable by this user"
        }

        package var path: String
        package var owner: String?
        /// Octal, e.g. `600`.
        package var mode: String?
        package var state: State
    }

    package struct Data: Codable, Equatable, Sendable {
        package var directory: String
        /// The sum of the files' sizes; nil where they cannot be looked at.
        package var bytes: Int64?
        package var fileSystem: String?
        package var fileSystemFreeBytes: Int64?
        package var fileSystemTotalBytes: Int64?
    }

    /// What the member's REST API says.
    package struct Member: Codable, Equatable, Sendable {
        package var state: String
        package var role: String
        package var timeline: Int?
        package var replicationState: String?
        package var systemIdentifier: String?
        package var version: String?
        package var isPaused: Bool
        package var isPendingRestart: Bool
    }

    package var service: String
    package var role: String
    package var unit: String
    package var description: String
    package var load: String
    package var active: String
    package var sub: String
    package var freezer: String
    package var frozenSeconds: Int?
    package var enabled: String
    package var needsDaemonReload: Bool
    package var mainPID: UInt32?
    /// Microseconds since 1970.
    package var startedAt: UInt64?
    package var activeSeconds: Int?
    package var restarts: UInt32
    package var result: String
    package var controlGroup: String?
    package var usage: Usage
    package var user: String
    package var commandLine: [String]
    package var unitFile: String
    package var dropIns: [String]
    package var ports: [Int]
    package var configuration: [ConfigFile]
    package var data: Data?
    package var patroni: Member?
    /// The lines of ZooKeeper's answer to `srvr`.
    package var zookeeper: [String]?
    package var haproxy: [RouteServer]?
}

/// A server of HAProxy's back end `leader` or `replicas`.
package struct RouteServer: Codable, Equatable, Sendable {
    package var backend: String
    package var server: String
    package var isUp: Bool
    package var sessions: Int?

    package init(backend: String, server: String, isUp: Bool, sessions: Int?) {
        self.backend = backend
        self.server = server
        self.isUp = isUp
        self.sessions = sessions
    }
}
