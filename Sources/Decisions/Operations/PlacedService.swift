import ClusterModel

/// A service of a role on a host.
package struct PlacedService: Equatable, Sendable {
    package var service: ServiceKind
    package var role: RoleName

    package init(_ service: ServiceKind, of role: RoleName) {
        self.service = service
        self.role = role
    }

    package var unit: UnitName { service.unit(for: role) }

    /// What people call it on its host: the role for a member, else the service.
    package var name: String { service == .patroni ? role.text : service.rawValue }
}

extension ClusterHost {
    /// All services of this host in start order: ZooKeeper, Patroni, HAProxy.
    package var placedServices: [PlacedService] {
        ServiceKind.allCases.flatMap { service in
            roles.filter { $0.services.contains(service) }.map { PlacedService(service, of: $0.role) }
        }
    }
}
