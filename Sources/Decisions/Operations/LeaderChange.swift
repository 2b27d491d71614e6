import ClusterModel

/// Whether another member may be made leader now, and which one; a refusal says what is in the way.
package enum LeaderChange: Equatable, Sendable {
    /// It leads already.
    case unchanged(RoleName)
    case change(from: RoleName?, to: RoleName)

    /// A planned change from a leader that works: nothing is lost. Without `wanted` the best candidate is chosen.
    package static func switchover(
        to wanted: RoleName?, seeing sight: ClusterSight, in cluster: Cluster
    ) throws(NodeFailure) -> LeaderChange {
        try refuseSilence(sight)
        guard let leader = sight.leader else {
            throw NodeFailure(
                .preflightFailed, "nobody leads, so that nobody can hand over",
                hint: "Run \"pgha-node health\" to see why; \"pgha-node failover --to MEMBER\" makes a leader.")
        }
        if leader.role == wanted { return .unchanged(leader.role) }
        try refuseMaintenance(sight)
        if let wanted {
            let member = try member(wanted, of: sight, in: cluster)
            if let reason = reasonAgainst(member, in: cluster) { throw notFit(wanted, reason, sight, cluster) }
            return .change(from: leader.role, to: wanted)
        }
        guard let best = candidates(of: sight, in: cluster).first else {
            let reasons = sight.members.filter { !$0.isLeader }.map { member in
                "\(member.role) \(reasonAgainst(member, in: cluster) ?? "would do")"
            }
            throw NodeFailure(
                .preflightFailed, "no member could take over",
                detail: reasons.isEmpty ? "\(leader.role) is the only member." : "\(reasons.joined(separator: "; ")).",
                hint: "Run \"pgha-node list\" until a replica streams.")
        }
        return .change(from: leader.role, to: best.role)
    }

    /// A change where nobody leads, which can lose what the chosen member does not have.
    ///
    /// `force`: although it is not known to have all that another one has.
    package static func failover(
        to wanted: RoleName, force: Bool, seeing sight: ClusterSight, in cluster: Cluster
    ) throws(NodeFailure) -> LeaderChange {
        try refuseSilence(sight)
        let member = try member(wanted, of: sight, in: cluster)
        if member.isLeader { return .unchanged(wanted) }
        if let leader = sight.leader, leader.answers, leader.state == "running" {
            throw NodeFailure(
                .preflightFailed, "\(leader.role) leads and runs",
                detail: "A failover is for a cluster without a leader; it can lose commits.",
                hint: "Run \"pgha-node switchover --to \(wanted)\".")
        }
        guard member.answers else {
            throw NodeFailure(
                .preflightFailed, "\(wanted) does not answer, so that it cannot become leader",
                hint: "Start it first: \"pgha-node start \(wanted)\" on its host.")
        }
        let others = sight.members.filter { $0.role != wanted && $0.answers }
        let most = others.max { ($0.walPosition ?? 0) < ($1.walPosition ?? 0) }
        if !force, let most, let more = most.walPosition, more > member.walPosition ?? 0 {
            throw NodeFailure(
                .preflightFailed, "\(most.role) has more of the write-ahead log than \(wanted)",
                detail: "\(more - (member.walPosition ?? 0)) bytes would be lost.",
                hint: "Run it with \"--to \(most.role)\", or add \"--force\".")
        }
        return .change(from: sight.leader?.role, to: wanted)
    }

    /// Those that could take over, the best one first.
    static func candidates(of sight: ClusterSight, in cluster: Cluster) -> [ClusterSight.Member] {
        sight.members.filter { !$0.isLeader && reasonAgainst($0, in: cluster) == nil }
            .sorted { left, right in
                (left.isSynchronous ? 0 : 1, left.lag ?? .max, left.role)
                    < (right.isSynchronous ? 0 : 1, right.lag ?? .max, right.role)
            }
    }

    /// With the member's name before it a sentence, e.g. `is not streaming`; nil for one that could take over.
    private static func reasonAgainst(_ member: ClusterSight.Member, in cluster: Cluster) -> String? {
        guard member.answers else { return "does not answer" }
        guard let state = member.state else { return "is not in the cluster" }
        let tellsStreaming = cluster.patroni.source == .pinned
        guard state == "streaming" || (!tellsStreaming && state == "running") else { return "is not streaming" }
        if let lag = member.lag, lag > Int64(cluster.patroni.maximumLagOnFailover) {
            return "is \(lag) bytes behind (maximum_lag_on_failover is \(cluster.patroni.maximumLagOnFailover))"
        }
        if let reason = reasonOfDurability(member, in: cluster) { return reason }
        guard member.isInFailsafe else { return nil }
        return
            "takes the leader for one that leads without ZooKeeper (failsafe mode), for \(cluster.patroni.ttl) s at most"
    }

    /// Whether waiting helps: a member could take over but for what it heard in failsafe mode.
    package static func waitsForFailsafe(_ sight: ClusterSight, in cluster: Cluster) -> Bool {
        guard sight.leader != nil, !sight.isPaused, candidates(of: sight, in: cluster).isEmpty else { return false }
        var later = sight
        for index in later.members.indices { later.members[index].isInFailsafe = false }
        return !candidates(of: later, in: cluster).isEmpty
    }

    private static func reasonOfDurability(_ member: ClusterSight.Member, in cluster: Cluster) -> String? {
        switch cluster.durability {
        case .asynchronous: return nil
        // Only one that is entered in ZooKeeper has all that was acknowledged (Patroni documentation, "Replication modes").
        case .synchronous, .strict, .quorum: return member.isSynchronous ? nil : "is not the synchronous replica"
        }
    }

    private static func member(
        _ role: RoleName, of sight: ClusterSight, in cluster: Cluster
    ) throws(NodeFailure) -> ClusterSight.Member {
        guard let member = sight.member(role) else { throw cluster.unknownMember(role) }
        return member
    }

    private static func notFit(
        _ role: RoleName, _ reason: String, _ sight: ClusterSight, _ cluster: Cluster
    ) -> NodeFailure {
        let others = candidates(of: sight, in: cluster).map(\.role.text)
        return NodeFailure(
            .preflightFailed, "\(role) cannot take over now", detail: "\(role) \(reason).",
            hint: others.isEmpty
                ? "Run \"pgha-node list\" until it can." : "\(others.joined(separator: " or ")) could.")
    }

    private static func refuseSilence(_ sight: ClusterSight) throws(NodeFailure) {
        guard sight.members.allSatisfy({ !$0.answers }) else { return }
        throw NodeFailure(
            .unreachable, "no member's Patroni answers",
            hint: "Run \"pgha-node ps\" on their hosts, and \"pgha-node start --all\".")
    }

    private static func refuseMaintenance(_ sight: ClusterSight) throws(NodeFailure) {
        guard sight.isPaused else { return }
        throw NodeFailure(
            .preflightFailed, "maintenance is on", detail: "Patroni leaves every member as it is until it is off.",
            hint: "Run \"pgha-node maintenance off\" first.")
    }
}
