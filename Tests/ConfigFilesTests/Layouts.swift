import ClusterModel

/// The layouts of the design, with passwords that are obviously none.
enum Layout: String, CaseIterable, Sendable {
    case threeHosts = "three-hosts"
    case fiveRoles = "five-roles"
    case oneHost = "one-host"
    case reference
    case distribution

    static let secrets = Secrets(
        superuser: "FakeSuperuserSecret", replication: "FakeReplicationSecret", rewind: "FakeRewindSecret",
        restAPI: "FakeRestApiSecret", zookeeper: "FakeZooKeeperSecret")

    var cluster: Cluster {
        switch self {
        case .threeHosts: Self.makeThreeHosts()
        case .fiveRoles: Self.makeFiveRoles()
        case .oneHost: Self.makeOneHost()
        case .reference: Self.makeReference()
        case .distribution: Self.makeDistribution()
        }
    }

    /// The hosts whose files are kept as golden files; the others differ by name and address only.
    var goldenHosts: [ClusterHost] {
        self == .fiveRoles ? cluster.hosts.filter { !["pg1", "pg3"].contains($0.name) } : [cluster.hosts[0]]
    }

    private static func member(_ number: Int, _ services: [ServiceKind]) -> RoleAssignment {
        RoleAssignment(role: .member(number), services: services)
    }

    private static func makeThreeHosts() -> Cluster {
        var cluster = Cluster(
            name: "shop",
            hosts: (1...3).map { number in
                ClusterHost(
                    name: "pg\(number)", address: "192.0.2.1\(number)",
                    roles: [member(number, [.zookeeper, .patroni, .haproxy])])
            })
        cluster.postgres.parameters = [
            ConfigParameter(name: "max_connections", value: "200"),
            ConfigParameter(name: "shared_buffers", value: "256MB"),
            ConfigParameter(name: "log_line_prefix", value: "%m [%p] \"%a\" "),
        ]
        cluster.postgres.hbaLines = ["hostssl shop shop 198.51.100.0/24 scram-sha-256"]
        return cluster
    }

    private static func makeFiveRoles() -> Cluster {
        let members = (1...3).map { number in
            ClusterHost(name: "pg\(number)", address: "192.0.2.1\(number)", roles: [member(number, [.patroni])])
        }
        let others = [
            ClusterHost(
                name: "zookeeper", address: "192.0.2.20",
                roles: [RoleAssignment(role: .zookeeper, services: [.zookeeper])]),
            ClusterHost(
                name: "haproxy", address: "192.0.2.21", roles: [RoleAssignment(role: .haproxy, services: [.haproxy])]),
        ]
        var cluster = Cluster(name: "five", hosts: members + others)
        cluster.haproxy.statisticsOpen = true
        cluster.durability = .quorum
        return cluster
    }

    private static func makeOneHost() -> Cluster {
        var cluster = Cluster(
            name: "one",
            hosts: [
                ClusterHost(
                    name: "single", address: "2001:db8::10",
                    roles: (1...3).map { member($0, [.patroni]) } + [
                        RoleAssignment(role: .zookeeper, services: [.zookeeper]),
                        RoleAssignment(role: .haproxy, services: [.haproxy]),
                    ])
            ])
        cluster.directories.data = "/srv/pgha"
        cluster.durability = .strict
        return cluster
    }

    private static func makeReference() -> Cluster {
        var cluster = Layout.threeHosts.cluster
        cluster.profile = .reference
        cluster.durability = .asynchronous
        cluster.patroni.failsafeMode = false
        return cluster
    }

    private static func makeDistribution() -> Cluster {
        var cluster = Layout.threeHosts.cluster
        cluster.patroni.source = .distribution
        return cluster
    }
}
