import ClusterModel

/// In which order the services of a host are restarted so that clients notice least.
package enum RestartOrder {
    package enum Step: Equatable, Sendable {
        case restart(PlacedService)
        /// Another member becomes leader before this one is restarted.
        case handOver(RoleName)
    }

    /// ZooKeeper one server after the other, replicas, the leader after one switchover, HAProxy last.
    ///
    /// `leader` is the member that leads now, here or elsewhere; nil if nobody does.
    package static func steps(
        for services: [PlacedService], leader: RoleName?, in cluster: Cluster
    ) -> [Step] {
        let zookeepers = services.filter { $0.service == .zookeeper }
        let members = services.filter { $0.service == .patroni }
        let entryPoints = services.filter { $0.service == .haproxy }
        var steps = zookeepers.map(Step.restart)
        steps += members.filter { $0.role != leader }.map(Step.restart)
        if let last = members.first(where: { $0.role == leader }) {
            if cluster.placements(of: .patroni).count > 1 { steps.append(.handOver(last.role)) }
            steps.append(.restart(last))
        }
        return steps + entryPoints.map(Step.restart)
    }
}
