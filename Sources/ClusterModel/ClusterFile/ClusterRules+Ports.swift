// Ports of everything that is placed on one host.
extension ClusterRules {
    /// A port that is taken on a host, by what, and where in the file that stands.
    private struct PortUse {
        var port: Int
        var user: String
        /// The setting, which need not be in the file.
        var setting: [String]?
        var role: [String] = []
    }

    func checkPorts() throws(NodeFailure) {
        for host in cluster.hosts {
            var taken: [Int: PortUse] = [:]
            for use in Self.agentPorts + host.roles.flatMap({ portUses(of: $0, on: host) }) {
                if let earlier = taken.updateValue(use, forKey: use.port) { throw clash(earlier, use, on: host) }
            }
        }
    }

    private static let agentPorts = [
        PortUse(port: 8108, user: "the agent"), PortUse(port: 8109, user: "the agents among themselves"),
    ]

    private func portUses(of assignment: RoleAssignment, on host: ClusterHost) -> [PortUse] {
        let role = ["hosts", host.name, "roles", assignment.role.text]
        var uses: [PortUse] = []
        for service in assignment.services {
            switch service {
            case .zookeeper: uses += zookeeperPorts(of: assignment.role)
            case .haproxy: uses += haproxyPorts(of: assignment.role)
            case .patroni:
                uses += [
                    PortUse(
                        port: assignment.postgresPort ?? 0, user: "PostgreSQL of \(assignment.role)",
                        setting: role + ["postgres_port"]),
                    PortUse(
                        port: assignment.patroniPort ?? 0, user: "Patroni of \(assignment.role)",
                        setting: role + ["patroni_port"]),
                ]
            }
        }
        return uses.map { use in
            var use = use
            use.role = role
            return use
        }
    }

    private func zookeeperPorts(of role: RoleName) -> [PortUse] {
        [
            PortUse(
                port: cluster.ports.zookeeperClient, user: "ZooKeeper\(of(role))", setting: ["ports", "zookeeper"]),
            PortUse(
                port: cluster.ports.zookeeperPeer, user: "ZooKeeper\(of(role)) (peers)",
                setting: ["ports", "zookeeper_peer"]),
            PortUse(
                port: cluster.ports.zookeeperElection, user: "ZooKeeper\(of(role)) (election)",
                setting: ["ports", "zookeeper_election"]),
        ]
    }

    private func haproxyPorts(of role: RoleName) -> [PortUse] {
        [
            PortUse(
                port: cluster.ports.readWrite, user: "HAProxy\(of(role)) (read-write)",
                setting: ["ports", "read_write"]),
            PortUse(
                port: cluster.ports.readOnly, user: "HAProxy\(of(role)) (read-only)", setting: ["ports", "read_only"]),
            PortUse(
                port: cluster.ports.statistics, user: "HAProxy\(of(role)) (statistics)",
                setting: ["ports", "statistics"]),
        ]
    }

    private func of(_ role: RoleName) -> String { role.isMember ? " of \(role)" : "" }

    private func clash(_ first: PortUse, _ second: PortUse, on host: ClusterHost) -> NodeFailure {
        let message =
            "port \(second.port) on host \"\(host.name)\" is taken twice: by \(first.user) and by \(second.user)"
        if first.setting == second.setting, let service = first.user.split(separator: " ").first {
            return document.failure(
                atLastOf: [first.role, second.role], message: message,
                hint: "A host can run one \(service). Give it the role \(service.lowercased()), "
                    + "so that its members do not run one each.")
        }
        let settings = [first.setting, second.setting].compactMap(\.self)
        let hint =
            first.setting == nil
            ? "Ports 8108 and 8109 are kept for the agent. Choose another port."
            : "Choose another port for one of them."
        guard settings.contains(where: document.exists) else {
            return document.failure(atLastOf: [first.role, second.role], message: message, hint: hint)
        }
        return document.failure(atLastOf: settings, message: message, hint: hint)
    }
}
