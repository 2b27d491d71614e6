import ClusterModel
import UnitFiles

/// Unit files, whole and the same on every host, and drop-ins for what differs.
enum UnitConfig {
    private static let directory = "/etc/systemd/system"

    static func files(for host: ClusterHost, of cluster: Cluster) -> [RenderedFile] {
        let services = Set(host.roles.flatMap(\.services))
        return sysusers(services) + units(services) + host.roles.flatMap { dropIns(for: $0, on: host, of: cluster) }
    }

    private static func sysusers(_ services: Set<ServiceKind>) -> [RenderedFile] {
        guard services.contains(.zookeeper) else { return [] }
        return [
            RenderedFile(
                path: "/etc/sysusers.d/pgha.conf",
                contents: ConfigHeader.prefixing(UnitFiles.sysusers, origin: .unitTemplate))
        ]
    }

    /// Templates: which instances run is decided by what is enabled.
    private static func units(_ services: Set<ServiceKind>) -> [RenderedFile] {
        UnitFiles.all.compactMap { unit in
            let owner = ServiceKind.allCases.first { unit.name.hasPrefix("pgha-\($0.rawValue)@") }
            if let owner, !services.contains(owner) { return nil }
            return RenderedFile(
                path: "\(directory)/\(unit.name)",
                contents: ConfigHeader.prefixing(unit.contents, origin: .unitTemplate))
        }
    }

    private static func dropIns(
        for assignment: RoleAssignment, on host: ClusterHost, of cluster: Cluster
    ) -> [RenderedFile] {
        assignment.services.compactMap { service in
            let unit = unitSection(service, of: assignment.role, on: host, of: cluster)
            let settings = serviceSection(service, of: cluster)
            if unit.isEmpty, settings.isEmpty { return nil }
            var lines: [String] = []
            if !unit.isEmpty { lines += ["[Unit]"] + unit }
            if !settings.isEmpty { lines += ["[Service]"] + settings }
            return RenderedFile(
                path: "\(directory)/pgha-\(service.rawValue)@\(assignment.role).service.d/10-cluster.conf",
                contents: ConfigHeader.prefixing(lines.joined(separator: "\n") + "\n"))
        }
    }

    private static func unitSection(
        _ service: ServiceKind, of role: RoleName, on host: ClusterHost, of cluster: Cluster
    ) -> [String] {
        var lines: [String] = []
        // The template only knows the order within one role. The other roles are looked up in the cluster, because `host`
        // may have been cut down to those that are installed now.
        let neighbours = (cluster.hosts.first { $0.name == host.name } ?? host).roles.filter { $0.role != role }
        let before = neighbours.flatMap { neighbour in
            neighbour.services.filter { $0 == service.predecessor }.map {
                "pgha-\($0.rawValue)@\(neighbour.role).service"
            }
        }
        if !before.isEmpty { lines.append("After=\(before.joined(separator: " "))") }
        // The template names the default directory only (systemd.unit(5), RequiresMountsFor=).
        if let path = cluster.directories.path(of: service, role), path != Directories().path(of: service, role) {
            lines.append("RequiresMountsFor=\"\(path)\"")
        }
        return lines
    }

    private static func serviceSection(_ service: ServiceKind, of cluster: Cluster) -> [String] {
        guard service == .patroni, cluster.patroni.source == .distribution else { return [] }
        // The empty line takes the template's command away (systemd.service(5), ExecStart=).
        return ["ExecStart=", "ExecStart=/usr/bin/patroni /etc/pgha/%i/patroni.yml"]
    }
}

extension ServiceKind {
    /// The service that starts before this one on the same host.
    fileprivate var predecessor: ServiceKind? {
        switch self {
        case .zookeeper: nil
        case .patroni: .zookeeper
        case .haproxy: .patroni
        }
    }
}
