import ArgumentParser
import ClusterModel
import ConfigFiles
import Decisions
import HostOperations
import HostPorts
import NodeInstaller

struct Install: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Install this host's services and start them.",
        discussion: """
            Looks at the host first (see "pgha-node preflight"), changes nothing if a check fails, then does the steps that \
            "--dry-run" prints. Safe to run again: what is done is left alone, what was interrupted is finished. The hosts \
            of a cluster can be installed in any order, or all at once.

            Examples:
              pgha-node install --role pg1
              pgha-node install --role pg1 --dry-run
              pgha-node install --role pg2 --bundle /mnt/pgha-bundle
              pgha-node install --role pg3 --waive time-sync --output json
            """
    )

    @Option(
        name: .customLong("role"),
        help: "A role this host takes, e.g. pg1. Repeat it for several; without it, all of the host's.")
    var roles: [RoleName] = []

    @Option(help: ArgumentHelp("Install from this bundle instead of the distribution's mirrors.", valueName: "dir"))
    var bundle: String?

    @Flag(help: "Print the plan and change nothing.")
    var dryRun = false

    @Option(help: ArgumentHelp("Go on although this preflight check fails. Repeat it for several.", valueName: "check"))
    var waive: [String] = []

    @Option(help: ArgumentHelp("How long to wait for the services to answer.", valueName: "seconds"))
    var timeout = 300

    @Option(help: ArgumentHelp("How long to wait for another pgha-node on this host.", valueName: "seconds"))
    var waitLock = 0

    @OptionGroup var cluster: ClusterOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await run(on: .local())
    }

    func run(on machine: Machine) async throws(NodeFailure) {
        let model = try cluster.load(on: machine)
        let host = try InstallTarget.host(of: model, roles: roles, on: machine)
        try machine.requireRoot(to: "install")
        let secrets = try ClusterOptions.loadSecrets(on: machine)
        let lock = try await HostLock.take(
            "process \(ProcessNumber.own) (pgha-node install)", on: machine, waiting: .seconds(waitLock),
            notify: { Output.comment($0) })
        defer { withExtendedLifetime(lock) {} }

        try await PreflightGate.pass(on: machine, cluster: model, host: host, waived: waive)
        let certificate = try InstallTarget.certificate(for: host, of: model, secrets: secrets)
        let steps = try InstallTarget.plan(for: host, of: model, secrets: secrets, certificate: certificate)
        let source = try bundle.map { path throws(NodeFailure) in try Bundle.open(path, files: machine.files) }
        let runner = PlanRunner(machine: machine, bundle: source, progress: StepNarrator.narrate)
        var report = InstallReport(
            cluster: model.name, host: host.name, roles: host.roles.map(\.role.text), isDryRun: dryRun, steps: [])
        if dryRun {
            report.steps = try await runner.preview(steps)
        } else {
            try await BundleGate.check(source, steps: steps, on: machine)
            report.steps = try await runner.run(steps, cluster: model, roles: host.roles.map(\.role))
            if let source { try ReceiptStore(files: machine.files).remember(bundle: source.directory) }
            let wait = ClusterWait(
                machine: machine, cluster: model, host: host, secrets: secrets, notify: { Output.comment($0) })
            report.state = try await wait.untilServing(within: .seconds(timeout))
        }
        try output.render(report, table: InstallText.text)
    }
}

enum InstallText {
    static func text(_ report: InstallReport) -> String {
        let table = TextTable(
            headers: ["OUTCOME", "STEP"],
            rows: report.steps.map { [$0.outcome.rawValue, $0.step] }
        ).text
        let closing =
            report.isDryRun
            ? "dry run: \(report.changes) of \(report.steps.count) steps would change something; nothing was changed"
            : "\(report.host): \(report.changes) of \(report.steps.count) steps changed something"
        return ([table] + report.state + [closing]).joined(separator: "\n")
    }
}

/// One line on stderr when a step begins that takes long, and one when something was done.
enum StepNarrator {
    @Sendable static func narrate(_ number: Int, _ count: Int, _ step: InstallStep, _ outcome: StepOutcome?) {
        switch outcome {
        case nil:
            if step.takesLong { Output.comment("[\(number)/\(count)] \(step.summary) …") }
        case .unchanged: break
        case let outcome?: Output.comment("[\(number)/\(count)] \(step.summary): \(outcome.rawValue)")
        }
    }
}

extension InstallStep {
    fileprivate var takesLong: Bool {
        switch self {
        case .installPackages, .installPatroni, .start: true
        default: false
        }
    }
}
