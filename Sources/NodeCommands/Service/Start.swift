import ArgumentParser
import ClusterModel
import HostOperations
import HostPorts

struct Start: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Start services of this host and wait until they serve.",
        discussion: """
            Like "docker start", or "docker compose up -d" with --all. One that runs already is left alone. A service of \
            another host is started there. With --all the agent comes last, since it is up when this host is usable.

            Examples:
              pgha-node start pg1
              pgha-node start --all
              pgha-node start haproxy --timeout 30 --output json
            """
    )

    @OptionGroup var options: ServiceVerbOptions

    func run() async throws {
        try await run(on: .local())
    }

    func run(on machine: Machine) async throws(NodeFailure) {
        try await options.run(.start, on: machine)
    }
}
