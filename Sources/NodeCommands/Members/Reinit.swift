import ArgumentParser
import ClusterModel
import HostOperations
import HostPorts

struct Reinit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Throw a replica's data away and copy it from the leader anew.",
        discussion: """
            For a replica that does not find its way back by itself. Refused, with 3, for the leader, without a leader, and in \
            maintenance. Asks first, unless --yes. Works from any host; returns when the replica streams.

            Examples:
              pgha-node reinit pg3
              pgha-node reinit pg3 --yes --timeout 3600
            """
    )

    @Argument(help: ArgumentHelp("The replica.", valueName: "member"))
    var member: RoleName

    @Flag(help: "Do not ask.")
    var yes = false

    @Flag(help: "Print what would be done and change nothing.")
    var dryRun = false

    @Flag(help: "Ask Patroni and do not wait for the copy.")
    var noWait = false

    @Option(help: ArgumentHelp("How long to wait until the replica streams.", valueName: "seconds"))
    var timeout = 3600

    @OptionGroup var cluster: ClusterOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await run(on: .local())
    }

    func run(on machine: Machine) async throws(NodeFailure) {
        let model = try cluster.load(on: machine)
        _ = try MemberName.check(member, in: model)
        try machine.requireRoot(to: "copy a replica anew")
        let secrets = try ClusterOptions.loadSecrets(on: machine)
        let copy = ReplicaCopy(
            machine: machine, cluster: model, secrets: secrets, notify: { Output.comment($0) })
        let plan = try await copy.check(member)
        if dryRun { return try output.render(plan, table: ReinitText.text) }
        if !yes {
            try Confirmation.ask(
                "All data of \(member) is removed and copied from \(plan.leader) anew.", without: "--yes")
        }
        let report = try await copy.run(member, waits: !noWait, within: .seconds(timeout))
        try output.render(report, table: ReinitText.text)
    }
}

enum ReinitText {
    static func text(_ report: ReinitReport) -> String {
        switch report.outcome {
        case .copied:
            "\(report.member): copied from \(report.leader) in \(LeaderText.tenths(report.seconds ?? 0)) s; "
                + "\(report.state ?? "replica")"
        case .queued: "\(report.member): Patroni has been told to copy it from \(report.leader)"
        case .pending: "dry run: \(report.member) would be copied from \(report.leader) anew; nothing was changed"
        }
    }
}
