import ArgumentParser
import ClusterModel
import HostOperations
import HostPorts

struct Restart: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Restart services of this host, one after the other, and wait until each serves.",
        discussion: """
            Like "docker compose restart". With --all: ZooKeeper, then the members, then HAProxy. A leader that is restarted hands \
            over to another member; use it on one host at a time.

            Examples:
              pgha-node restart haproxy
              pgha-node restart pg1
              pgha-node restart --all
            """
    )

    @OptionGroup var options: ServiceVerbOptions

    func run() async throws {
        try await run(on: .local())
    }

    func run(on machine: Machine) async throws(NodeFailure) {
        try await options.run(.restart, on: machine)
    }
}
