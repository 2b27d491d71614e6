import ClusterModel

/// A TCP port that the cluster uses on a host.
package struct ClusterPort: Equatable, Sendable {
    package var port: Int
    /// What it is for, e.g. `entry point, read-write`.
    package var purpose: String
    package var placed: PlacedService

    /// All ports of a host, in start order of the services.
    package static func all(of host: ClusterHost, in cluster: Cluster) -> [ClusterPort] {
        ServiceKind.allCases.flatMap { service in
            host.roles.filter { $0.services.contains(service) }.flatMap { assignment in
                ports(of: service, assignment, cluster).map {
                    ClusterPort(port: $0.0, purpose: $0.1, placed: PlacedService(service, of: assignment.role))
                }
            }
        }
    }

    private static func ports(
        of service: ServiceKind, _ assignment: RoleAssignment, _ cluster: Cluster
    ) -> [(Int, String)] {
        let ports = cluster.ports
        switch service {
        case .zookeeper:
            let client = [(ports.zookeeperClient, "ZooKeeper, clients")]
            guard cluster.placements(of: .zookeeper).count > 1 else { return client }
            // Only the server that leads listens on this one (ZooKeeper administrator's guide, "server.x").
            return client + [
                (ports.zookeeperPeer, "ZooKeeper, followers of this leader"),
                (ports.zookeeperElection, "ZooKeeper, elections"),
            ]
        case .patroni:
            return [(assignment.postgresPort, "PostgreSQL"), (assignment.patroniPort, "Patroni's REST API")]
                .compactMap { port, purpose in port.map { ($0, purpose) } }
        case .haproxy:
            return [
                (ports.readWrite, "entry point, read-write"), (ports.readOnly, "entry point, read-only"),
                (ports.statistics, "HAProxy's statistics"),
            ]
        }
    }
}
