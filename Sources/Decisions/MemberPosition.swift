import ClusterModel

/// Patroni's words for a member, in the field's standard terms.
package struct MemberPosition: Equatable, Sendable {
    /// What is known of a member, in Patroni's words.
    package struct Sight: Equatable, Sendable {
        /// e.g. `leader`, `sync_standby`, `replica`.
        package var role: String
        /// e.g. `running`, `streaming`, `starting`.
        package var state: String

        package init(role: String, state: String) {
            self.role = role
            self.state = state
        }

        package var isLeader: Bool { ["leader", "primary", "standby_leader"].contains(role) }
    }

    /// `leader`, `sync replica`, `replica`, and in brackets what is wrong with it.
    package let text: String
    package let isHealthy: Bool

    /// `others` are the other members that are seen. A leader that nobody could replace is not healthy: what a cluster is
    /// there for is the failover.
    package init(of member: Sight, among others: [Sight], in cluster: Cluster) {
        // Patroni 3.1 and newer tell a replica that streams from one that only runs (patroni/utils.py).
        let tellsStreaming = cluster.patroni.source == .pinned
        let name =
            switch member.role {
            case _ where member.isLeader: "leader"
            case "sync_standby": "sync replica"
            case "quorum_standby": "quorum replica"
            default: "replica"
            }
        let complaint =
            Self.complaint(of: member, tellsStreaming)
            ?? (member.isLeader ? Self.lack(of: others, in: cluster, tellsStreaming) : nil)
        isHealthy = complaint == nil
        text = complaint.map { "\(name) (\($0))" } ?? name
    }

    private static func complaint(of member: Sight, _ tellsStreaming: Bool) -> String? {
        switch member.state {
        case "streaming": nil
        case "running": member.isLeader || !tellsStreaming ? nil : "not streaming"
        default: member.state
        }
    }

    /// In synchronous mode only a replica that is entered in ZooKeeper as synchronous may be promoted (Patroni documentation,
    /// "Replication modes"); until one is, a leader that stops leaves nobody behind, streaming replicas or not.
    private static func lack(of others: [Sight], in cluster: Cluster, _ tellsStreaming: Bool) -> String? {
        guard cluster.placements(of: .patroni).count > 1 else { return nil }
        let replicas = others.filter { !$0.isLeader && complaint(of: $0, tellsStreaming) == nil }
        switch cluster.durability {
        case .asynchronous: return replicas.isEmpty ? "no replica" : nil
        case .synchronous, .strict, .quorum:
            let isCovered = replicas.contains { ["sync_standby", "quorum_standby"].contains($0.role) }
            return isCovered ? nil : "no synchronous replica"
        }
    }
}
