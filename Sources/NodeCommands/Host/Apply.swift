import ArgumentParser
import ClusterModel
import Decisions
import HostLifecycle
import HostPorts

struct Apply: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Bring this host to what cluster.yml says now, at the least price.",
        discussion: """
            Like "docker compose up -d --build". Shows what differs and what that costs: none, reload, restart (of what others \
            do meanwhile), switchover or outage. Then it writes the files, which Patroni, HAProxy and systemd have \
            to accept first, and reloads or restarts only what changed. Cluster-wide settings are changed in ZooKeeper. What \
            PostgreSQL takes at a start only is followed by its restart, also if somebody else has left one pending.

            Run it on the replicas' hosts first. A leader that must be restarted hands over to another member; if none can \
            take over, or others still wait for their restart, apply refuses (exit status 3) unless --force is added, which is \
            an outage. The same goes for ZooKeeper's quorum. Files that were changed by hand need --overwrite. Replaced files \
            are kept below /var/lib/pgha/rendered.

            Examples:
              pgha-node apply --dry-run
              pgha-node apply
              pgha-node apply --overwrite --output json
            """
    )

    @Flag(help: "Print what differs and what it would cost, and change nothing.")
    var dryRun = false

    @Flag(help: "Go on even if nobody takes writes meanwhile.")
    var force = false

    @Flag(help: "Replace files that were changed by hand.")
    var overwrite = false

    @Option(help: ArgumentHelp("How long to wait for each service.", valueName: "seconds"))
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
        try machine.requireRoot(to: "apply cluster.yml")
        let held = try await lock.take("apply", on: machine)
        defer { withExtendedLifetime(held) {} }
        let applier = Applier(
            try await cluster.installedHost(on: machine), notify: { Output.comment($0) }, progress: StepNarrator.narrate
        )
        var options = Applier.Options(limit: .seconds(timeout))
        options.isDryRun = dryRun
        options.force = force
        options.overwrite = overwrite
        try output.render(try await applier.run(options), table: ApplyText.text)
    }
}

enum ApplyText {
    static func text(_ report: ApplyReport) -> String {
        var parts: [String] = report.files.map { file in
            let title = "\(file.path): \(file.change.rawValue)\(file.isChangedByHand ? ", was changed by hand" : "")"
            return ([title] + file.diff.map { "    \($0)" }).joined(separator: "\n")
        }
        parts.append(
            TextTable(
                headers: ["UNIT", "ACTION", "IMPACT", "OUTCOME"],
                rows: report.actions.map { action in
                    let to = action.candidate.map { " to \($0)" } ?? ""
                    return [action.unit, action.action.rawValue, action.impact.rawValue + to, action.outcome.rawValue]
                }
            ).text)
        parts += report.notes.map { "note: \($0)" } + report.state
        if let kept = report.kept { parts.append("what was replaced is kept in \(kept)") }
        parts.append(closing(report))
        return parts.filter { !$0.isEmpty }.joined(separator: "\n")
    }

    private static func closing(_ report: ApplyReport) -> String {
        if report.isUnchanged { return "\(report.host): as cluster.yml says, nothing was changed" }
        return report.isDryRun
            ? "dry run: impact \(report.impact.rawValue); nothing was changed"
            : "\(report.host): applied, impact \(report.impact.rawValue)"
    }
}
