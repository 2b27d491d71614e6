import ClusterModel

/// Where `pgha-node psql` connects to.
package enum PsqlDestination: Equatable, Sendable {
    /// HAProxy, read-write.
    case entryPoint
    case member(RoleName)
    /// Whichever member leads now.
    case leader
    /// A member that streams.
    case replica

    /// Throws `.notFound` for a name that is no member, with the nearest one.
    package init(_ name: String?, in cluster: Cluster) throws(NodeFailure) {
        let members = cluster.placements(of: .patroni).map(\.role)
        switch name {
        case nil: self = .entryPoint
        case "leader": self = .leader
        case "replica": self = .replica
        case let name?:
            if let role = members.first(where: { $0.text == name }) {
                self = .member(role)
                return
            }
            let names = members.map(\.text) + ["leader", "replica"]
            let nearest = Spelling.nearest(to: name, of: names).map { "Did you mean \"\($0)\"? " } ?? ""
            throw NodeFailure(
                .notFound, "there is no member \"\(name)\" in the cluster \"\(cluster.name)\"",
                hint: "\(nearest)There are \(names.map { "\"\($0)\"" }.joined(separator: ", ")).")
        }
    }
}

/// A section of a libpq service file (PostgreSQL documentation, "The Connection Service File").
package enum PsqlServiceFile {
    package static func text(hosts: [String], ports: [Int], password: String?) -> String {
        var lines = [
            "[pgha]", "host=\(hosts.joined(separator: ","))", "port=\(ports.map(String.init).joined(separator: ","))",
            "dbname=postgres", "user=postgres",
        ]
        if let password { lines.append("password=\(password)") }
        return lines.joined(separator: "\n") + "\n"
    }
}
