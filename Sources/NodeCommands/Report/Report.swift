import ArgumentParser
import ClusterModel
import Decisions
import Foundation
import HostOperations
import HostPorts

struct Report: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Collect what somebody needs to find out what is wrong: a support bundle, without secrets.",
        discussion: """
            One file, pgha-report-….tar.gz, with what all hosts say of themselves (through their agents): status, \
            configuration as rendered and as it is, journals of the last hours, the timeline of incidents, versions, units, \
            resources, PostgreSQL's settings and statistics (no text of a query, no row of a table), and earlier drills. \
            MANIFEST.json lists it all, and what could not be had. "pgha-node timeline --journal" reads its journals.

            The cluster's passwords and keys are taken out wherever they stand, others where they are written as passwords \
            are. Look through it before you give it away all the same: messages of PostgreSQL can quote statements.

            Examples:
              pgha-node report
              pgha-node report --since "2026-11-27 02:00" --file /root/incident.tar.gz
            """
    )

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Journals from then on; without it, the last six hours.", valueName: "time"))
    var since: String?

    @Option(
        help: ArgumentHelp(
            "Where to write it; without it, the current directory, with a name of its own.", valueName: "path"))
    var file: String?

    @Option(
        help: ArgumentHelp(
            "At most that much before it is packed; the oldest of the journals is left out first.", valueName: "MiB"))
    var limit = 64

    @OptionGroup var cluster: ClusterOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (4...1024).contains(limit) else { throw ValidationError("\"--limit\" must be between 4 and 1024") }
    }

    func run() async throws {
        try await run(on: .local(), peers: .local, zone: .system)
    }

    func run(on machine: Machine, peers: any PeerNetwork, zone: LocalTime) async throws(NodeFailure) {
        let model = try cluster.load(on: machine)
        let host = try InstallTarget.host(of: model, roles: [], on: machine)
        try machine.requireRoot(to: "read the journals and the configuration")
        let secrets = try ClusterOptions.loadSecrets(on: machine)
        let (from, _) = try TimeRange.bounds(since, nil, on: machine, zone: zone)
        let now = UInt64(machine.system.now() * 1_000_000)
        let path = URL(fileURLWithPath: file ?? Self.name(of: model, at: now, zone)).path
        if try machine.files.exists(path) {
            throw NodeFailure(.conflict, "\"\(path)\" exists already", hint: "Name another file with \"--file\".")
        }
        let collector = ReportCollector(
            machine: machine, peers: peers, cluster: model, host: host, secrets: secrets, zone: zone,
            since: from ?? now - min(now, 6 * 3_600_000_000), limit: limit << 20)
        let (files, manifest) = try await collector.collect(by: OperatorRecord.person, at: now)
        try await ReportArchive(machine: machine).write(files, manifest, to: path)
        for line in manifest.missing { Output.comment("missing: \(line)") }
        for line in manifest.shortened { Output.comment("shortened: \(line)") }
        let size = try machine.files.attributes(path)?.size ?? 0
        try output.render(Written(file: path, bytes: size, manifest: manifest)) { written in
            "\(written.file): \(written.manifest.files.count) files, \(written.bytes / 1024) KiB"
        }
    }

    private struct Written: Encodable {
        var file: String
        var bytes: Int64
        var manifest: ReportManifest
    }

    /// `pgha-report-shop-20261127T031500.tar.gz`.
    static func name(of cluster: Cluster, at time: UInt64, _ zone: LocalTime) -> String {
        let civil = zone.civil(Int64(time / 1_000_000))
        func digits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let date = "\(civil.year)\(digits(civil.month))\(digits(civil.day))"
        let clock = "\(digits(civil.hour))\(digits(civil.minute))\(digits(civil.second))"
        return "pgha-report-\(cluster.name)-\(date)T\(clock).tar.gz"
    }
}
