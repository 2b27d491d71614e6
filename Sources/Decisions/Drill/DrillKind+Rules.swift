import ClusterModel

extension DrillKind {
    /// What it does, for `pgha-node drill --help`.
    package var summary: String {
        switch self {
        case .switchover: "hands over to another member, as \"pgha-node switchover\" does"
        case .stop: "stops the member's unit in good order, as \"systemctl stop\" does"
        case .kill: "kills all processes of the member at once"
        case .freeze: "freezes the member's unit, as \"pgha-node freeze\" does"
        case .hang: "stops PostgreSQL's processes where they are; Patroni runs on"
        case .hostLoss: "resets the member's host without a goodbye"
        case .partition: "drops all that the member's host and the other hosts of the cluster send each other"
        case .zookeeper: "stops ZooKeeper's server on the member's host"
        case .haproxy: "kills HAProxy on the member's host"
        }
    }

    /// The service of the target that is broken; the whole host where there is none.
    package var service: ServiceKind? {
        switch self {
        case .switchover, .stop, .kill, .freeze, .hang: .patroni
        case .hostLoss, .partition: nil
        case .zookeeper: .zookeeper
        case .haproxy: .haproxy
        }
    }

    /// Whether the fault lasts until it is healed. systemd starts what is only killed, and a host boots by itself.
    package var lasts: Bool { [.stop, .freeze, .hang, .partition, .zookeeper].contains(self) }

    /// Whether who breaks its own host so could not tell of it.
    package var needsOtherHost: Bool { self == .hostLoss || self == .partition }

    /// Seconds after which it is healed where nobody says how long.
    package func standardSeconds(in cluster: Cluster) -> Int {
        switch self {
        // Longer than the lease, so that another member leads and the old one has to follow when it comes back.
        case .partition: cluster.patroni.ttl + 20
        case .stop, .freeze, .hang, .zookeeper: 20
        case .switchover, .kill, .hostLoss, .haproxy: 0
        }
    }

    /// Milliseconds for which clients may be unable to write, where `drill.limits` of cluster.yml says nothing: what the product
    /// promises with its standard settings (README, the table of faults).
    package func standardLimit(in cluster: Cluster) -> Int {
        let suspicion = cluster.agent.suspicion
        let lease = cluster.lease == .short ? 7_000 : (cluster.patroni.ttl + 8) * 1000
        return switch self {
        case .switchover: 600
        case .stop, .kill: 800
        case .freeze, .hang: suspicion + 800
        case .hostLoss, .partition: lease
        case .zookeeper: 500
        // systemd waits a second before it starts it again.
        case .haproxy: 3_000
        }
    }

    package func limit(in cluster: Cluster) -> Int { cluster.drill.limits[rawValue] ?? standardLimit(in: cluster) }
}
