import ArgumentParser
import ClusterModel
import HostLifecycle
import HostPorts
import NodeInstaller

struct Up: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make this host's services be there and run.",
        discussion: """
            Like "docker compose up -d". What "down" removed is written again, and what does not run is started; then it is \
            waited for. What runs is left alone, and a file that is not as cluster.yml would have it, too: that is what "apply" \
            is for. A host that was never installed needs "install".

            Examples:
              pgha-node up
              pgha-node up --dry-run
              pgha-node up --timeout 60 --output json
            """
    )

    @Flag(help: "Print what would be done and change nothing.")
    var dryRun = false

    @Flag(help: "Do not wait until the services answer.")
    var noWait = false

    @Option(help: ArgumentHelp("How long to wait for the services to answer.", valueName: "seconds"))
    var timeout = 300

    @OptionGroup var lock: LockOptions
    @OptionGroup var cluster: ClusterOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if timeout < 1 { throw ValidationError("\"--timeout\" must be 1 or more") }
    }

    func run() async throws {
        try await run(on: .local())
    }

    func run(on machine: Machine) async throws(NodeFailure) {
        try machine.requireRoot(to: "start services")
        let held = try await lock.take("up", on: machine)
        defer { withExtendedLifetime(held) {} }
        let starter = HostStarter(
            try await cluster.installedHost(on: machine), notify: { Output.comment($0) }, progress: StepNarrator.narrate
        )
        let report = try await starter.run(dryRun: dryRun, waits: !noWait, within: .seconds(timeout))
        try output.render(report, table: UpText.text)
    }
}

enum UpText {
    static func text(_ report: UpReport) -> String {
        let table = TextTable(
            headers: ["OUTCOME", "STEP"], rows: report.steps.map { [$0.outcome.rawValue, $0.step] }
        ).text
        let differing = report.differing.map { "not as in cluster.yml, left alone: \($0)" }
        let count = report.steps.count
        let closing =
            report.isDryRun
            ? "dry run: \(count) steps would change something; nothing was changed"
            : "\(report.host): \(count == 0 ? "all was there and running, nothing was changed" : "\(count) steps changed something")"
        let lines = (table.isEmpty ? [] : [table]) + differing + report.notes.map { "note: \($0)" }
        return (lines + report.state + [closing]).joined(separator: "\n")
    }
}
