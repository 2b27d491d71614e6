import ClusterModel
import Dispatch
import Foundation
import HostPorts

/// Entries of one journal, some at a time.
private protocol RecordFeed: Sendable {
    /// The next ones, oldest first; empty at the end.
    func next() async throws(NodeFailure) -> [LogRecord]
}

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
        var feeds: [(feed: any RecordFeed, offset: Int64)] = []
        var peers: [PeerFeed] = []
        for each in cluster.hosts where hosts.contains(each.name) {
            if each.name == host.name {
                var query = JournalPager.query(kind, units: JournalPager.units(of: each))
                (query.since, query.until) = (since, until)
                feeds.append((LocalFeed(machine.observation.logs, query, host: each.name), 0))
                sight.hosts.append(each.name)
                continue
            }
            do throws(NodeFailure) {
                let clock = try await question.clock(of: each)
                let first = JournalRequest(kind: kind, since: since, until: until)
                let feed = PeerFeed(question, each, first)
                peers.append(feed)
                feeds.append((feed, clock.certain ?? 0))
                sight.clocks[each.name] = clock
                sight.hosts.append(each.name)
            } catch {
                sight.missing[each.name] = error.detail ?? error.message
            }
        }
        try await merge(feeds, into: sink)
        for peer in peers { sight.missing[peer.host.name] = await peer.shortfall }
        return sight
    }

    private func merge(_ feeds: [(feed: any RecordFeed, offset: Int64)], into sink: any LogSink)
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

/// The journal of another host, page by page.
private actor PeerFeed: RecordFeed {
    private let question: PeerQuestion
    nonisolated let host: ClusterHost
    private var request: JournalRequest?
    private var place = JournalPlace()
    /// Why the rest could not be read; nil if all was.
    private(set) var shortfall: String?

    init(_ question: PeerQuestion, _ host: ClusterHost, _ first: JournalRequest) {
        self.question = question
        self.host = host
        request = first
    }

    func next() async throws(NodeFailure) -> [LogRecord] {
        guard let asked = request else { return [] }
        let page = try await question.page(asked, host)
        let records = place.news(of: page)
        request = page.isLast ? nil : asked
        request?.since = place.latest.time
        request?.skip = place.latest.count
        if records.isEmpty, !page.isLast {
            request = nil
            shortfall = "its clock was set back, and what it has said since is more than one page; the rest is not here"
        }
        return records
    }
}

extension PeerQuestion {
    /// A part of the journal of another host. Throws `.unreachable` if its agent does not answer, or does not know how.
    func page(_ request: JournalRequest, _ host: ClusterHost) async throws(NodeFailure) -> JournalPage {
        let answer = try await ask(request.path, host, within: .seconds(60))
        guard answer.status == 200, let page = JournalPage(text: answer.body) else {
            throw NodeFailure(
                .unreachable, "the agent of \(host.name) does not show its journal",
                detail: "It answered with \(answer.status).",
                hint: "It may be of an earlier version: \"pgha-node --version\" on both hosts.")
        }
        return page
    }
}

/// This host's own journal. Its reader has a thread, which waits while what it has read is not yet wanted.
private final class LocalFeed: RecordFeed {
    private let stream: AsyncStream<Result<[LogRecord], NodeFailure>>
    private let gate: Gate
    private let work: Task<Void, Never>

    init(_ logs: any LogReader, _ query: LogQuery, host: String) {
        let gate = Gate()
        let (stream, continuation) = AsyncStream<Result<[LogRecord], NodeFailure>>.makeStream()
        self.gate = gate
        self.stream = stream
        work = Task {
            do throws(NodeFailure) {
                try await logs.read(query, into: FeedSink(gate, continuation, host))
            } catch {
                continuation.yield(.failure(error))
            }
            continuation.finish()
        }
    }

    deinit {
        gate.end()
        work.cancel()
    }

    func next() async throws(NodeFailure) -> [LogRecord] {
        // One caller, which waits for each answer; an iterator is only a view of the stream's own queue.
        var iterator = stream.makeAsyncIterator()
        let batch = await iterator.next()
        gate.release()
        return try batch?.get() ?? []
    }
}

/// At most so many batches are read ahead.
private final class Gate: @unchecked Sendable {
    /// Begins with 0, since it may be let go with any value above that (dispatch_semaphore_create(3)).
    private let places = DispatchSemaphore(value: 0)
    private let lock = NSLock()
    private var hasEnded = false

    init() { for _ in 0..<8 { places.signal() } }

    /// False once nobody wants more.
    func pass() -> Bool {
        places.wait()
        return lock.withLock { !hasEnded }
    }

    func release() { places.signal() }

    func end() {
        lock.withLock { hasEnded = true }
        places.signal()
    }

    var isOpen: Bool { lock.withLock { !hasEnded } }
}

private struct FeedSink: LogSink {
    let gate: Gate
    let continuation: AsyncStream<Result<[LogRecord], NodeFailure>>.Continuation
    let host: String

    init(_ gate: Gate, _ continuation: AsyncStream<Result<[LogRecord], NodeFailure>>.Continuation, _ host: String) {
        self.gate = gate
        self.continuation = continuation
        self.host = host
    }

    func isOpen() -> Bool { gate.isOpen }

    func take(_ records: [LogRecord]) -> Bool {
        guard gate.pass() else { return false }
        continuation.yield(
            .success(
                records.map { record in
                    var named = record
                    named.host = host
                    return named
                }))
        return true
    }
}
