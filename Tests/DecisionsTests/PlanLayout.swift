import ClusterModel
import ConfigFiles
import Decisions

/// The layouts of the design, and the plans of their hosts.
enum PlanLayout: String, CaseIterable, Sendable {
    case threeHosts = "three-hosts"
    case fiveRoles = "five-roles"
    case oneHost = "one-host"
    /// Three hosts with the distribution's Patroni.
    case distribution

    var cluster: Cluster {
        switch self {
        case .threeHosts: return Cluster(name: "shop", hosts: Self.members([.zookeeper, .patroni, .haproxy]))
        case .fiveRoles: return Cluster(name: "five", hosts: Self.members([.patroni]) + Self.others)
        case .oneHost:
            let roles = (Self.members([.patroni]) + Self.others).flatMap(\.roles)
            return Cluster(name: "one", hosts: [ClusterHost(name: "solo", address: "192.0.2.10", roles: roles)])
        case .distribution:
            var cluster = PlanLayout.threeHosts.cluster
            cluster.patroni.source = .distribution
            return cluster
        }
    }

    private static func members(_ services: [ServiceKind]) -> [ClusterHost] {
        (1...3).map { number in
            ClusterHost(
                name: "host\(number)", address: "192.0.2.1\(number)",
                roles: [RoleAssignment(role: .member(number), services: services)])
        }
    }

    private static let others = [
        ClusterHost(
            name: "coordinator", address: "192.0.2.20",
            roles: [RoleAssignment(role: .zookeeper, services: [.zookeeper])]),
        ClusterHost(
            name: "entry", address: "192.0.2.21", roles: [RoleAssignment(role: .haproxy, services: [.haproxy])]),
    ]

    func steps(of host: ClusterHost) -> [InstallStep] {
        let secrets = Secrets(superuser: "a", replication: "b", rewind: "c", restAPI: "d", zookeeper: "e")
        let files = ConfigRenderer.files(for: host, of: cluster, secrets: secrets)
        let planner = InstallPlanner(
            cluster: cluster, host: host, files: files,
            certificate: AgentCertificate(
                of: host, in: cluster, authority: AuthoritySecret(key: "f", certificate: "g")),
            fingerprint: { $0.map(\.path).joined(separator: " ") })
        let release = PatroniRelease(
            version: "4.1.5", requirements: "patroni==4.1.5",
            directory: "/opt/pgha/releases/patroni-4.1.5-00000000", link: PatroniPaths.link)
        return planner.steps(patroni: release)
    }
}
