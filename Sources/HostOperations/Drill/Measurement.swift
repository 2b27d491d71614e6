import ClusterModel
import Decisions
import Foundation
import HostPorts

/// Measures what clients feel while something is done to the cluster.
package struct Measurement: Sendable {
    /// What is done: in whose name it is kept, and by whom.
    package struct Subject: Sendable {
        package var kind: String
        package var target: String
        package var person: String
        package var version: String
        package var limit: Int?

        package init(kind: String, target: String, person: String, version: String, limit: Int?) {
            self.kind = kind
            self.target = target
            self.person = person
            self.version = version
            self.limit = limit
        }
    }

    /// Microseconds before the beginning from which on journals are read, so as to know who led.
    private static let lookBack: UInt64 = 900_000_000

    let machine: Machine
    let peers: any PeerNetwork
    let cluster: Cluster
    let host: ClusterHost
    let secrets: Secrets
    let notify: @Sendable (String) -> Void

    package init(
        machine: Machine, peers: any PeerNetwork, cluster: Cluster, host: ClusterHost, secrets: Secrets,
        notify: @escaping @Sendable (String) -> Void
    ) {
        self.machine = machine
        self.peers = peers
        self.cluster = cluster
        self.host = host
        self.secrets = secrets
        self.notify = notify
    }

    /// Runs `deed` with clients that write through the entry point of `entry`, and tells what they felt.
    ///
    /// `deed` gives the seconds until the cluster was as before; nil if it was not in time. The report is written into the
    /// history. Throws what `deed` throws, `.conflict` where another measurement runs, `.unreachable` where nobody can write
    /// in the first place; the table of the clients is removed in any case.
    package func around(
        _ subject: Subject, through entry: ClusterHost, awaitsRecovery: Bool,
        _ deed: () async throws(NodeFailure) -> Double?
    ) async throws(NodeFailure) -> (report: DrillReport, incidents: [Incident]) {
        let before = await ClusterReader(machine: machine, cluster: cluster).sight().leader
        let writers = DrillWriters(machine: machine, target: target(through: entry))
        try await writers.prepare()
        let work = Task { await writers.write() }
        let done: Result<(from: Double, recovery: Double?, began: UInt64), NodeFailure>
        do throws(NodeFailure) {
            try await untilWritten(writers, through: entry)
            notify("clients write through \(Cluster.endpoint(entry.address, cluster.ports.readWrite))")
            let (from, began) = (writers.now, UInt64(machine.system.now() * 1_000_000))
            done = .success((from, try await deed(), began))
        } catch {
            done = .failure(error)
        }
        if case .success = done { await untilWritesGoOn(writers) }
        let until = writers.now
        work.cancel()
        await work.value
        let present = await writers.present()
        await clean(writers)
        let (from, recovery, began) = try done.get()
        var report = DrillReport(
            began: began, kind: subject.kind, target: subject.target, person: subject.person, host: host.name,
            version: subject.version, durability: cluster.durability.rawValue,
            felt: await writers.felt(present, from: from, until: until))
        report.limit = subject.limit
        report.recovery = recovery
        report.leaderBefore = before?.role.text
        report.leaderAfter = await ClusterReader(machine: machine, cluster: cluster).sight().leader?.role.text
        report.judge(losesCommits: cluster.durability == .asynchronous, awaitsRecovery: awaitsRecovery)
        let incidents = await story(since: began)
        report.story = incidents.map(\.sentence)
        try DrillHistoryFile(files: machine.files).append(report)
        return (report, incidents)
    }

    private func target(through entry: ClusterHost) -> PostgresTarget {
        PostgresTarget(
            host: entry.address, port: cluster.ports.readWrite, user: "postgres", password: secrets.superuser,
            database: "postgres")
    }

    private func untilWritten(_ writers: DrillWriters, through entry: ClusterHost) async throws(NodeFailure) {
        let elapsed = machine.clock.stopwatch()
        while await writers.acknowledged < 20 {
            guard elapsed() < .seconds(20), !Task.isCancelled else {
                throw NodeFailure(
                    .unreachable, "no write through the entry point of \(entry.name) is acknowledged",
                    hint: "Run \"pgha-node list\" and \"pgha-node ps\" to see why.")
            }
            try? await machine.clock.sleep(for: .milliseconds(50))
        }
    }

    /// A second later, and no longer than the lease: what has just been frozen is felt only after the deed.
    private func untilWritesGoOn(_ writers: DrillWriters) async {
        try? await machine.clock.sleep(for: .seconds(1))
        let before = await writers.acknowledged
        let elapsed = machine.clock.stopwatch()
        while await writers.acknowledged < before + 20, elapsed() < .seconds(cluster.patroni.ttl + 10),
            !Task.isCancelled
        {
            try? await machine.clock.sleep(for: .milliseconds(50))
        }
    }

    /// Also where we have been interrupted: what is left behind would be in the way of the next one.
    private func clean(_ writers: DrillWriters) async {
        let notify = notify
        await Task {
            do throws(NodeFailure) {
                try await writers.removeTable()
            } catch {
                notify("the schema \"\(DrillWriters.schema)\" could not be removed: \(error.message)")
            }
        }.value
    }

    private func story(since began: UInt64) async -> [Incident] {
        let teller = StoryTeller()
        let journal = ClusterJournal(machine: machine, peers: peers, cluster: cluster, host: host)
        do throws(NodeFailure) {
            let sight = try await journal.read(
                .story, since: began > Self.lookBack ? began - Self.lookBack : 0, until: .max,
                from: cluster.hosts.map(\.name), into: teller)
            for (host, reason) in sight.missing.sorted(by: { $0.key < $1.key }) {
                notify("the journal of \(host) is missing: \(reason)")
            }
        } catch {
            notify("the journals could not be read: \(error.message)")
        }
        // Not one from before, which ends because this begins.
        return teller.finish().incidents.filter { $0.began >= began || $0.ended >= began + 1_000_000 }
    }
}

/// Earlier measurements on this host.
package struct DrillHistoryFile: Sendable {
    private let files: any FileStore

    package init(files: any FileStore) { self.files = files }

    /// Oldest first. What cannot be read is left out, and counted.
    package func read() throws(NodeFailure) -> (reports: [DrillReport], unreadable: Int) {
        let lines = try files.text(DrillHistory.path)?.split(separator: "\n") ?? []
        let reports = lines.compactMap { try? JSONDecoder().decode(DrillReport.self, from: Data($0.utf8)) }
        return (reports, lines.count - reports.count)
    }

    func append(_ report: DrillReport) throws(NodeFailure) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let line = try? encoder.encode(report) else {
            throw NodeFailure(.internalError, "the report of a drill cannot be written as JSON")
        }
        var lines = try files.text(DrillHistory.path)?.split(separator: "\n").map(String.init) ?? []
        lines.append(String(decoding: line, as: UTF8.self))
        let text = lines.suffix(DrillHistory.longest).joined(separator: "\n") + "\n"
        _ = try files.write(Array(text.utf8), to: DrillHistory.path, owner: .root, mode: 0o644)
    }
}
