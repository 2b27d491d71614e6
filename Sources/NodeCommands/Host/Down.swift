import ArgumentParser
import ClusterModel
import HostLifecycle
import HostPorts

struct Down: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Stop this host's services and remove their units and rendered files.",
        discussion: """
            Like "docker compose down", and with --purge like "docker compose down -v". The data, the packages, the secrets and \
            cluster.yml stay, and "pgha-node up" brings the same cluster back. Refused, with 3, where ZooKeeper would lose its \
            quorum or the last running member would stop. What is frozen is thawed first, an old leader never to answer again.

            --purge removes the data as well and asks for the cluster's name. On one host of several that is what makes its \
            member copy everything anew from the leader; on all of them it is the end of the database.

            Examples:
              pgha-node down
              pgha-node down --dry-run
              pgha-node down --force                     the last host of the cluster
              pgha-node down --purge --confirm demo      also the data
            """
    )

    @Flag(help: "Stop even what the cluster cannot do without.")
    var force = false

    @Flag(help: "Also remove the data.")
    var purge = false

    @Option(help: ArgumentHelp("The cluster's name, to show that the right data is meant.", valueName: "cluster"))
    var confirm: String?

    @Flag(help: "Print what would be done and change nothing.")
    var dryRun = false

    @Option(help: ArgumentHelp("How long to wait for each service to stop.", valueName: "seconds"))
    var timeout = 600

    @OptionGroup var lock: LockOptions
    @OptionGroup var cluster: ClusterOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if timeout < 1 { throw ValidationError("\"--timeout\" must be 1 or more") }
        if confirm != nil, !purge { throw ValidationError("\"--confirm\" goes with \"--purge\"") }
    }

    func run() async throws {
        try await run(on: .local())
    }

    func run(on machine: Machine) async throws(NodeFailure) {
        try machine.requireRoot(to: "stop services")
        let model = try cluster.load(on: machine)
        let host = try InstallTarget.host(of: model, roles: [], on: machine)
        let held = try await lock.take("down", on: machine)
        defer { withExtendedLifetime(held) {} }
        var options = HostStopper.Options(limit: .seconds(timeout))
        options.isDryRun = dryRun
        options.force = force
        options.purge = purge
        if purge, !dryRun { try askForName(of: model) }
        let stopper = HostStopper(machine: machine, cluster: model, host: host, notify: { Output.comment($0) })
        try output.render(try await stopper.run(options), table: DownText.text)
    }

    private func askForName(of model: Cluster) throws(NodeFailure) {
        let answer = confirm ?? Terminal.ask("The data of this host will be lost. Type the cluster's name to go on: ")
        guard answer == model.name else {
            throw NodeFailure(
                .usage, "the data of this host would be lost",
                detail: "It is a host of the cluster \"\(model.name)\".",
                hint: "Add \"--confirm \(model.name)\" if that is what you want.")
        }
    }
}

enum DownText {
    static func text(_ report: DownReport) -> String {
        let will = report.isDryRun ? "would be " : ""
        var lines = report.stopped.map { "\(will)stopped: \($0)" } + report.removed.map { "\(will)removed: \($0)" }
        if lines.isEmpty { lines.append("nothing was there to stop or remove") }
        if !report.kept.isEmpty { lines.append("the data is kept: \(report.kept.joined(separator: ", "))") }
        if report.isDryRun { lines.append("dry run: nothing was changed") }
        return lines.joined(separator: "\n")
    }
}
