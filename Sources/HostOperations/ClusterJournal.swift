import ClusterModel
import HostPorts

/// Reads a part of one host's journal.
typealias JournalPageReader = @Sendable (JournalRequest) async throws(NodeFailure) -> JournalPage

/// The journals of all hosts, merged by time. A host that does not answer is named and left out.
package struct ClusterJournal: Sendable {
    let machine: Machine
    let question: PeerQuestion
    let cluster: Cluster
    let host: ClusterHost

    package init(machine: Machine, peers: any PeerNetwork, cluster: Cluster, host: ClusterHost) {
        self.machine = machine
        self.cluster = cluster
        self.host = host
        question = PeerQuestion(machine: machine, peers: peers, port: cluster.ports.agentPeers)
    }

    /// Which hosts were read, how their clocks differ from this host's, and which were not.
    package struct Sight: Codable, Sendable {
        package var hosts: [String]
        package var clocks: [String: ClockOffset]
        /// Why not, by host.
        package var missing: [String: String]
        /// The place of the last entry that was read, by host; what follows comes behind it.
        package var ends: [String: String] = [:]

        private enum CodingKeys: String, CodingKey { case hosts, clocks, missing }

        package init(hosts: [String], clocks: [String: ClockOffset], missing: [String: String]) {
            self.hosts = hosts
            self.clocks = clocks
            self.missing = missing
        }
    }

    /// The other hosts' entries come with the time of their own clock; what comes first is judged by this host's.
    package func read(
        _ kind: JournalKind, since: UInt64, until: UInt64, from hosts: [String], into sink: any LogSink
    ) async throws(NodeFailure) -> Sight {
        var sight = Sight(hosts: [], clocks: [:], missing: [:])
        var feeds: [(feed: JournalFeed, offset: Int64)] = []
        let first = JournalRequest(kind: kind, since: since, until: until)
        for each in cluster.hosts where hosts.contains(each.name) {
            do throws(NodeFailure) {
                let isOwn = each.name == host.name
                let clock = isOwn ? nil : try await question.clock(of: each)
                feeds.append((JournalFeed(each.name, first, pages(of: each)), clock?.certain ?? 0))
                sight.clocks[each.name] = clock
                sight.hosts.append(each.name)
            } catch {
                sight.missing[each.name] = error.detail ?? error.message
            }
        }
        try await merge(feeds, into: sink)
        for (feed, _) in feeds { sight.ends[feed.host] = await feed.end }
        return sight
    }

    /// Who reads the journal of a host: this process that of its own one, agents those of others.
    func pages(of other: ClusterHost) -> JournalPageReader {
        guard other.name == host.name else {
            return { [question] request throws(NodeFailure) in try await question.page(request, other) }
        }
        let pager = JournalPager(logs: machine.observation.logs, host: host)
        return { request throws(NodeFailure) in try await pager.page(request) }
    }

    private func merge(_ feeds: [(feed: JournalFeed, offset: Int64)], into sink: any LogSink)
        async throws(NodeFailure)
    {
        var heads: [ArraySlice<LogRecord>] = []
        for each in feeds { heads.append(try await each.feed.next()[...]) }
        var batch: [LogRecord] = []
        while true {
            var first: (index: Int, time: Int64)?
            for (index, head) in heads.enumerated() {
                guard let record = head.first else { continue }
                let time = Int64(record.time) - feeds[index].offset
                if first == nil || time < first?.time ?? 0 { first = (index, time) }
            }
            guard let index = first?.index, let record = heads[index].popFirst() else { break }
            batch.append(record)
            if heads[index].isEmpty { heads[index] = try await feeds[index].feed.next()[...] }
            if batch.count >= 256 {
                guard sink.take(batch) else { return }
                batch.removeAll(keepingCapacity: true)
            }
        }
        if !batch.isEmpty { _ = sink.take(batch) }
    }
}

/// The journal of a host, page by page.
private actor JournalFeed {
    nonisolated let host: String
    private let read: JournalPageReader
    private var request: JournalRequest?
    /// The place of the last entry so far.
    private(set) var end: String?

    init(_ host: String, _ first: JournalRequest, _ read: @escaping JournalPageReader) {
        self.host = host
        self.read = read
        request = first
    }

    /// The next ones, oldest first; empty at the end.
    func next() async throws(NodeFailure) -> [LogRecord] {
        guard let asked = request else { return [] }
        let page = try await read(asked)
        end = page.end ?? end
        request = page.isLast ? nil : asked
        request?.after = end
        return page.records
    }
}

extension PeerQuestion {
    /// A part of the journal of another host. Throws `.unreachable` if its agent does not answer, or does not know how.
    func page(_ request: JournalRequest, _ host: ClusterHost) async throws(NodeFailure) -> JournalPage {
        let answer = try await ask(request.path, host, within: .seconds(60))
        guard answer.status == 200, let page = JournalPage(text: answer.body),
            page.end != nil || page.entries.isEmpty
        else {
            throw NodeFailure(
                .unreachable, "the agent of \(host.name) does not show its journal",
                detail: "It answered with \(answer.status).",
                hint: "It may be of an earlier version: \"pgha-node --version\" on both hosts.")
        }
        return page
    }
}
