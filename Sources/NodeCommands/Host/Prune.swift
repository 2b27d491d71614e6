import ArgumentParser
import ClusterModel
import HostLifecycle
import HostPorts

struct Prune: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Remove what this host does not need any more: old releases, old files, bundles. Never data.",
        discussion: """
            Like "docker system prune -a". Lists it with sizes and asks. These are releases of Patroni that are not in use, all \
            but the newest of the files that "apply" has replaced, bundles this host was installed from if they are on a disk of \
            its own, and what killed runs have left.

            Examples:
              pgha-node prune
              pgha-node prune --yes
              pgha-node prune --dry-run --output json
            """
    )

    @Flag(help: "Do not ask.")
    var yes = false

    @Flag(help: "Print what would be removed and change nothing.")
    var dryRun = false

    @OptionGroup var lock: LockOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await run(on: .local())
    }

    func run(on machine: Machine) async throws(NodeFailure) {
        try machine.requireRoot(to: "remove files")
        let held = try await lock.take("prune", on: machine)
        defer { withExtendedLifetime(held) {} }
        let pruner = Pruner(machine: machine)
        var report = PruneReport(isRemoved: false, items: try await pruner.find())
        if dryRun || report.items.isEmpty {
            try output.render(report, table: PruneText.text)
            return
        }
        if !yes {
            Output.comment(PruneText.list(report.items))
            let answer = Terminal.ask("Remove all of this? [y/N] ")
            guard answer == "y" || answer == "yes" else {
                throw NodeFailure(
                    .usage, answer == nil ? "nobody can be asked" : "nothing was removed",
                    hint: answer == nil ? "Add \"--yes\" to remove what is listed, or \"--dry-run\" to list it." : nil)
            }
        }
        try pruner.remove(report.items)
        report.isRemoved = true
        try output.render(report, table: PruneText.text)
    }
}

struct PruneReport: Codable {
    var isRemoved: Bool
    var items: [PruneItem]
}

enum PruneText {
    static func list(_ items: [PruneItem]) -> String {
        TextTable(headers: ["SIZE", "WHAT", "PATH"], rows: items.map { [size($0.bytes), $0.kind.rawValue, $0.path] })
            .text
    }

    static func text(_ report: PruneReport) -> String {
        if report.items.isEmpty { return "nothing to remove" }
        let sum = size(report.items.reduce(0) { $0 + $1.bytes })
        return list(report.items) + "\n"
            + (report.isRemoved ? "removed, \(sum)" : "dry run: \(sum) would be removed; nothing was changed")
    }

    private static func size(_ bytes: Int64) -> String {
        bytes < 10_000 ? "\(bytes) B" : bytes < 10_000_000 ? "\(bytes / 1000) kB" : "\(bytes / 1_000_000) MB"
    }
}
