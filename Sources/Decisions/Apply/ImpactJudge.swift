import ClusterModel

/// What a change costs, from nothing to all.
package enum Impact: String, Codable, CaseIterable, Comparable, Sendable {
    case none
    /// Nobody notices.
    case reload
    /// Of a service whose work others do meanwhile: a replica, one of several ZooKeeper servers or HAProxys.
    case restart
    /// Another member leads afterwards; sessions end, and writes wait for seconds.
    case switchover
    /// Nobody takes writes while it lasts.
    case outage

    package static func < (left: Impact, right: Impact) -> Bool {
        (allCases.firstIndex(of: left) ?? 0) < (allCases.firstIndex(of: right) ?? 0)
    }
}

/// What is done to a service, and what that costs.
package struct Judgement: Equatable, Sendable {
    package var impact: Impact
    /// Who takes over, where the impact is a switchover.
    package var candidate: RoleName?
    /// Why it is not done unless it is forced.
    package var refusal: NodeFailure?
    /// Whether the reason of the refusal goes away by itself within rounds of Patroni's loop.
    package var passes = false

    package init(_ impact: Impact, candidate: RoleName? = nil, refusal: NodeFailure? = nil) {
        self.impact = impact
        self.candidate = candidate
        self.refusal = refusal
    }
}

/// Judges what a reload or a restart means for the cluster as it is now.
package struct ImpactJudge: Sendable {
    /// A member as Patroni shows it.
    package struct Member: Equatable, Sendable {
        package var role: RoleName
        /// `leader`, `sync_standby`, `quorum_standby`, `replica`.
        package var position: String
        /// e.g. `streaming`.
        package var state: String
        package var isPendingRestart: Bool

        package init(_ role: RoleName, _ position: String, state: String, isPendingRestart: Bool = false) {
            self.role = role
            self.position = position
            self.state = state
            self.isPendingRestart = isPendingRestart
        }
    }

    private let cluster: Cluster
    private let host: ClusterHost
    /// Empty where no member answers.
    private let members: [Member]
    private let sight: StopGuard

    package init(cluster: Cluster, host: ClusterHost, members: [Member], sight: StopGuard) {
        self.cluster = cluster
        self.host = host
        self.members = members
        self.sight = sight
    }

    /// For a service that runs; one that does not is not touched.
    package func judge(_ action: ServiceAction, of placed: PlacedService) -> Judgement {
        switch action {
        case .none: return Judgement(.none)
        case .reload: return Judgement(.reload)
        case .restartPostgres, .restart:
            switch placed.service {
            case .zookeeper: return restartOfZooKeeper(placed)
            case .haproxy: return restartOfHAProxy()
            case .patroni: return restartOfMember(placed.role)
            }
        }
    }

    private func restartOfZooKeeper(_ placed: PlacedService) -> Judgement {
        guard let refusal = sight.refusal(toStop: [placed], on: host, of: cluster) else { return Judgement(.restart) }
        return Judgement(.outage, refusal: refusal)
    }

    private func restartOfHAProxy() -> Judgement {
        guard cluster.placements(of: .haproxy).count == 1 else { return Judgement(.restart) }
        return Judgement(
            .outage,
            refusal: NodeFailure(
                .preflightFailed, "the only HAProxy of the cluster would be restarted",
                detail: "All sessions through the entry point would end.",
                hint: "Choose the time for it and add \"--force\"."))
    }

    private func restartOfMember(_ role: RoleName) -> Judgement {
        let isLeader = members.first { $0.role == role }?.position == "leader"
        let others = members.filter { $0.role != role }
        // Where nobody answers, nobody knows who leads: the guard of stop knows at least whether it is the last one.
        guard isLeader else {
            if !others.contains(where: { $0.position == "leader" }),
                let refusal = sight.refusal(toStop: [PlacedService(.patroni, of: role)], on: host, of: cluster)
            {
                return Judgement(.outage, refusal: refusal)
            }
            return Judgement(.restart)
        }
        let waiting = others.filter(\.isPendingRestart).map(\.role.text).sorted()
        if !waiting.isEmpty {
            return refuse(
                "\(role) leads, and \(waiting.joined(separator: ", ")) still \(waiting.count == 1 ? "waits" : "wait") for a restart",
                "Run \"pgha-node apply\" on the replicas' hosts first.")
        }
        guard let candidate = candidate(of: others) else {
            var judgement = refuse(
                "\(role) leads, and no other member can take over",
                "Run \"pgha-node ps\" on the replicas' hosts, and apply again when one of them streams.")
            // A replica that was restarted a moment ago is not a synchronous one before the leader's next round.
            judgement.passes = others.contains(where: Self.isHealthy)
            return judgement
        }
        return Judgement(.switchover, candidate: candidate)
    }

    private func refuse(_ message: String, _ hint: String) -> Judgement {
        Judgement(
            .outage,
            refusal: NodeFailure(
                .preflightFailed, message, detail: "A restart of the leader in its place would be an outage.",
                hint: "\(hint) With \"--force\" it is restarted as it is."))
    }

    /// With synchronous replication Patroni hands over only to a synchronous replica (Patroni documentation, "Replication
    /// modes").
    private func candidate(of others: [Member]) -> RoleName? {
        let isSynchronous = cluster.durability != .asynchronous
        let fit = others.filter { member in
            Self.isHealthy(member) && (!isSynchronous || ["sync_standby", "quorum_standby"].contains(member.position))
        }
        return fit.map(\.role).min()
    }

    private static func isHealthy(_ member: Member) -> Bool { ["streaming", "running"].contains(member.state) }
}
