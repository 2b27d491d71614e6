import ArgumentParser
import ClusterModel
import HostOperations
import HostPorts

struct Stop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Stop services of this host.",
        discussion: """
            Like "docker stop". The data stays, and the service is started again by "pgha-node start" and by the next boot. A leader \
            that is stopped hands over to another member. Refused, with 3, where ZooKeeper would lose its quorum or the last \
            running member would stop. Without its agent a host is as fast as Patroni and HAProxy alone, and as safe.

            Examples:
              pgha-node stop pg1
              pgha-node stop --all --force
              pgha-node stop agent
              pgha-node stop zookeeper --dry-run
            """
    )

    @Flag(help: "Stop even what the cluster cannot do without.")
    var force = false

    @OptionGroup var options: ServiceVerbOptions
    @OptionGroup var measurement: MeasureOption

    func run() async throws {
        try await run(on: .local())
    }

    func run(on machine: Machine) async throws(NodeFailure) {
        try await measurement.around(self, options.cluster, on: machine, isLocal: true) {
            () async throws(NodeFailure) in
            try await options.run(.stop, force: force, on: machine)
        }
    }
}
