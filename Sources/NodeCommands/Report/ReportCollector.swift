import ClusterModel
import ConfigFiles
import Decisions
import Foundation
import HostOperations
import HostPorts
import NodeInstaller

/// Puts a support bundle together. What one host or one question does not give is named, and the rest goes on.
struct ReportCollector {
    let machine: Machine
    let peers: any PeerNetwork
    let cluster: Cluster
    let host: ClusterHost
    let secrets: Secrets
    let zone: LocalTime
    /// Microseconds since 1970.
    let since: UInt64
    /// Bytes of all files together.
    let limit: Int

    private var question: PeerQuestion {
        PeerQuestion(machine: machine, peers: peers, port: cluster.ports.agentPeers)
    }

    func collect(by person: String, at now: UInt64) async throws(NodeFailure) -> ([ReportFile], ReportManifest) {
        var manifest = ReportManifest(
            cluster: cluster.name, host: host.name, person: person, version: ProgramVersion.text, made: now,
            since: since)
        let scrubber = Scrubber(secrets)
        var files: [ReportFile] = []
        files += await status()
        for each in cluster.hosts {
            try goOn()
            Output.comment("asking \(each.name)")
            files += await facts(of: each, &manifest)
            files += rendered(for: each)
        }
        files += await MemberFacts(machine: machine, cluster: cluster, secrets: secrets).files()
        if let drills = try? machine.files.text(DrillHistory.path) { files.append(ReportFile("drills.jsonl", drills)) }
        files = files.map { ReportFile($0.path, scrubber.scrub($0.text)) }
        try goOn()
        Output.comment("reading the journals")
        let rest = max(limit - files.reduce(0) { $0 + $1.text.utf8.count }, 1 << 20)
        files += await journals(scrubber, rest / cluster.hosts.count, &manifest)
        try goOn()
        manifest.files = files.map {
            ReportManifest.Entry(
                path: $0.path, bytes: $0.text.utf8.count, checksum: Checksum.sha256(Array($0.text.utf8)))
        }
        return (files, manifest)
    }

    /// Whoever interrupts it wants no half of a report.
    private func goOn() throws(NodeFailure) {
        guard !Task.isCancelled else {
            throw NodeFailure(
                .interrupted, "interrupted while the report was put together", detail: "Nothing was written.")
        }
    }

    private func status() async -> [ReportFile] {
        let answers = await ClusterReader(machine: machine, cluster: cluster).answers()
        let health = HealthReport(answers, only: [], of: cluster)
        var files = [ReportFile("health.txt", HealthReport.text(health) + "\n")]
        if let text = try? JSONText.text(of: health) { files.append(ReportFile("health.json", text)) }
        return files
    }

    /// Each host by itself, this one too: what its agent says is what is wrong or not.
    private func facts(of each: ClusterHost, _ manifest: inout ReportManifest) async -> [ReportFile] {
        var found: [ReportFile] = []
        do throws(NodeFailure) {
            found.append(
                ReportFile("status.json", try await question.ask("/status", each, within: .seconds(5)).body))
        } catch {
            manifest.missing.append("the status of \(each.name): \(error.detail ?? error.message)")
        }
        do throws(NodeFailure) {
            found +=
                each.name == host.name
                ? await HostFacts(machine: machine, cluster: cluster, host: host, secrets: secrets).files()
                : try await HostFacts.ask(each, question)
        } catch {
            manifest.missing.append("what \(each.name) says of itself: \(error.detail ?? error.message)")
        }
        return found.map { ReportFile("hosts/\(each.name)/\($0.path)", $0.text) }
    }

    /// As install would write them, without a password from the beginning.
    private func rendered(for each: ClusterHost) -> [ReportFile] {
        ConfigRenderer.files(for: each, of: cluster, secrets: Render.hidden).map {
            ReportFile("hosts/\(each.name)/rendered\($0.path)", $0.contents)
        }
    }

    /// Each host's journal, of `bytes` at most, and the story that they tell, in one reading.
    private func journals(
        _ scrubber: Scrubber, _ bytes: Int, _ manifest: inout ReportManifest
    ) async -> [ReportFile] {
        let sink = ReportJournals(scrubber, limit: bytes)
        do throws(NodeFailure) {
            let sight = try await ClusterJournal(machine: machine, peers: peers, cluster: cluster, host: host).read(
                .story, since: since, until: .max, from: cluster.hosts.map(\.name), into: sink)
            for (name, reason) in sight.missing.sorted(by: { $0.key < $1.key }) {
                manifest.missing.append("the journal of \(name): \(reason)")
            }
            let told = sink.teller.finish()
            let story = Story(journals: sight, entries: told.entries, incidents: told.incidents)
            var files = [
                ReportFile("timeline.txt", StoryText.text(story, zone: zone, details: true) + "\n"),
                ReportFile("timeline.html", StoryDrawing.html(story, zone: zone)),
                ReportFile("timeline.json", try JSONText.text(of: story)),
            ].map { ReportFile($0.path, scrubber.scrub($0.text)) }
            for name in sight.hosts {
                let (text, dropped) = sink.taken(of: name)
                if dropped > 0 {
                    manifest.shortened.append("the journal of \(name), by its oldest \(dropped / 1024) KiB")
                }
                files.append(ReportFile("journals/\(name).export", text))
            }
            return files
        } catch {
            manifest.missing.append("the journals and the timeline: \(error.detail ?? error.message)")
            return []
        }
    }
}

/// Entries of all hosts' journals as text, one text for each, without secrets; the oldest go first when it becomes too much.
private final class ReportJournals: LogSink, @unchecked Sendable {
    let teller = StoryTeller()
    private let lock = NSLock()
    private let scrubber: Scrubber
    private let limit: Int
    private var texts: [String: BoundedText] = [:]

    init(_ scrubber: Scrubber, limit: Int) {
        self.scrubber = scrubber
        self.limit = limit
    }

    func isOpen() -> Bool { true }

    func take(_ records: [LogRecord]) -> Bool {
        _ = teller.take(records)
        lock.withLock {
            for var record in records {
                // Each value by itself: where one has its length before it, the length has to stay true.
                record.message = scrubber.scrub(record.message)
                record.fields = record.fields.map { LogField($0.name, scrubber.scrub($0.value)) }
                var bytes: [UInt8] = []
                LogExport.addBare(record, to: &bytes)
                texts[record.host, default: BoundedText(limit: limit)].add(bytes)
            }
        }
        return !Task.isCancelled
    }

    func taken(of host: String) -> (String, dropped: Int) {
        lock.withLock {
            let text = texts[host] ?? BoundedText(limit: limit)
            return (String(decoding: text.content, as: UTF8.self), text.dropped)
        }
    }
}
