// Hosts, their roles, and what runs there.
extension ClusterDocument {
    /// A role as it stands in the file, before it is known what the other hosts are.
    private struct DeclaredRole {
        var role: RoleName
        var settings: YAMLValue
        var position: TextPosition
    }

    private struct DeclaredHost {
        var name: String
        var address: String
        var roles: [DeclaredRole]
    }

    func hosts() throws(NodeFailure) -> [ClusterHost] {
        var declared: [DeclaredHost] = []
        for field in root["hosts"].fields {
            let host = try declaredHost(field)
            try refuseDuplicates(of: host, among: declared, field)
            declared.append(host)
        }
        guard !declared.isEmpty else {
            throw failure(at: "hosts", message: "there is no host", hint: "Write \"pg1: 192.0.2.11\" below \"hosts\".")
        }
        let roles = Set(declared.flatMap { $0.roles.map(\.role) })
        var hosts: [ClusterHost] = []
        for host in declared {
            var assignments: [RoleAssignment] = []
            for role in host.roles { assignments.append(try assignment(role, in: roles)) }
            hosts.append(ClusterHost(name: host.name, address: host.address, roles: assignments))
        }
        return hosts
    }

    private func declaredHost(_ field: YAMLField) throws(NodeFailure) -> DeclaredHost {
        let address = field.value.text ?? field.value["address"].text ?? ""
        let roles = field.value["roles"]
        var host = DeclaredHost(name: field.key, address: HostAddress.canonical(address) ?? address, roles: [])
        if roles.kind == .nothing {
            guard let role = RoleName(field.key) else {
                throw source.failure(
                    "the host \(field.key.quoted) has no roles", at: field.position,
                    detail: "Only a host with the name of a role needs none. \(RoleName.hint)",
                    hint: "Write \"\(field.key): { address: \(host.address), roles: [pg1] }\".")
            }
            host.roles = [DeclaredRole(role: role, settings: roles, position: field.position)]
            return host
        }
        host.roles =
            roles.elements.compactMap { element in
                RoleName(element.text ?? "").map {
                    DeclaredRole(
                        role: $0, settings: YAMLValue(content: .nothing, position: element.position),
                        position: element.position)
                }
            }
            + roles.fields.compactMap { entry in
                RoleName(entry.key).map { DeclaredRole(role: $0, settings: entry.value, position: entry.position) }
            }
        if host.roles.isEmpty {
            throw source.failure(
                "the host \(field.key.quoted) has no roles", at: roles.position, hint: RoleName.hint)
        }
        return host
    }

    private func refuseDuplicates(
        of host: DeclaredHost, among earlier: [DeclaredHost], _ field: YAMLField
    ) throws(NodeFailure) {
        if let other = earlier.first(where: { $0.address == host.address }) {
            throw failure(
                at: "hosts", field.key, "address",
                message: "the hosts \"\(other.name)\" and \"\(host.name)\" have the same address",
                detail: "Two hosts with one address are one host.",
                hint: "Put the roles of both on one host: \"roles: [...]\".")
        }
        var holders: [RoleName: String] = [:]
        for other in earlier { for role in other.roles { holders[role.role] = other.name } }
        for role in host.roles {
            guard let holder = holders.updateValue(host.name, forKey: role.role) else { continue }
            throw source.failure(
                holder == host.name
                    ? "the host \"\(host.name)\" has the role \(role.role) twice"
                    : "the role \(role.role) is held by two hosts, \"\(holder)\" and \"\(host.name)\"",
                at: role.position, hint: "A role is held once. \(RoleName.hint)")
        }
    }

    private func assignment(_ declared: DeclaredRole, in roles: Set<RoleName>) throws(NodeFailure) -> RoleAssignment {
        let services = try services(of: declared, in: roles)
        for key in ["postgres_port", "patroni_port"] where !services.contains(.patroni) {
            guard let field = declared.settings.fields.first(where: { $0.key == key }), field.value.kind != .nothing
            else {
                continue
            }
            throw source.failure(
                "\(declared.role) has a \"\(key)\" and does not run Patroni", at: field.position,
                hint: "Remove the line, or add patroni to its services.")
        }
        return RoleAssignment(
            role: declared.role, services: services, postgresPort: declared.settings["postgres_port"].integer,
            patroniPort: declared.settings["patroni_port"].integer)
    }

    private func services(of declared: DeclaredRole, in roles: Set<RoleName>) throws(NodeFailure) -> [ServiceKind] {
        let value = declared.settings["services"]
        if value.kind == .nothing { return Self.defaultServices(of: declared.role, in: roles) }
        var services: Set<ServiceKind> = []
        for element in value.elements {
            guard let service = element.text.flatMap(ServiceKind.init) else { continue }
            guard declared.role.isMember || service.rawValue == declared.role.text else {
                throw source.failure(
                    "the role \(declared.role) cannot run \(service.rawValue)", at: element.position,
                    hint: service == .patroni
                        ? "Only pg1 to pg9 run Patroni." : "Give the host the role \(service.rawValue) as well.")
            }
            guard services.insert(service).inserted else {
                throw source.failure("the service \(service.rawValue) is there twice", at: element.position)
            }
        }
        if services.isEmpty {
            throw source.failure(
                "the role \(declared.role) has no service", at: value.position,
                hint: "Remove \"services\" to have the default, or remove the role.")
        }
        return ServiceKind.allCases.filter(services.contains)
    }

    private static func defaultServices(of role: RoleName, in roles: Set<RoleName>) -> [ServiceKind] {
        switch role {
        case .zookeeper: [.zookeeper]
        case .haproxy: [.haproxy]
        case .member:
            (roles.contains(.zookeeper) ? [] : [.zookeeper]) + [.patroni] + (roles.contains(.haproxy) ? [] : [.haproxy])
        }
    }
}
