import ArgumentParser
import ClusterModel
import HostOperations
import HostPorts

struct MaintenanceMode: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "maintenance",
        abstract: "Switch Patroni's maintenance mode on, with an end, or off, or show it.",
        discussion: """
            In maintenance Patroni watches and does nothing: nobody takes over from a leader that dies. (Patroni calls it \
            "pause".) With --for, a timer of systemd on this host ends it, even if this terminal is gone; a reboot of this host \
            forgets the timer. It is shown by "ps" and "list" on all hosts. On again while it is on: the end is set anew.

            Examples:
              pgha-node maintenance on --for 30min
              pgha-node maintenance
              pgha-node maintenance off
            """
    )

    enum Mode: String, ExpressibleByArgument, CaseIterable {
        case on, off, status
    }

    @Argument(help: "on, off or status.")
    var mode = Mode.status

    @Option(
        name: .customLong("for"), help: ArgumentHelp("With on: end after that time, e.g. 30min, 2h.", valueName: "time")
    )
    var span: TimeSpanArgument?

    @Flag(help: "Print what would be done and change nothing.")
    var dryRun = false

    @Flag(help: "Do not wait until all members have seen it.")
    var noWait = false

    @Option(help: ArgumentHelp("How long to wait until all members have seen it.", valueName: "seconds"))
    var timeout = 60

    @OptionGroup var cluster: ClusterOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if span != nil, mode != .on { throw ValidationError("\"--for\" goes with \"on\" only") }
    }

    func run() async throws {
        try await run(on: .local())
    }

    func run(on machine: Machine) async throws(NodeFailure) {
        let model = try cluster.load(on: machine)
        let host = try InstallTarget.host(of: model, roles: [], on: machine)
        let now = Int(machine.system.now())
        let maintenance = Maintenance(
            machine: machine, cluster: model, host: host, notify: { Output.comment($0) })
        let status: MaintenanceStatus
        switch mode {
        case .status: status = try await maintenance.status()
        case .on, .off:
            try machine.requireRoot(to: "switch maintenance \(mode.rawValue)")
            let password = try ClusterOptions.loadSecrets(on: machine).restAPI
            if dryRun {
                let before = try await maintenance.status().text(at: now)
                return Output.result("dry run: maintenance is \(before); it would be \(mode.rawValue)")
            }
            let limit = noWait ? nil : Duration.seconds(timeout)
            status =
                mode == .off
                ? try await maintenance.end(password: password, within: limit)
                : try await maintenance.begin(
                    forSeconds: span?.seconds, command: cluster.laterCommand(["maintenance", "off"], on: machine),
                    password: password, within: limit)
        }
        try output.render(status) { "maintenance: \($0.text(at: now))" }
    }
}
