import ArgumentParser
import ClusterModel
import Decisions
import Glibc
import HostOperations
import HostPorts

struct Logs: AsyncParsableCommand, EndsAtSignal {
    static let configuration = CommandConfiguration(
        abstract: "Print what the services of this host said, from the journal.",
        discussion: """
            Like "docker logs"; several services are merged by time. Without a name: all services of this host. Without \
            --lines and --since everything is printed, with --follow the last 10 lines. TIME is one of the forms of \
            journalctl: "2026-11-25 12:00:00", "12:00", "today", "yesterday", "-10min", "10 min ago", "@1764072000".

            What only repeats itself (Patroni's "no action", HAProxy's sessions, checks) is left out of the text and counted; \
            --all shows it. At a terminal there are colours, and a pager as journalctl uses one.

            Examples:
              pgha-node logs -n 100
              pgha-node logs -f pg1
              pgha-node logs --since "10 min ago" zookeeper haproxy
              pgha-node logs --since today --priority warning --component postgres
              pgha-node logs --cluster --since "5 min ago" --priority warning
              pgha-node logs --cluster --follow
              pgha-node logs --boot=-1 --grep "panic|out of memory"
              pgha-node logs --since today --output json | grep FATAL
              pgha-node logs --journal /srv/incident/pg1 --output export > pg1.export
            """
    )

    @Argument(
        help: ArgumentHelp(
            "A member (pg1), or a service of this host: zookeeper, patroni, haproxy, agent.", valueName: "name")
    )
    var names: [String] = []

    @Flag(help: "Everything, also what only repeats itself.")
    var all = false

    @Flag(name: .shortAndLong, help: "Wait for new entries and print them as they come.")
    var follow = false

    @Option(name: [.customShort("n"), .long], help: ArgumentHelp("Only the last lines.", valueName: "count"))
    var lines: Int?

    @OptionGroup var options: LogOptions

    @Option(help: "text, json: one object a line, or export: all fields, to be read with --journal elsewhere.")
    var output = LogStyle.Format.text

    @Flag(
        name: .customLong("cluster"),
        help: "The journals of all hosts, through their agents; without --since, the last hour.")
    var ofCluster = false

    @Option(help: ArgumentHelp("The journal of that host, through its agent; may be repeated.", valueName: "host"))
    var host: [String] = []

    @Flag(help: "No pager, also at a terminal.")
    var noPager = false

    @OptionGroup var cluster: ClusterFileOption

    func validate() throws {
        if let lines, lines < 0 { throw ValidationError("\"--lines\" must be 0 or more") }
        if follow, !options.journal.isEmpty {
            throw ValidationError("\"--follow\" and \"--journal\" exclude each other")
        }
        if isOfOthers, !options.journal.isEmpty {
            throw ValidationError("\"--journal\" and other hosts exclude each other")
        }
        if isOfOthers, options.boot != nil { throw ValidationError("\"--boot\" is for this host's journal only") }
        if isOfOthers, output == .export {
            throw ValidationError("\"--output export\" is for this host's journal only")
        }
        if follow, options.until != nil { throw ValidationError("\"--follow\" and \"--until\" exclude each other") }
    }

    func run() async throws {
        let pager = follow || noPager ? nil : Pager.start()
        defer { pager?.finish() }
        try await run(
            on: .local(), peers: .local, zone: .system, isForTerminal: pager != nil || isatty(STDOUT_FILENO) == 1)
    }

    private var isOfOthers: Bool { ofCluster || !host.isEmpty }
    /// Whether the units of this host's cluster.yml are what is read.
    private var isOfThisHost: Bool { options.journal.isEmpty && !isOfOthers }

    func run(
        on machine: Machine, peers: any PeerNetwork, zone: LocalTime, isForTerminal: Bool = false,
        write: @escaping @Sendable ([UInt8]) -> Bool = StandardOutput.write,
        comment: @escaping @Sendable (String) -> Void = Output.comment
    ) async throws(NodeFailure) {
        let sources = try isOfThisHost ? sources(on: machine) : []
        var query = LogQuery(units: sources.map(\.unit), lines: lines, follows: follow)
        try options.apply(to: &query, on: machine, zone: zone)
        if follow, query.lines == nil, query.since == nil { query.lines = 10 }
        let folds = output == .text && !all && options.grep == nil
        query.wants =
            LogFilter(
                names: isOfThisHost ? [] : names, components: Set(options.component.map(\.speaker)),
                priorities: try options.priorities(), leavesNoiseOut: folds && query.lines != nil,
                isOfUnitsOnly: isOfThisHost
            ).wants
        query.isWhole = output == .export
        let printer = LogPrinter(
            style: LogStyle(
                format: output, isForTerminal: isForTerminal && output == .text, showsHosts: !isOfThisHost,
                folds: folds, tellsOfFolded: query.lines == nil && !follow),
            sources: sources, zone: zone, write: write, comment: comment)
        if isOfOthers {
            try await read(query, on: machine, peers, into: printer, comment)
        } else {
            try await machine.observation.logs.read(query, into: printer)
        }
        printer.finish()
    }

