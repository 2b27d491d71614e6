import ClusterModel
import Decisions
import HostPorts

/// The cluster's network as this host sees it.
package struct HostNetwork: Codable, Equatable, Sendable {
    package struct Port: Codable, Equatable, Sendable {
        package enum State: String, Codable, Sendable {
            /// The service it is for listens.
            case expected
            /// Another process does.
            case foreign
            /// Somebody does; only root is told who.
            case unknown
            case nobody
        }

        package var port: Int
        package var purpose: String
        package var service: String
        package var role: String
        package var addresses: [String]
        package var process: String?
        package var state: State
    }

    /// Connections between the same two ends, counted.
    package struct Connections: Codable, Equatable, Sendable {
        package enum Direction: String, Codable, Sendable {
            case incoming = "in"
            case outgoing = "out"
        }

        package var direction: Direction
        /// The listening end's port.
        package var port: Int
        package var purpose: String
        /// The role that listens.
        package var role: String
        package var peerAddress: String
        /// The host of cluster.yml; nil for an address that is none of them.
        package var peerHost: String?
        package var peerRoles: [String]
        package var count: Int
    }

    package struct Route: Codable, Equatable, Sendable {
        package var role: String
        /// nil if HAProxy does not answer, or not this user.
        package var servers: [RouteServer]?
    }

    package var cluster: String
    package var host: String
    package var addresses: [String]
    package var ports: [Port]
    package var connections: [Connections]
    package var routes: [Route]
}

package struct NetworkInspector: Sendable {
    private let machine: Machine
    private let cluster: Cluster
    private let host: ClusterHost

    package init(machine: Machine, cluster: Cluster, host: ClusterHost) {
        self.machine = machine
        self.cluster = cluster
        self.host = host
    }

    package func read() async throws(NodeFailure) -> HostNetwork {
        let addresses = try machine.network.localAddresses()
        let listening = try machine.network.listeningPorts()
        var routes: [HostNetwork.Route] = []
        for placed in host.placedServices where placed.service == .haproxy {
            routes.append(
                HostNetwork.Route(
                    role: placed.role.text, servers: await RouteReader.servers(of: placed.role, on: machine)))
        }
        return HostNetwork(
            cluster: cluster.name, host: host.name, addresses: addresses,
            ports: ClusterPort.all(of: host, in: cluster).map { port($0, listening) },
            connections: connections(try machine.observation.connections.establishedConnections(), Set(addresses)),
            routes: routes)
    }

    private func port(_ port: ClusterPort, _ listening: [ListeningPort]) -> HostNetwork.Port {
        let listeners = listening.filter { $0.port == port.port }
        let unit = port.placed.unit.text
        // Whoever is not of the unit is the one to be shown.
        let foreign = listeners.first { $0.controlGroup?.hasSuffix(unit) == false }
        let state: HostNetwork.Port.State =
            if listeners.isEmpty {
                .nobody
            } else if foreign != nil {
                .foreign
            } else {
                listeners.allSatisfy { $0.controlGroup != nil } ? .expected : .unknown
            }
        return HostNetwork.Port(
            port: port.port, purpose: port.purpose, service: port.placed.service.rawValue,
            role: port.placed.role.text, addresses: listeners.map { plain($0.address) },
            process: (foreign ?? listeners.first)?.process, state: state)
    }

    /// An IPv4 address that a socket of IPv6 listens on is shown as one (ipv6(7)).
    private func plain(_ address: String) -> String {
        let mapped = "::ffff:"
        return address.hasPrefix(mapped) ? String(address.dropFirst(mapped.count)) : address
    }

    private struct Ends: Hashable {
        var direction: HostNetwork.Connections.Direction
        var port: Int
        var peer: String
    }

    /// Both ends of a connection within this host are in the kernel's table; the listening one is counted.
    private func connections(
        _ all: [EstablishedConnection], _ addresses: Set<String>
    ) -> [HostNetwork.Connections] {
        let own = Set(ClusterPort.all(of: host, in: cluster).map(\.port))
        var counts: [Ends: Int] = [:]
        for connection in all {
            let isLocal = addresses.contains(connection.remoteAddress) || isLoopback(connection.remoteAddress)
            if own.contains(connection.localPort) {
                let peer = isLocal ? host.address : connection.remoteAddress
                counts[Ends(direction: .incoming, port: connection.localPort, peer: peer), default: 0] += 1
            } else if !isLocal, port(connection.remotePort, at: connection.remoteAddress) != nil {
                let ends = Ends(direction: .outgoing, port: connection.remotePort, peer: connection.remoteAddress)
                counts[ends, default: 0] += 1
            }
        }
        return counts.map(row).sorted {
            ($0.direction.rawValue, $0.port, $0.peerAddress) < ($1.direction.rawValue, $1.port, $1.peerAddress)
        }
    }

    private func row(_ ends: Ends, _ count: Int) -> HostNetwork.Connections {
        let peer = cluster.hosts.first { $0.address == ends.peer }
        let listener = port(ends.port, at: ends.direction == .incoming ? host.address : ends.peer)
        return HostNetwork.Connections(
            direction: ends.direction, port: ends.port, purpose: listener?.purpose ?? "-",
            role: listener?.placed.role.text ?? "-", peerAddress: ends.peer, peerHost: peer?.name,
            peerRoles: peer?.roles.map(\.role.text) ?? [], count: count)
    }

    private func port(_ number: Int, at address: String) -> ClusterPort? {
        cluster.hosts.first { $0.address == address }
            .flatMap { ClusterPort.all(of: $0, in: cluster).first { $0.port == number } }
    }

    private func isLoopback(_ address: String) -> Bool { address.hasPrefix("127.") || address == "::1" }
}
