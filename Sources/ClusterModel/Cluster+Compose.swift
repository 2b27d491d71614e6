/// The five containers of the compose project, `containers/compose/docker-compose.yml`.
///
/// That file is fixed: it publishes the ports of the design and gives each container its address. So hosts, ports and
/// directories are the same for every cluster, and the rest (Patroni's times, PostgreSQL's parameters, durability …) is
/// the cluster's own.
package enum ComposeLayout {
    /// The address of this machine on the compose network; connections to a published port come from it.
    package static let gateway = "172.28.80.1"

    /// One role each, with the addresses that docker-compose.yml gives them.
    package static let hosts: [ClusterHost] =
        (1...3).map { number in
            ClusterHost(
                name: "pg\(number)", address: "172.28.80.1\(number)",
                roles: [RoleAssignment(role: .member(number), services: [.patroni])])
        } + [
            ClusterHost(
                name: "zookeeper", address: "172.28.80.14",
                roles: [RoleAssignment(role: .zookeeper, services: [.zookeeper])]),
            ClusterHost(
                name: "haproxy", address: "172.28.80.15", roles: [RoleAssignment(role: .haproxy, services: [.haproxy])]),
        ]
}

extension Cluster {
    /// The same cluster as five containers, whatever its own layout is.
    package func composed() -> Cluster {
        var result = self
        result.hosts = ComposeLayout.hosts
        result.ports = ClusterPorts()
        result.directories = Directories()
        // Loopback inside a container is reached by nobody; the compose file publishes the page on this machine's loopback.
        result.haproxy.statisticsOpen = true
        // psql on this machine through a member's own port (5433 and so on).
        result.postgres.hbaLines.append("host all all \(ComposeLayout.gateway)/32 scram-sha-256")
        return result
    }
}