    private func read(
        _ query: LogQuery, on machine: Machine, _ peers: any PeerNetwork, into printer: LogPrinter,
        _ comment: @Sendable (String) -> Void
    ) async throws(NodeFailure) {
        let model = try cluster.load(on: machine)
        let own = try InstallTarget.host(of: model, roles: [], on: machine)
        try machine.requireRoot(to: "read the journals of other hosts")
        let anHourAgo = UInt64(max(0, machine.system.now() - 3600) * 1_000_000)
        let sink = FilteredLogs(query, printer)
        let hosts = try HostSelection.names(host, of: model)
        let journal = ClusterJournal(machine: machine, peers: peers, cluster: model, host: own)
        let sight = try await journal.read(
            .services, since: query.since ?? anHourAgo, until: query.until ?? .max, from: hosts, into: sink)
        sink.finish()
        for line in sight.remarks { comment(line) }
        guard follow else { return }
        let now = UInt64(machine.system.now() * 1_000_000)
        await journal.follow(.services, after: sight, since: now, from: hosts, into: sink)
    }

    private func sources(on machine: Machine) throws(NodeFailure) -> [LogSource] {
        let model = try cluster.load(on: machine)
        let host = try InstallTarget.host(of: model, roles: [], on: machine)
        return LogSource.all(of: try ServiceSelection.selection(named: names, all: names.isEmpty, on: host, of: model))
    }
}

/// Journals of other hosts, which their agents do not search: what is wanted is found here.
private final class FilteredLogs: LogSink, @unchecked Sendable {
    private let query: LogQuery
    private let printer: LogPrinter
    private var last: [LogRecord] = []
    /// Whether the last ones have been printed, so that what comes now is printed at once.
    private var hasFinished = false

    init(_ query: LogQuery, _ printer: LogPrinter) {
        self.query = query
        self.printer = printer
    }

    func isOpen() -> Bool { printer.isOpen() }
    func complain(of failure: NodeFailure) { printer.complain(of: failure) }

    func take(_ records: [LogRecord]) -> Bool {
        let wanted = records.filter(query.isWanted)
        guard !hasFinished, let lines = query.lines else { return wanted.isEmpty || printer.take(wanted) }
        last += wanted
        if last.count > 2 * lines + 1024 { last.removeFirst(last.count - lines) }
        return true
    }

    func finish() {
        hasFinished = true
        if let lines = query.lines { _ = printer.take(Array(last.suffix(lines))) }
    }
}

/// What the journal's own index cannot tell.
struct LogFilter {
    var names: [String] = []
    var components: Set<Speaker> = []
    var priorities: ClosedRange<Int>?
    var leavesNoiseOut = false
    /// False for journals of files, in which there are other units than ours.
    var isOfUnitsOnly = true

    /// nil if all are wanted.
    var wants: (@Sendable (LogRecord) -> Bool)? {
        guard !isOfUnitsOnly || !components.isEmpty || priorities != nil || leavesNoiseOut else { return nil }
        let filter = self
        return { filter.isWanted($0) }
    }

    private func isWanted(_ record: LogRecord) -> Bool {
        if !isOfUnitsOnly, !record.unit.text.hasPrefix("pgha-") { return false }
        let source = LogSource(unit: record.unit)
        if !names.isEmpty, !names.contains(source.role), !names.contains(source.service) { return false }
        guard !components.isEmpty || priorities != nil || leavesNoiseOut else { return true }
        let speaker = record.speaker
        if !components.isEmpty, !components.contains(speaker) { return false }
        if let priorities, !priorities.contains(Severity.of(record.message, by: speaker, written: record.priority)) {
            return false
        }
        return !leavesNoiseOut || !Noise.isNoise(record.message, by: speaker)
    }
}
