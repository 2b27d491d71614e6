/// The commented `cluster.yml` that `pgha-node init` writes.
package enum ClusterTemplate {
    /// Without hosts there are three for example. Nothing is checked; `ClusterFile.load` says what is wrong.
    ///
    /// A setting that is commented out has its `#` next to its name, a remark has a space there.
    package static func render(
        name: String, hosts: [(name: String, address: String, roles: [RoleName]?)]
    ) -> String {
        let examples = (1...3).map { (name: "pg\($0)", address: "192.0.2.1\($0)", roles: [RoleName]?.none) }
        var lines = head
        for key in ClusterSchema.keys {
            switch key.name {
            case "name": lines += ["", "# \(key.summary)", "name: \(YAMLText.scalar(name))"]
            case "hosts": lines += hostsSection(hosts.isEmpty ? examples : hosts, key)
            default: lines += [""] + settings(of: key, indentation: "")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static let head = [
        "# yaml-language-server: $schema=cluster.schema.json",
        "#",
        "# A PostgreSQL cluster of pgha-node. This file is the same on each of its hosts: /etc/pgha/cluster.yml.",
        "# Settings that begin with # show the default. To change one, remove the # and edit the value.",
    ]

    private static func settings(of key: SchemaKey, indentation: String) -> [String] {
        let remark = "\(indentation)# \(key.summary)"
        // A map within a section is one line.
        guard indentation.isEmpty, case .section(let keys) = key.type else {
            return [remark, "\(indentation)#\(key.name): \(key.defaultText ?? "")"]
        }
        return [remark, "\(indentation)\(key.name):"]
            + keys.flatMap { settings(of: $0, indentation: indentation + "  ") }
    }

    private static func hostsSection(
        _ hosts: [(name: String, address: String, roles: [RoleName]?)], _ key: SchemaKey
    ) -> [String] {
        let longForm = """

            # \(key.summary)
            # The long form, here with the default services and ports of its roles:
            #   other:
            #     address: 192.0.2.20
            #     roles:
            #       pg4: { services: [zookeeper, patroni, haproxy], postgres_port: 5436, patroni_port: 8011 }
            # Roles are pg1 to pg9, zookeeper and haproxy. Where a host has the role zookeeper (or haproxy), the members
            # run none themselves. With no settings for roles, a list will do: "roles: [pg4, haproxy]".
            hosts:
            """
        return longForm.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            + hosts.flatMap { host in
                let name = YAMLText.scalar(host.name)
                let address = YAMLText.scalar(host.address)
                guard let roles = host.roles, roles.map(\.text) != [host.name] else { return ["  \(name): \(address)"] }
                return [
                    "  \(name):", "    address: \(address)",
                    "    roles: [\(roles.map(\.text).joined(separator: ", "))]",
                ]
            }
    }
}
