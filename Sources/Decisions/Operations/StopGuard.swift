import ClusterModel

/// Refuses a stop that the cluster would not survive, unless it is forced.
package struct StopGuard: Sendable {
    /// Hosts whose ZooKeeper server is up, in a quorum or about to elect a leader.
    package var zookeeperHosts: Set<String>
    /// Members whose PostgreSQL runs, as Patroni says.
    package var runningMembers: Set<RoleName>

    package init(zookeeperHosts: Set<String>, runningMembers: Set<RoleName>) {
        self.zookeeperHosts = zookeeperHosts
        self.runningMembers = runningMembers
    }

    /// Why `services` of `host` must not stop now; nil if the cluster goes on without them, or is down already.
    package func refusal(
        toStop services: [PlacedService], on host: ClusterHost, of cluster: Cluster
    ) -> NodeFailure? {
        if services.contains(where: { $0.service == .zookeeper }), zookeeperHosts.contains(host.name) {
            let servers = cluster.placements(of: .zookeeper).count
            let quorum = cluster.zookeeperQuorum
            let left = zookeeperHosts.count - 1
            if zookeeperHosts.count >= quorum, left < quorum {
                return NodeFailure(
                    .preflightFailed, "ZooKeeper would lose its quorum",
                    detail:
                        "\(left) of \(servers) servers would be left, and \(quorum) are needed; without them nobody "
                        + "can become leader.",
                    hint: "Start the other servers first, or add \"--force\".")
            }
        }
        let stopping = Set(services.filter { $0.service == .patroni }.map(\.role))
        if !stopping.isDisjoint(with: runningMembers), runningMembers.subtracting(stopping).isEmpty {
            let names = runningMembers.map(\.text).sorted().joined(separator: ", ")
            return NodeFailure(
                .preflightFailed, "the last running member would stop",
                detail: "No other member than \(names) runs, so that nobody could take over.",
                hint: "Start another member first, or add \"--force\".")
        }
        return nil
    }
}
