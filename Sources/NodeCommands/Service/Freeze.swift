import ArgumentParser
import ClusterModel
import HostOperations
import HostPorts

struct Freeze: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Freeze services of this host: all their processes stop where they are.",
        discussion: """
            Like "docker pause". The whole control group of the unit is frozen until "pgha-node thaw". A leader that is frozen \
            hangs for all who use it, so the agent replaces it after agent.suspicion: another member leads, the frozen one is \
            killed, and follows once it is thawed. With --observe the agent keeps its hands off, and the lease (patroni.ttl) \
            decides. Refused, with 3, where ZooKeeper would lose its quorum or the last running member would stop.

            With --for, a timer of systemd thaws it, as "pgha-node thaw" does, even if this terminal is gone. Refused as \
            well where a watchdog would reset the host meanwhile, unless --expect-reset.

            Examples:
              pgha-node freeze pg1
              pgha-node freeze pg1 --for 60s
              pgha-node freeze pg1 --observe      to see the lease run out
              pgha-node freeze zookeeper --dry-run
            """
    )

    @Flag(help: "Freeze even what the cluster cannot do without.")
    var force = false

    @Option(
        name: .customLong("for"), help: ArgumentHelp("Thaw after that time, e.g. 60s, 5min, 1h.", valueName: "time"))
    var span: TimeSpanArgument?

    @Flag(help: "The agent of this host does nothing about it.")
    var observe = false

    @Flag(help: "Freeze although a watchdog will reset the host.")
    var expectReset = false

    @OptionGroup var options: ServiceVerbOptions
    @OptionGroup var measurement: MeasureOption

    func run() async throws {
        try await run(on: .local())
    }

    func run(on machine: Machine) async throws(NodeFailure) {
        try await measurement.around(self, options.cluster, on: machine, isLocal: true) {
            () async throws(NodeFailure) in
            try await options.run(.freeze, force: force, on: machine) { operation throws(NodeFailure) in
                operation.freezeSeconds = span?.seconds
                operation.isObserved = observe
                operation.expectsReset = expectReset
                operation.thawCommand = options.cluster.laterCommand(["thaw"], on: machine)
            }
        }
    }
}
