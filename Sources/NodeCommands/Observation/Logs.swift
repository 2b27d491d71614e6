import ArgumentParser
import ClusterModel
import Decisions
import HostPorts

struct Logs: AsyncParsableCommand, EndsAtSignal {
    static let configuration = CommandConfiguration(
        abstract: "Print what the services of this host said, from the journal.",
        discussion: """
            Like "docker logs"; several services are merged by time. Without a name: all services of this host. Without \
            --lines and --since everything is printed, with --follow the last 10 lines. TIME is one of the forms of \
            journalctl: "2026-11-25 12:00:00", "12:00", "today", "yesterday", "-10min", "10 min ago", "@1764072000".

            Examples:
              pgha-node logs -n 100
              pgha-node logs -f pg1
              pgha-node logs --since "10 min ago" zookeeper haproxy
              pgha-node logs --since today --output json | grep FATAL
            """
    )

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text
        case json
    }

    @Argument(
        help: ArgumentHelp(
            "A member (pg1), or a service of this host: zookeeper, patroni, haproxy, agent.", valueName: "name")
    )
    var names: [String] = []

    @Flag(help: "All services of this host; the same as no name.")
    var all = false

    @Flag(name: .shortAndLong, help: "Wait for new entries and print them as they come.")
    var follow = false

    @Option(name: [.customShort("n"), .long], help: ArgumentHelp("Only the last lines.", valueName: "count"))
    var lines: Int?

    @Option(parsing: .unconditional, help: ArgumentHelp("Only what was said since then.", valueName: "time"))
    var since: String?

    @Option(help: "text, or json: one object a line.")
    var output = Format.text

    @OptionGroup var cluster: ClusterOptions

    func validate() throws {
        if all, !names.isEmpty { throw ValidationError("\"--all\" and names exclude each other") }
        if let lines, lines < 0 { throw ValidationError("\"--lines\" must be 0 or more") }
    }

    func run() async throws {
        try await run(on: .local(), zone: .system)
    }

    func run(
        on machine: Machine, zone: LocalTime, write: @escaping @Sendable ([UInt8]) -> Bool = StandardOutput.write
    ) async throws(NodeFailure) {
        let model = try cluster.load(on: machine)
        let host = try InstallTarget.host(of: model, roles: [], on: machine)
        let selection = try ServiceSelection.selection(
            named: names, all: all || names.isEmpty, on: host, of: model)
        let sources = LogSource.all(of: selection)
        var query = LogQuery(units: sources.map(\.unit), lines: lines, follows: follow)
        if let since {
            let now = Int64(machine.system.now() * 1_000_000)
            query.since = try TimeExpression.parse(since, now: now, zone: zone)
        }
        if follow, query.lines == nil, query.since == nil { query.lines = 10 }
        let printer = LogPrinter(
            format: output == .json ? .json : .text, sources: sources, zone: zone, write: write)
        try await machine.observation.logs.read(query, into: printer)
    }
}
