extension Cluster {
    /// A service of a role on a host.
    package struct Placement: Equatable, Sendable {
        package var host: ClusterHost
        package var assignment: RoleAssignment

        package var role: RoleName { assignment.role }
    }

    /// Where a service runs, in the order of the role names.
    package func placements(of service: ServiceKind) -> [Placement] {
        hosts
            .flatMap { host in host.roles.map { Placement(host: host, assignment: $0) } }
            .filter { $0.assignment.services.contains(service) }
            .sorted { $0.role < $1.role }
    }

    package func placement(of role: RoleName) -> Placement? {
        for host in hosts {
            for assignment in host.roles where assignment.role == role {
                return Placement(host: host, assignment: assignment)
            }
        }
        return nil
    }

    package var roleNames: [RoleName] {
        hosts.flatMap { $0.roles.map(\.role) }.sorted()
    }

    /// `host:port` of every ZooKeeper server, as Patroni and zkCli take them.
    package var zookeeperEndpoints: [String] {
        placements(of: .zookeeper).map { Self.endpoint($0.host.address, ports.zookeeperClient) }
    }

    /// How many ZooKeeper servers must be up: more than half of them.
    package var zookeeperQuorum: Int { placements(of: .zookeeper).count / 2 + 1 }

    /// The number of this ZooKeeper server in the ensemble, from 1 on; nil where `role` runs none.
    package func zookeeperID(of role: RoleName) -> Int? {
        placements(of: .zookeeper).firstIndex { $0.role == role }.map { $0 + 1 }
    }

    /// Whether a listener for everybody has to take IPv6: a kernel without it refuses such a socket.
    package var hasIPv6: Bool { hosts.contains { $0.address.contains(":") } }

    /// `address:port`, with brackets around IPv6.
    package static func endpoint(_ address: String, _ port: Int) -> String {
        address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)"
    }
}

extension Directories {
    /// Where that service of that role keeps its data; nil if it keeps none.
    package func path(of service: ServiceKind, _ role: RoleName) -> String? {
        switch service {
        case .zookeeper: zookeeper(of: role)
        case .patroni: postgres(of: role)
        case .haproxy: nil
        }
    }

    /// The directory above `path(of:_:)`, which may be made and written to before there is data.
    package func base(of service: ServiceKind, _ role: RoleName) -> String? {
        switch service {
        case .zookeeper: "\(zookeeper ?? data)/\(role)"
        case .patroni: "\(postgresql ?? data)/\(role)"
        case .haproxy: nil
        }
    }

    package func postgres(of role: RoleName) -> String { "\(postgresql ?? data)/\(role)/postgresql" }
    package func zookeeper(of role: RoleName) -> String { "\(zookeeper ?? data)/\(role)/zookeeper" }
}
