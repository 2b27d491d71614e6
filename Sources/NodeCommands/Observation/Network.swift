import ArgumentParser
import ClusterModel
import HostOperations
import HostPorts

struct Network: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List this host's addresses, ports and connections of the cluster, and where HAProxy leads.",
        discussion: """
            Like "docker network inspect". LISTENER is "expected" if the service that the port is for has it, "foreign" if \
            another process has; only root is told who listens. Of ZooKeeper's servers only the leader listens for \
            followers.

            Examples:
              pgha-node network
              pgha-node network --output json
            """
    )

    @OptionGroup var cluster: ClusterOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await run(on: .local())
    }

    func run(on machine: Machine) async throws(NodeFailure) {
        let model = try cluster.load(on: machine)
        let host = try InstallTarget.host(of: model, roles: [], on: machine)
        let network = try await NetworkInspector(machine: machine, cluster: model, host: host).read()
        try output.render(network, table: NetworkText.text)
    }
}

enum NetworkText {
    static func text(_ network: HostNetwork) -> String {
        [
            "host \(network.host) of cluster \(network.cluster): \(network.addresses.joined(separator: ", "))",
            ports(network.ports), connections(network.connections), routes(network.routes),
        ].filter { !$0.isEmpty }.joined(separator: "\n\n")
    }

    private static func ports(_ ports: [HostNetwork.Port]) -> String {
        TextTable(
            headers: ["PORT", "ROLE", "SERVICE", "FOR", "LISTENER", "PROCESS", "ADDRESSES"],
            rows: ports.map {
                [
                    String($0.port), $0.role, $0.service, $0.purpose, $0.state.rawValue, $0.process ?? "-",
                    $0.addresses.isEmpty ? "-" : $0.addresses.joined(separator: ","),
                ]
            }
        ).text
    }

    private static func connections(_ connections: [HostNetwork.Connections]) -> String {
        TextTable(
            headers: ["DIRECTION", "PORT", "TO", "FOR", "PEER", "ADDRESS", "COUNT"],
            rows: connections.map {
                [
                    $0.direction.rawValue, String($0.port), $0.role, $0.purpose, peer($0), $0.peerAddress,
                    String($0.count),
                ]
            }
        ).text
    }

    private static func peer(_ connections: HostNetwork.Connections) -> String {
        guard let host = connections.peerHost else { return "-" }
        return connections.peerRoles == [host] ? host : "\(host) (\(connections.peerRoles.joined(separator: ",")))"
    }

    private static func routes(_ routes: [HostNetwork.Route]) -> String {
        TextTable(
            headers: ["HAPROXY", "BACKEND", "SERVER", "STATE", "SESSIONS"],
            rows: routes.flatMap { route in
                guard let servers = route.servers else { return [[route.role, "no answer", "-", "-", "-"]] }
                return servers.map {
                    [
                        route.role, $0.backend, $0.server, $0.isUp ? "up" : "down",
                        $0.sessions.map(String.init) ?? "-",
                    ]
                }
            }
        ).text
    }
}
