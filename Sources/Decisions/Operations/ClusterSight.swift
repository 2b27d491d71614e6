import ClusterModel

/// What the members of a cluster are, put together from what those that answer say.
package struct ClusterSight: Equatable, Sendable {
    package struct Member: Equatable, Sendable {
        package var role: RoleName
        /// In Patroni's words, e.g. `leader`, `sync_standby`, `replica`; nil if it is in nobody's list.
        package var position: String?
        /// e.g. `running`, `streaming`, `stopped`; nil as above.
        package var state: String?
        package var timeline: Int?
        /// Bytes behind the leader; nil for the leader and where it is not known.
        package var lag: Int64?
        package var isPendingRestart = false
        /// Bytes of WAL it has; nil where it does not answer.
        package var walPosition: Int64?
        /// Whether it would not take part in a race for the leader key: it has heard of a leader without ZooKeeper less than
        /// `ttl` ago, and takes it for the leader for so long (patroni/ha.py, `Failsafe`).
        package var isInFailsafe = false
        /// Whether its own REST API answered.
        package var answers = false

        package init(role: RoleName) {
            self.role = role
        }

        package var isLeader: Bool { sight?.isLeader ?? false }
        package var sight: MemberPosition.Sight? {
            guard let position, let state else { return nil }
            return MemberPosition.Sight(role: position, state: state)
        }
        package var isSynchronous: Bool { ["sync_standby", "quorum_standby"].contains(position) }
    }

    /// All members of cluster.yml, in the order of their names.
    package var members: [Member]
    /// Patroni's maintenance mode.
    package var isPaused: Bool

    package init(members: [Member], isPaused: Bool) {
        self.members = members
        self.isPaused = isPaused
    }

    package var leader: Member? { members.first { $0.isLeader } }

    package func member(_ role: RoleName) -> Member? { members.first { $0.role == role } }

    /// `leader`, `sync replica (not streaming)` and so on, and whether it is as it should be.
    package func position(of member: Member, in cluster: Cluster) -> MemberPosition? {
        guard let sight = member.sight else { return nil }
        return MemberPosition(
            of: sight, among: members.filter { $0.role != member.role }.compactMap(\.sight), in: cluster)
    }

    /// One line: what is well, or all that is not.
    package func judgement(of cluster: Cluster) -> Judgement {
        var complaints: [String] = []
        if members.allSatisfy({ !$0.answers }) {
            return Judgement(isHealthy: false, text: "no member answers")
        }
        if leader == nil { complaints.append("nobody leads") }
        for member in members {
            guard member.answers else {
                complaints.append("\(member.role) does not answer")
                continue
            }
            guard let position = position(of: member, in: cluster) else {
                complaints.append("\(member.role) is not in the cluster")
                continue
            }
            if !position.isHealthy { complaints.append("\(member.role) is \(position.text)") }
        }
        if isPaused { complaints.append("maintenance is on, so nobody would take over") }
        if complaints.isEmpty, let leader {
            let replicas = members.count - 1
            let rest = replicas == 0 ? "" : replicas == 1 ? ", 1 replica streams" : ", \(replicas) replicas stream"
            return Judgement(isHealthy: true, text: "\(leader.role) leads\(rest)")
        }
        return Judgement(isHealthy: false, text: complaints.joined(separator: "; "))
    }

    package struct Judgement: Codable, Equatable, Sendable {
        package var isHealthy: Bool
        package var text: String

        package init(isHealthy: Bool, text: String) {
            self.isHealthy = isHealthy
            self.text = text
        }
    }
}
