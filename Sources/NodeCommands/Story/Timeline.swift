import ArgumentParser
import ClusterModel
import Decisions
import HostOperations
import HostPorts
import NodeInstaller

struct Timeline: AsyncParsableCommand, EndsAtSignal {
    static let configuration = CommandConfiguration(
        abstract:
            "Tell what happened to the cluster, when, why, and what clients felt, from the journals of all hosts.",
        discussion: """
            Puts incidents together from what PostgreSQL, Patroni, ZooKeeper, HAProxy, systemd, the kernel and the agents wrote: \
            what began them and who did it, each phase with its duration, and for how long clients could not write. The other \
            hosts' journals come through their agents; a host that does not answer is named. What the journals do not tell is \
            said to be missing, not guessed.

            Without --since: the last 24 hours. TIME is one of the forms of journalctl.

            Examples:
              pgha-node timeline
              pgha-node timeline --last
              pgha-node timeline --since "2026-11-27 03:00" --until "2026-11-27 04:00" --output html > incident.html
              pgha-node timeline --journal /srv/incident/pg1 /srv/incident/pg2 /srv/incident/pg3
            """
    )

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text
        case json
        case html
        case svg
    }

    @Flag(help: "Only the last incident.")
    var last = false

    @Option(parsing: .unconditional, help: ArgumentHelp("Only what happened since then.", valueName: "time"))
    var since: String?

    @Option(parsing: .unconditional, help: ArgumentHelp("Only what happened until then.", valueName: "time"))
    var until: String?

    @Option(help: ArgumentHelp("Only the journals of these hosts; may be repeated.", valueName: "host"))
    var host: [String] = []

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Read these instead of the hosts' journals: journal files, directories of them, and what \"journalctl -o export\" wrote.",
            valueName: "path"))
    var journal: [String] = []

    @Flag(help: "Each entry that was understood, below the phases.")
    var details = false

    @Option(help: "text, json, html or svg.")
    var output = Format.text

    @OptionGroup var cluster: ClusterOptions

    func run() async throws {
        try await run(on: .local(), peers: .local, zone: .system)
    }

    func run(
        on machine: Machine, peers: any PeerNetwork, zone: LocalTime,
        write: (String) -> Void = { Output.result($0) }, comment: (String) -> Void = { Output.comment($0) }
    ) async throws(NodeFailure) {
        let (from, to) = try TimeRange.bounds(since, until, on: machine, zone: zone)
        let teller = StoryTeller()
        var sight: ClusterJournal.Sight?
        if journal.isEmpty {
            let yesterday = UInt64(max(0, machine.system.now() - 86_400) * 1_000_000)
            sight = try await read(on: machine, peers, from ?? yesterday, to ?? .max, into: teller)
        } else {
            var query = JournalPager.query(.story, units: [])
            query.origin = .files(journal)
            (query.since, query.until) = (from, to)
            // Other units than ours are only read for what groups of the story they are in.
            query.groups = []
            query.wants = { StoryEntries.isPart($0) }
            try await machine.observation.logs.read(query, into: teller)
        }
        let told = teller.finish()
        for complaint in told.complaints { comment(complaint.warning) }
        let story = Story(
            journals: sight ?? ClusterJournal.Sight(hosts: [], clocks: [:], missing: [:]), entries: told.entries,
            incidents: last ? told.incidents.suffix(1) : told.incidents)
        try render(story, zone, write, comment)
    }

    private func read(
        on machine: Machine, _ peers: any PeerNetwork, _ from: UInt64, _ to: UInt64, into teller: StoryTeller
    ) async throws(NodeFailure) -> ClusterJournal.Sight {
        let model = try cluster.load(on: machine)
        let own = try InstallTarget.host(of: model, roles: [], on: machine)
        try machine.requireRoot(to: "read the journals of all hosts")
        let names = try HostSelection.names(host, of: model)
        return try await ClusterJournal(machine: machine, peers: peers, cluster: model, host: own).read(
            .story, since: from, until: to, from: names, into: teller)
    }

    private func render(
        _ story: Story, _ zone: LocalTime, _ write: (String) -> Void, _ comment: (String) -> Void
    ) throws(NodeFailure) {
        for line in story.journals.remarks { comment(line) }
        switch output {
        case .text: write(StoryText.text(story, zone: zone, details: details))
        case .json: write(try JSONText.text(of: story))
        case .svg: write(StoryDrawing.svg(story, zone: zone))
        case .html: write(StoryDrawing.html(story, zone: zone))
        }
    }
}

/// What `timeline` found.
struct Story: Codable {
    var journals: ClusterJournal.Sight
    var entries: Int
    var incidents: [Incident]
}

/// Hosts that are named on a command line.
enum HostSelection {
    /// All, if none is named. Throws `.usage` for one that is not in cluster.yml.
    static func names(_ wanted: [String], of cluster: Cluster) throws(NodeFailure) -> [String] {
        let all = cluster.hosts.map(\.name)
        for name in wanted where !all.contains(name) {
            throw NodeFailure(
                .usage, "there is no host \"\(name)\" in cluster.yml",
                hint: "The hosts are \(all.joined(separator: ", ")).")
        }
        return wanted.isEmpty ? all : wanted
    }
}
