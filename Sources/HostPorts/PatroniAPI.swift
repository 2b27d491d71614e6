import ClusterModel

/// What a member's Patroni REST API answered to `GET /patroni` (patroni docs, "REST API").
package struct PatroniStatus: Equatable, Sendable {
    /// e.g. `running`, `starting`, `stopped`, `creating replica`.
    package var state: String
    /// `primary`, `replica`; Patroni before 4 says `master`, which is given here as `primary`.
    package var role: String
    package var timeline: Int?
    /// e.g. `streaming`, `in archive recovery`; nil on a leader.
    package var replicationState: String?
    /// As decimal text; nil before initdb.
    package var systemIdentifier: String?
    /// e.g. `4.1.5`.
    package var patroniVersion: String?
    package var scope: String?
    /// The member's name.
    package var name: String?
    package var isPaused: Bool
    package var isPendingRestart: Bool
    /// Bytes of WAL: the leader's location, or what the replica has replayed.
    package var walPosition: Int64?
    /// The member's clock when it answered, in seconds since 1970 (HTTP `Date` header, so whole seconds).
    package var date: Double?

    package init(state: String, role: String) {
        self.state = state
        self.role = role
        self.isPaused = false
        self.isPendingRestart = false
    }
}

/// A member of the cluster as `GET /cluster` of any member shows it.
package struct PatroniMember: Equatable, Sendable {
    package var name: String
    /// `leader`, `sync_standby`, `quorum_standby`, `replica`.
    package var role: String
    /// e.g. `running`, `streaming`, `stopped`.
    package var state: String
    package var host: String?
    package var port: Int?
    package var timeline: Int?
    /// Bytes behind the leader; nil for the leader or if not known.
    package var lag: Int64?

    package init(name: String, role: String, state: String) {
        self.name = name
        self.role = role
        self.state = state
    }
}

package protocol PatroniAPI: Sendable {
    /// Throws `.unreachable` if nobody answers within the limit or the answer is not Patroni's.
    func status(of address: String, port: Int, within limit: Duration) async throws(NodeFailure) -> PatroniStatus
    /// Throws as `status` does.
    func members(seenBy address: String, port: Int, within limit: Duration) async throws(NodeFailure) -> [PatroniMember]
}
