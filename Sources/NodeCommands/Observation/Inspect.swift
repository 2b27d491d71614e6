import ArgumentParser
import ClusterModel
import Decisions
import HostOperations
import HostPorts

struct Inspect: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print everything about services of this host.",
        discussion: """
            Like "docker inspect": what systemd, the kernel, the service's files and the service itself say. Some of it only \
            root can find out. A configuration file that was changed by hand is said to be.

            Examples:
              pgha-node inspect pg1
              pgha-node inspect --all --output json
            """
    )

    @Argument(
        help: ArgumentHelp("A member (pg1), or a service of this host: zookeeper, patroni, haproxy.", valueName: "name")
    )
    var names: [String] = []

    @Flag(help: "All services of this host.")
    var all = false

    @OptionGroup var cluster: ClusterOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if all, !names.isEmpty { throw ValidationError("\"--all\" and names exclude each other") }
    }

    func run() async throws {
        try await run(on: .local(), zone: .system)
    }

    func run(on machine: Machine, zone: LocalTime) async throws(NodeFailure) {
        try output.render(try await inspections(on: machine)) { InspectText(zone: zone).text($0) }
    }

    func inspections(on machine: Machine) async throws(NodeFailure) -> [ServiceInspection] {
        let model = try cluster.load(on: machine)
        let host = try InstallTarget.host(of: model, roles: [], on: machine)
        let services = try ServiceSelection.services(named: names, all: all, on: host, of: model)
        return try await ServiceInspector(machine: machine, cluster: model, host: host).inspect(services)
    }
}

/// A block of `name: value` lines for each service, an empty line between them.
struct InspectText {
    var zone: LocalTime

    func text(_ inspections: [ServiceInspection]) -> String {
        inspections.map { inspection in
            let rows = rows(inspection)
            let width = rows.map(\.name.count).max() ?? 0
            return rows.map { name, value in
                let label = name.isEmpty ? "" : "\(name):"
                return label + String(repeating: " ", count: width + 2 - label.count) + TerminalText.safe(value)
            }.joined(separator: "\n")
        }.joined(separator: "\n\n")
    }

    private typealias Row = (name: String, value: String)

    private func rows(_ it: ServiceInspection) -> [Row] {
        unit(it) + process(it) + files(it) + answers(it)
    }

    private func unit(_ it: ServiceInspection) -> [Row] {
        let frozen = it.frozenSeconds.map { " since \(PsText.since($0))" } ?? ""
        return [
            ("service", "\(it.service) of \(it.role)"), ("unit", it.unit), ("description", it.description),
            ("state", "\(it.active) (\(it.sub)), \(it.load)"), ("freezer", it.freezer + frozen),
            ("enabled", it.enabled), ("restarts", "\(it.restarts)"), ("last result", it.result),
        ]
    }

    private func process(_ it: ServiceInspection) -> [Row] {
        let started: String? = it.startedAt.map { self.started($0, it.activeSeconds) }
        let pid: String? = it.mainPID.map { "\($0)" }
        let processor: String? = it.usage.cpuSeconds.map { "\($0) s" }
        let tasks: String? = it.usage.tasks.map { "\($0)" }
        return [
            ("main process", pid ?? "-"), ("started", started ?? "-"), ("user", it.user),
            ("command line", it.commandLine.isEmpty ? "-" : it.commandLine.joined(separator: " ")),
            ("control group", it.controlGroup ?? "-"), ("memory", memory(it.usage)), ("CPU time", processor ?? "-"),
            ("tasks", tasks ?? "-"),
        ]
    }

    private func files(_ it: ServiceInspection) -> [Row] {
        var rows: [Row] = [("unit file", it.unitFile)]
        rows += list("drop-ins", it.dropIns)
        rows.append(("daemon-reload", it.needsDaemonReload ? "needed" : "not needed"))
        rows.append(("ports", it.ports.map { "\($0)" }.joined(separator: ", ")))
        rows += list("configuration", it.configuration.map(file))
        if let data = it.data { rows.append(("data", self.data(data))) }
        return rows
    }

    private func answers(_ it: ServiceInspection) -> [Row] {
        var rows: [Row] = []
        if let member = it.patroni { rows.append(("Patroni", self.member(member))) }
        if let lines = it.zookeeper { rows += list("ZooKeeper", lines) }
        if let servers = it.haproxy { rows += list("route", servers.map(RouteText.line)) }
        return rows
    }

    private func list(_ name: String, _ values: [String]) -> [Row] {
        values.isEmpty ? [(name, "-")] : values.enumerated().map { ($0.offset == 0 ? name : "", $0.element) }
    }

    private func started(_ time: UInt64, _ age: Int?) -> String {
        let text = zone.civil(Int64(time / 1_000_000)).isoText.replacing("T", with: " ")
        return text + (age.map { " (\(PsText.since($0)) ago)" } ?? "")
    }

    private func memory(_ usage: ServiceInspection.Usage) -> String {
        let now = usage.memoryBytes.map { PsText.bytes(Int64(clamping: $0)) } ?? "-"
        return now + (usage.memoryPeakBytes.map { ", at most \(PsText.bytes(Int64(clamping: $0)))" } ?? "")
    }

    private func file(_ file: ServiceInspection.ConfigFile) -> String {
        let access = [file.owner, file.mode].compactMap { $0 }.joined(separator: " ")
        return "\(file.path)  \(file.state.rawValue)" + (access.isEmpty ? "" : " (\(access))")
    }

    private func data(_ data: ServiceInspection.Data) -> String {
        let size = data.bytes.map(PsText.bytes) ?? "size not readable by this user"
        guard let free = data.fileSystemFreeBytes, let total = data.fileSystemTotalBytes else {
            return "\(data.directory)  \(size)"
        }
        return
            "\(data.directory)  \(size); \(PsText.bytes(free)) of \(PsText.bytes(total)) free on \(data.fileSystem ?? "-")"
    }

    private func member(_ member: ServiceInspection.Member) -> String {
        [
            "\(member.role), \(member.state)", member.replicationState, member.timeline.map { "timeline \($0)" },
            member.systemIdentifier.map { "system \($0)" }, member.version.map { "version \($0)" },
            member.isPaused ? "paused" : nil, member.isPendingRestart ? "restart pending" : nil,
        ].compactMap { $0 }.joined(separator: ", ")
    }
}

enum RouteText {
    static func line(_ server: RouteServer) -> String {
        "\(server.backend) \(server.server) \(server.isUp ? "up" : "down"), \(server.sessions.map(String.init) ?? "-") sessions"
    }
}
