import ArgumentParser
import ClusterModel
import HostOperations
import HostPorts

struct Freeze: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Freeze services of this host: all their processes stop where they are.",
        discussion: """
            Like "docker pause". The whole control group of the unit is frozen until "pgha-node thaw". A leader that is frozen \
            for longer than its lease (patroni.ttl) is replaced by another member. Refused, with 3, where ZooKeeper would lose \
            its quorum or the last running member would stop.

            Examples:
              pgha-node freeze pg1
              pgha-node freeze zookeeper --dry-run
            """
    )

    @Flag(help: "Freeze even what the cluster cannot do without.")
    var force = false

    @OptionGroup var options: ServiceVerbOptions

    func run() async throws {
        try await run(on: .local())
    }

    func run(on machine: Machine) async throws(NodeFailure) {
        try await options.run(.freeze, force: force, on: machine)
    }
}
