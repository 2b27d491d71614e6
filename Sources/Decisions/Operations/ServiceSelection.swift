import ClusterModel

/// Which services of this host people mean by a name.
package struct ServiceSelection: Equatable, Sendable {
    /// In start order.
    package var placed: [PlacedService]
    /// The host's agent, which belongs to no role.
    package var includesAgent: Bool

    package init(placed: [PlacedService], includesAgent: Bool) {
        self.placed = placed
        self.includesAgent = includesAgent
    }

    /// What people call it, in commands and in listings.
    package static let agentName = "agent"

    /// As `services`, and "agent" is a name too. `--all` means all services of the host and the agent with them.
    package static func selection(
        named names: [String], all: Bool, on host: ClusterHost, of cluster: Cluster
    ) throws(NodeFailure) -> ServiceSelection {
        let others = names.filter { $0 != agentName }
        let includesAgent = all || others.count < names.count
        if includesAgent, !all, others.isEmpty { return ServiceSelection(placed: [], includesAgent: true) }
        let placed = try services(named: others, all: all, on: host, of: cluster)
        return ServiceSelection(placed: placed, includesAgent: includesAgent)
    }

    /// The services that `names` mean, each once, in start order: ZooKeeper, Patroni, HAProxy.
    ///
    /// A role is what its container would be: `pg1` is Patroni with PostgreSQL, not the ZooKeeper beside it. A service
    /// (`zookeeper`, `patroni`, `haproxy`) is that service of each role here. Throws `.notFound` for a name that is
    /// neither, or that is on another host, and `.usage` without a name.
    package static func services(
        named names: [String], all: Bool, on host: ClusterHost, of cluster: Cluster
    ) throws(NodeFailure) -> [PlacedService] {
        let here = host.placedServices
        if all { return here }
        guard !names.isEmpty else {
            throw NodeFailure(
                .usage, "name what is meant", detail: "On this host there are \(words(on: host).quotedList).",
                hint: "Or add \"--all\".")
        }
        var wanted: [PlacedService] = []
        for name in names { wanted += try services(named: name, on: host, of: cluster) }
        return here.filter { wanted.contains($0) }
    }

    private static func services(
        named name: String, on host: ClusterHost, of cluster: Cluster
    ) throws(NodeFailure) -> [PlacedService] {
        if let assignment = host.roles.first(where: { $0.role.text == name }) {
            let own = assignment.services.filter { $0 == .patroni || $0.rawValue == name }
            if !own.isEmpty { return own.map { PlacedService($0, of: assignment.role) } }
        }
        let ofKind = host.placedServices.filter { $0.service.rawValue == name }
        if !ofKind.isEmpty { return ofKind }
        if let other = cluster.hosts.first(where: { words(on: $0).contains(name) }) {
            throw NodeFailure(
                .notFound, "\"\(name)\" is not on this host",
                detail: "It is on host \"\(other.name)\" (\(other.address)); this one is \"\(host.name)\".",
                hint: "Run the command there.")
        }
        let nearest = Spelling.nearest(to: name, of: words(on: host)).map { "Did you mean \"\($0)\"? " } ?? ""
        throw NodeFailure(
            .notFound, "there is no \"\(name)\" in the cluster \"\(cluster.name)\"",
            hint: "\(nearest)On this host there are \(words(on: host).quotedList).")
    }

    /// All that can be named on a host: its members first, then its services.
    private static func words(on host: ClusterHost) -> [String] {
        let placed = host.placedServices
        let members = placed.filter { $0.service == .patroni }.map(\.role.text)
        let kinds = ServiceKind.allCases.filter { kind in placed.contains { $0.service == kind } }.map(\.rawValue)
        return members + kinds
    }
}

extension [String] {
    /// e.g. `"pg1", "zookeeper"`.
    fileprivate var quotedList: String { map { "\"\($0)\"" }.joined(separator: ", ") }
}
