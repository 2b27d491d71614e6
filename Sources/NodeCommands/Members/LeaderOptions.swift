import ArgumentParser
import ClusterModel
import HostOperations
import HostPorts

/// What `switchover` and `failover` have in common.
struct LeaderOptions: ParsableArguments {
    @Flag(help: "Print who would become leader and change nothing.")
    var dryRun = false

    @Flag(help: "Ask Patroni and do not wait for the new leader to accept writes.")
    var noWait = false

    @Option(help: ArgumentHelp("How long to wait, for each of what is waited for.", valueName: "seconds"))
    var timeout = 300

    @OptionGroup var cluster: ClusterOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if timeout < 1 { throw ValidationError("\"--timeout\" must be 1 or more") }
    }

    func run(_ kind: LeaderSwitch.Kind, on machine: Machine) async throws(NodeFailure) {
        let model = try cluster.load(on: machine)
        try machine.requireRoot(to: "change the leader")
        let secrets = try ClusterOptions.loadSecrets(on: machine)
        let change = LeaderSwitch(
            machine: machine, cluster: model, secrets: secrets, notify: { Output.comment($0) })
        let report = try await change.run(
            kind, isDryRun: dryRun, waits: !noWait, within: .seconds(timeout))
        try output.render(report, table: LeaderText.text)
    }
}

enum LeaderText {
    static func text(_ report: LeaderReport) -> String {
        let old = report.from.map { " instead of \($0)" } ?? ""
        let timeline = report.timeline.map { ", timeline \($0)" } ?? ""
        let time = report.seconds.map { ", after \(tenths($0)) s" } ?? ""
        let rest = report.oldLeader.map { "; \(report.from ?? "the old one") is \($0) now" } ?? ""
        switch report.outcome {
        case .switched, .promoted: return "\(report.to) leads\(old)\(timeline)\(time)\(rest)"
        case .unchanged: return "\(report.to) leads already\(timeline)"
        case .queued: return "Patroni has been told to make \(report.to) the leader\(old)"
        case .pending: return "dry run: \(report.to) would lead\(old); nothing was changed"
        }
    }

    static func tenths(_ seconds: Double) -> String {
        let count = Int((seconds * 10).rounded())
        return "\(count / 10).\(count % 10)"
    }
}
