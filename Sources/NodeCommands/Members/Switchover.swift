import ArgumentParser
import ClusterModel
import HostOperations
import HostPorts

struct Switchover: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Hand over from the leader to another member, without losing a commit.",
        discussion: """
            Looks first whether a member can take over: that it streams, how far it is behind, in synchronous mode that it is \
            the synchronous replica, and that maintenance is off; refuses with 3 otherwise. Returns when the new leader \
            accepts writes and the old one follows. Works from any host.

            Examples:
              pgha-node switchover
              pgha-node switchover --to pg2
              pgha-node switchover --measure
              pgha-node switchover --dry-run
            """
    )

    @Option(help: ArgumentHelp("The member to lead; without it, the best one.", valueName: "member"))
    var to: RoleName?

    @OptionGroup var options: LeaderOptions
    @OptionGroup var measurement: MeasureOption

    func run() async throws {
        try await run(on: .local())
    }

    func run(on machine: Machine) async throws(NodeFailure) {
        try await measurement.around(self, options.cluster, on: machine, isLocal: false) {
            () async throws(NodeFailure) in
            try await options.run(.switchover(to: to), on: machine)
        }
    }
}
