// Which host of the cluster a machine is.
extension Cluster {
    /// The host of `cluster.yml` that this machine is, by its addresses, and by its roles if any are named.
    ///
    /// Throws `.notFound` for a role that no host has, `.invalidConfiguration` if this machine is not that host.
    package func host(
        withAnyAddress addresses: [String], roles: [RoleName]
    ) throws(NodeFailure) -> ClusterHost {
        let own = addresses.map { HostAddress.canonical($0) ?? $0 }
        guard let first = roles.first else { return try host(withAnyOf: own) }
        let host = try host(with: first)
        for role in roles.dropFirst() {
            let other = try self.host(with: role)
            guard other == host else {
                throw NodeFailure(
                    .invalidConfiguration, "\(first) and \(role) belong to different hosts",
                    detail: "\(first) belongs to host \"\(host.name)\", \(role) to host \"\(other.name)\".",
                    hint: "Name roles of one host only.")
            }
        }
        guard isOwn(host, own) else {
            throw NodeFailure(
                .invalidConfiguration,
                "\(first) belongs to host \"\(host.name)\" at \(host.address), which is not an address of this host",
                detail: Self.describe(own),
                hint: "Run this on \(host.name), or correct the address in cluster.yml.")
        }
        return host
    }

    private func host(withAnyOf own: [String]) throws(NodeFailure) -> ClusterHost {
        let matches = hosts.filter { isOwn($0, own) }
        guard let host = matches.first else {
            throw NodeFailure(
                .invalidConfiguration, "this host is not in the cluster \"\(name)\"",
                detail: "\(Self.describe(own)) The cluster's are "
                    + "\(hosts.map { "\($0.address) (\($0.name))" }.listed()).",
                hint: "Correct the addresses in cluster.yml, or check that this is the right host.")
        }
        guard matches.count == 1 else {
            throw NodeFailure(
                .invalidConfiguration, "this host has the addresses of \(matches.count) hosts of the cluster",
                detail: "They are \(matches.map { "\($0.address) (\($0.name))" }.listed()).",
                hint: "Name the role with \"--role\", for example \"--role \(matches[0].roles[0].role)\".")
        }
        return host
    }

    private func host(with role: RoleName) throws(NodeFailure) -> ClusterHost {
        guard let placement = placement(of: role) else {
            throw NodeFailure(
                .notFound, "no host of the cluster \"\(name)\" has the role \(role)",
                hint: "Its roles are \(roleNames.map(\.text).listed()).")
        }
        return placement.host
    }

    /// Loopback is an address of every machine, and with one host there is no other that it could mean.
    private func isOwn(_ host: ClusterHost, _ own: [String]) -> Bool {
        own.contains(host.address) || (hosts.count == 1 && HostAddress.isLoopback(host.address))
    }

    private static func describe(_ addresses: [String]) -> String {
        addresses.isEmpty ? "This host has no address." : "This host's addresses are \(addresses.listed())."
    }
}
