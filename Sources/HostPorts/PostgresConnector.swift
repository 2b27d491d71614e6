import ClusterModel

/// Where and as whom to connect. Not printable on purpose: it holds a password.
package struct PostgresTarget: Sendable, CustomStringConvertible {
    /// An address, or the directory of a socket.
    package var host: String
    package var port: Int
    package var user: String
    package var password: String
    package var database: String

    package init(host: String, port: Int, user: String, password: String, database: String) {
        self.host = host
        self.port = port
        self.user = user
        self.password = password
        self.database = database
    }

    /// As the superuser of a member, over the network.
    package static func superuser(
        of assignment: RoleAssignment, on host: ClusterHost, _ secrets: Secrets
    ) -> PostgresTarget {
        PostgresTarget(
            host: host.address, port: assignment.postgresPort ?? 0, user: "postgres", password: secrets.superuser,
            database: "postgres")
    }

    package var description: String { "\(user)@\(host):\(port)/\(database)" }
}

package protocol PostgresConnector: Sendable {
    /// Opens a new connection, runs one statement and closes it; rows of text, NULL as nil.
    ///
    /// Throws `.unreachable` if no connection came about within the limit, `.commandFailed` if the statement failed;
    /// the detail is what the server said.
    func query(_ statement: String, at target: PostgresTarget, within limit: Duration) async throws(NodeFailure)
        -> [[String?]]
    /// Opens a connection that stays. Details of its failures have the SQLSTATE, as in `FATAL:  57P03: …`.
    ///
    /// Throws `.unreachable` if no connection came about within the limit.
    func open(at target: PostgresTarget, within limit: Duration) async throws(NodeFailure) -> any PostgresSession
    /// Begins to connect over a socket, and hears whether the server says a word; it need not be let in for that.
    ///
    /// `directory` is that of the socket (unix_socket_directories). Returns as soon as it is known, at the latest after `limit`.
    func knock(at directory: String, port: Int, within limit: Duration) async -> PostgresKnock
}

/// A connection, which ends with its last reference.
package protocol PostgresSession: Sendable {
    /// One statement after the other. Throws `.unreachable` if the connection is lost or the answer comes too late, after which it
    /// is of no use any more; `.commandFailed` for what the server refuses.
    func query(_ statement: String, within limit: Duration) async throws(NodeFailure) -> [[String?]]
}

/// What comes of a knock.
package enum PostgresKnock: Equatable, Sendable {
    case answered
    /// The kernel took the connection, and the server said nothing.
    case silent
    /// There is no socket, or this process could not try.
    case impossible
}
