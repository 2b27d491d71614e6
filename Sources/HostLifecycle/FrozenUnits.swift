import ClusterModel
import Decisions
import HostOperations
import HostPorts
import NodeInstaller

/// Wakes what is frozen before it is stopped for good: depending on its version, systemd refuses such a stop or waits in vain.
package enum FrozenUnits {
    /// `cluster` may be nil where cluster.yml is gone; then a frozen member is killed first in any case, so that it never
    /// answers as the leader that it may have been.
    package static func thaw(
        of receipt: Receipt, on machine: Machine, cluster: Cluster?, notify: @escaping @Sendable (String) -> Void
    ) async throws(NodeFailure) {
        for name in receipt.units {
            let unit = UnitName(name)
            guard try await machine.services.state(of: unit).isFrozen else { continue }
            if let cluster, let placed = placed(unit, in: cluster) {
                try await ServiceFreezer(machine: machine, cluster: cluster, notify: notify).thaw(placed)
            } else {
                notify("killing \(unit) before it wakes up: it is frozen, and nothing says who leads")
                try await ServiceFreezer.kill(unit, on: machine)
                try await machine.services.thaw(unit)
            }
        }
    }

    private static func placed(_ unit: UnitName, in cluster: Cluster) -> PlacedService? {
        cluster.hosts.flatMap(\.placedServices).first { $0.unit == unit }
    }
}
