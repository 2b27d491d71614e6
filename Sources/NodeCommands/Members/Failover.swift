import ArgumentParser
import ClusterModel
import HostOperations
import HostPorts

struct Failover: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a member leader where nobody leads.",
        discussion: """
            For a cluster that has lost its leader and does not find a new one by itself. Refused, with 3, while a leader runs \
            (that is what switchover is for), and where another member has more of the write-ahead log, unless --force: what \
            the chosen member does not have is lost.

            Examples:
              pgha-node failover --to pg2
              pgha-node failover --to pg2 --dry-run
            """
    )

    @Option(help: ArgumentHelp("The member to lead.", valueName: "member"))
    var to: RoleName

    @Flag(help: "Although another member has commits that this one does not have.")
    var force = false

    @OptionGroup var options: LeaderOptions
    @OptionGroup var measurement: MeasureOption

    func run() async throws {
        try await run(on: .local())
    }

    func run(on machine: Machine) async throws(NodeFailure) {
        try await measurement.around(self, options.cluster, on: machine, isLocal: false) {
            () async throws(NodeFailure) in
            try await options.run(.failover(to: to, force: force), on: machine)
        }
    }
}
