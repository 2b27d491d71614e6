import ArgumentParser
import ClusterModel
import Decisions
import HostOperations
import HostPorts

struct RunDrill: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drill",
        abstract: "Break the cluster on purpose, and measure what clients feel.",
        discussion: """
            Looks first whether the cluster is healthy enough to be broken; refuses with 3 otherwise. Then clients write through \
            the entry point (HAProxy) into a table of their own, the fault happens, a timer of systemd on its host heals it, \
            and the cluster is watched until it is as before. Prints how long nobody could write, errors by SQLSTATE, lost and \
            ghost writes, what the journals tell, and whether that is within drill.limits of cluster.yml; exits with 2 if it \
            is not. Every run is kept on this host: see --history.

            Kinds:
            \(DrillKind.allCases.map { "  " + StoryText.padded($0.rawValue, 12) + $0.summary }.joined(separator: "\n"))

            It hits the leader or its host unless --on names another member; haproxy hits this host's. It works from any host, \
            but host-loss and partition only from another than the one that is hit. drill.allowed: false in a host's cluster.yml \
            forbids it there.

            Examples:
              pgha-node drill switchover
              pgha-node drill kill --on leader
              pgha-node drill freeze --on pg2 --for 30s
              pgha-node drill partition --dry-run
              pgha-node drill --history
            """
    )

    @Argument(help: ArgumentHelp("What to break.", valueName: "kind"))
    var kind: DrillKind?

    @Option(help: ArgumentHelp("A member, or \"leader\".", valueName: "member"))
    var on = "leader"

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp("How long until it is healed, for what does not heal by itself.", valueName: "time"))
    var span: TimeSpanArgument?

    @Option(help: ArgumentHelp("How long the cluster may take to be as before.", valueName: "seconds"))
    var timeout = 300

    @Flag(inversion: .prefixedNo, help: "Write through the entry point meanwhile, and tell what clients feel.")
    var measure = true

    @Flag(help: "Earlier drills and measurements on this host.")
    var history = false

    @Flag(help: "Print what would be done, and change nothing.")
    var dryRun = false

    @Flag(help: "Do not ask.")
    var yes = false

    @OptionGroup var cluster: ClusterOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if history == (kind != nil) { throw ValidationError("name what to break, or add \"--history\"") }
        if timeout < 1 { throw ValidationError("\"--timeout\" must be 1 or more") }
        if let kind, let span {
            guard kind.lasts else { throw ValidationError("\(kind.rawValue) ends by itself; \"--for\" is of no use") }
            guard (1...DrillOrder.longest).contains(span.seconds) else {
                throw ValidationError("\"--for\" must be between 1 and \(DrillOrder.longest) seconds")
            }
        }
        if on != "leader", RoleName(on) == nil { throw ValidationError("\"--on\" takes a member, e.g. pg1, or leader") }
    }

    func run() async throws {
        let hasPassed = try await run(on: .local(), peers: .local, zone: .system)
        if !hasPassed { throw ExitCode(NodeFailure.Code.notReady.exitStatus) }
    }

    func run(on machine: Machine, peers: any PeerNetwork, zone: LocalTime) async throws(NodeFailure) -> Bool {
        guard let kind else {
            try showHistory(on: machine, zone)
            return true
        }
        let model = try cluster.load(on: machine)
        let host = try InstallTarget.host(of: model, roles: [], on: machine)
        try machine.requireRoot(to: "break the cluster")
        let drill = Drill(
            Measurement(
                machine: machine, peers: peers, cluster: model, host: host,
                secrets: try ClusterOptions.loadSecrets(on: machine), notify: { Output.comment($0) }))
        var options = Drill.Options(
            target: RoleName(on), seconds: span?.seconds, limit: .seconds(timeout), person: OperatorRecord.person,
            version: ProgramVersion.text)
        options.announce = { intent in
            OperatorRecord.write("drill", target: "\(intent.kind.rawValue) \(intent.target)")
        }
        let intent = try await drill.intent(kind, options)
        let text = DrillText.text(intent, in: model)
        if dryRun {
            Output.result("dry run: \(text); nothing was changed")
            return true
        }
        if !yes { try Confirmation.ask("This will break the cluster: \(text).", without: "--yes") }
        guard measure else { return try await runUnmeasured(drill, intent, options) }
        let (report, incidents) = try await drill.run(intent, options)
        try output.render(report) { DrillText.text($0, incidents, zone: zone) }
        return report.hasPassed
    }

    private func runUnmeasured(
        _ drill: Drill, _ intent: Drill.Intent, _ options: Drill.Options
    ) async throws(NodeFailure) -> Bool {
        let recovery = try await drill.runUnmeasured(intent, options)
        try output.render(Unmeasured(kind: intent.kind.rawValue, target: intent.target.text, recovery: recovery)) {
            $0.recovery.map { "the cluster was as before after \(DrillReport.seconds($0)) s" }
                ?? "FAILED: the cluster is not healthy again"
        }
        return recovery != nil
    }

    private struct Unmeasured: Encodable {
        var kind: String
        var target: String
        /// Seconds until the cluster was as before.
        var recovery: Double?
    }

    private func showHistory(on machine: Machine, _ zone: LocalTime) throws(NodeFailure) {
        let (reports, unreadable) = try DrillHistoryFile(files: machine.files).read()
        if unreadable > 0 {
            Output.comment("\(unreadable) lines of \(DrillHistory.path) cannot be read, and are left out")
        }
        try output.render(reports) { DrillText.history($0, zone: zone) }
    }
}

extension DrillKind: ExpressibleByArgument {}
