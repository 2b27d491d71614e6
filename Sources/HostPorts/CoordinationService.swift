import ClusterModel

/// A node of ZooKeeper as a server showed it (ZooKeeper programmer's guide, "ZooKeeper Stat Structure").
package struct CoordinationNode: Equatable, Sendable {
    package var data: [UInt8]
    /// The transaction that created it: two nodes of one path that lived one after the other differ in it.
    package var created: Int64
    package var modified: Int64
    /// Changes of its data since it was created; a node that was created anew begins with 0 again.
    package var version: Int32
    /// The session that it dies with; 0 if it outlives its session.
    package var owner: Int64
    /// The transaction that last created or deleted a child of it (`pzxid` of org.apache.zookeeper.data.Stat).
    package var childrenChanged: Int64

    package init(
        data: [UInt8], created: Int64, modified: Int64, version: Int32, owner: Int64, childrenChanged: Int64 = 0
    ) {
        self.data = data
        self.created = created
        self.modified = modified
        self.version = version
        self.owner = owner
        self.childrenChanged = childrenChanged
    }
}

/// A node that must be as it was seen.
package struct CoordinationGuard: Equatable, Sendable {
    package var path: String
    package var version: Int32

    package init(path: String, version: Int32) {
        self.path = path
        self.version = version
    }
}

/// A part of a transaction. Each finds its node as it was seen, or nothing of the transaction is done.
package enum CoordinationStep: Equatable, Sendable {
    case check(CoordinationGuard)
    case set(CoordinationGuard, data: [UInt8])
    case delete(CoordinationGuard)

    package var node: CoordinationGuard {
        switch self {
        case .check(let node), .set(let node, _), .delete(let node): node
        }
    }
}

/// What a watcher is told. It says that something may have changed, never what: whoever hears it reads again.
package enum CoordinationEvent: Equatable, Sendable {
    /// In the beginning, after each change, and after each new connection or session, whose watches were set anew.
    case mayHaveChanged
    /// No server is connected; what was read before may be old.
    case disconnected
}

/// ZooKeeper, through a session that is kept for as long as the service lives.
///
/// All calls throw `.unreachable` when no server answers within their deadline, or when the connection breaks before the
/// answer came (a change may then have been made or not).
package protocol CoordinationService: Sendable {
    /// nil if it does not exist. `isFresh`: the server first catches up with the leader of the ensemble (`sync`), so that the
    /// answer is not older than the call.
    func node(at path: String, isFresh: Bool, within limit: Duration) async throws(NodeFailure) -> CoordinationNode?
    /// Names without their directory; nil if it does not exist.
    func children(of path: String, within limit: Duration) async throws(NodeFailure) -> [String]?
    /// Creates a node that outlives its session, and those above it; false if it was there.
    @discardableResult
    func create(_ path: String, data: [UInt8], within limit: Duration) async throws(NodeFailure) -> Bool
    /// All steps or none; nil if a node was not as it was seen. Of a `set` there is the node as it is afterwards, of other steps
    /// nil. Never sent twice.
    func transaction(
        _ steps: [CoordinationStep], within limit: Duration
    ) async throws(NodeFailure) -> [CoordinationNode?]?
    /// The node's existence and data; ends with the service.
    func events(of path: String) -> AsyncStream<CoordinationEvent>
    /// Ends the session and all streams.
    func close() async
}
