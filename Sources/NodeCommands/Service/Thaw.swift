import ArgumentParser
import ClusterModel
import HostOperations
import HostPorts

struct Thaw: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Thaw services of this host that are frozen.",
        discussion: """
            Like "docker unpause", and safe: a leader that slept past its lease is killed while it is still frozen, so that it \
            answers no write as the leader that it no longer is; systemd starts it anew, and it follows the new leader. With \
            plain "systemctl thaw" the agent of the host sees to that, if it runs.

            Examples:
              pgha-node thaw pg1
              pgha-node thaw --all
            """
    )

    @OptionGroup var options: ServiceVerbOptions

    func run() async throws {
        try await run(on: .local())
    }

    func run(on machine: Machine) async throws(NodeFailure) {
        try await options.run(.thaw, on: machine)
    }
}
