import ArgumentParser
import ClusterModel
import HostPorts

struct DSN: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dsn",
        abstract: "Print the connection string of the cluster's entry point (root only: it holds the password).",
        discussion: """
            Examples:
              pgha-node dsn
              PGSERVICEFILE=<(pgha-node dsn --format service) psql service=pgha

            The second one keeps the password out of psql's arguments, which everybody on the host can see.
            """
    )

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case uri
        case service
    }

    @Option(help: "uri, or service: a section [pgha] of a libpq service file.")
    var format = Format.uri

    @Flag(help: "Print the read-only entry point, served by the replicas.")
    var readOnly = false

    @OptionGroup var cluster: ClusterOptions

    func run() async throws {
        try await run(on: .local())
    }

    func run(on machine: Machine) async throws(NodeFailure) {
        try machine.requireRoot(to: "read the cluster's password")
        let model = try cluster.load(on: machine)
        let secrets = try ClusterOptions.loadSecrets(on: machine)
        let local = Set(try machine.network.localAddresses())
        // This host's own entry point first, the others for the case that it is down.
        let addresses = model.placements(of: .haproxy).map(\.host.address)
        let hosts = addresses.filter { local.contains($0) } + addresses.filter { !local.contains($0) }
        let port = readOnly ? model.ports.readOnly : model.ports.readWrite
        switch format {
        case .uri:
            let places = hosts.map { Cluster.endpoint($0, port) }.joined(separator: ",")
            Output.result("postgresql://postgres:\(secrets.superuser)@\(places)/postgres")
        case .service:
            Output.result(
                """
                [pgha]
                host=\(hosts.joined(separator: ","))
                port=\(port)
                dbname=postgres
                user=postgres
                password=\(secrets.superuser)
                """)
        }
    }
}
