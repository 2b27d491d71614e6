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
    /// Whether it takes a leader that it has heard of without ZooKeeper for the leader, whatever ZooKeeper says (failsafe mode).
    package var isFailsafeActive = false
    /// When PostgreSQL started, as text; another one after each restart.
    package var postmasterStart: String?
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
    package var isPendingRestart = false

    package init(name: String, role: String, state: String) {
        self.name = name
        self.role = role
        self.state = state
    }
}

/// The cluster as `GET /cluster` of any member shows it.
package struct PatroniCluster: Equatable, Sendable {
    package var members: [PatroniMember]
    /// Maintenance mode: Patroni watches and does nothing ("Pause/Resume mode for the cluster").
    package var isPaused: Bool
    package var scope: String?

    package init(members: [PatroniMember], isPaused: Bool = false, scope: String? = nil) {
        self.members = members
        self.isPaused = isPaused
        self.scope = scope
    }
}

/// A request that changes something; each needs the password of the REST API.
package enum PatroniChange: Equatable, Sendable {
    /// Sent to the leader; without a candidate Patroni chooses.
    case switchover(from: String, to: String?)
    /// To any member, when nobody leads.
    case failover(to: String)
    /// To the replica whose data shall be copied from the leader anew.
    case reinitialise
    /// To any member; JSON that is merged into what is in ZooKeeper, where null removes a key.
    case configuration(json: String)
    /// PostgreSQL of the member that is asked.
    case restart
    case reload
}

/// What Patroni said to a change.
package struct PatroniReply: Equatable, Sendable {
    /// The HTTP status.
    package var status: Int
    /// In Patroni's words, one line.
    package var text: String

    package init(status: Int, text: String) {
        self.status = status
        self.text = text
    }

    package var isAccepted: Bool { (200..<300).contains(status) }
}

package protocol PatroniAPI: Sendable {
    /// Throws `.unreachable` if nobody answers within the limit or the answer is not Patroni's.
    func status(of address: String, port: Int, within limit: Duration) async throws(NodeFailure) -> PatroniStatus
    /// Throws as `status` does.
    func cluster(seenBy address: String, port: Int, within limit: Duration) async throws(NodeFailure) -> PatroniCluster
    /// The cluster-wide settings as JSON, as they are in ZooKeeper. Throws as `status` does.
    func configuration(seenBy address: String, port: Int, within limit: Duration) async throws(NodeFailure) -> [UInt8]
    /// Asks for a change and gives back what was said to it, a refusal too. Throws `.unreachable` if nobody answers.
    ///
    /// A switchover answers when it has ended, which takes as long as the leader's checkpoint.
    func change(
        _ change: PatroniChange, at address: String, port: Int, password: String, within limit: Duration
    ) async throws(NodeFailure) -> PatroniReply
}

extension PatroniAPI {
    package func members(
        seenBy address: String, port: Int, within limit: Duration
    ) async throws(NodeFailure) -> [PatroniMember] {
        try await cluster(seenBy: address, port: port, within: limit).members
    }
}
