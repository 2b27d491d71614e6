import ArgumentParser
import ClusterModel
import HostOperations
import HostPorts

struct Restart: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Restart services of this host, one after the other, and wait until each serves.",
        discussion: """
            Like "docker compose restart". With --all in turns: ZooKeeper, one server after the other, then the replicas, \
            then the leader after a switchover to another member, then HAProxy. A cluster is restarted by "restart --all" \
            on one host after the other, the leader's host last. The agent comes last of all. Refused, with 3, where ZooKeeper would lose its quorum.

            Examples:
              pgha-node restart haproxy
              pgha-node restart pg1
              pgha-node restart --all --measure
            """
    )

    @Flag(help: "With --all: restart ZooKeeper although its quorum is lost meanwhile.")
    var force = false

    @OptionGroup var options: ServiceVerbOptions
    @OptionGroup var measurement: MeasureOption

    func run() async throws {
        try await run(on: .local())
    }

    func run(on machine: Machine) async throws(NodeFailure) {
        try await measurement.around(self, options.cluster, on: machine, isLocal: true) {
            () async throws(NodeFailure) in
            try await options.run(.restart, force: force, on: machine)
        }
    }
}
