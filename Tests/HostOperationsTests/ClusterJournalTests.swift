import ClusterModel
import Foundation
import HostFakes
import HostOperations
import HostPorts
import Synchronization
import Testing

/// The journals of other hosts, which their own pagers read.
private final class Peers: PeerNetwork {
    private let pagers: [String: JournalPager]
    private let offset: Int64
    private let asked = Mutex(0)
    let machine: FakeMachine

    init(_ pagers: [String: JournalPager], clocksAhead offset: Int64, _ machine: FakeMachine) {
        self.pagers = pagers
        self.offset = offset
        self.machine = machine
    }

    var pages: Int { asked.withLock { $0 } }

    func serve(
        on address: String, port: Int, as credentials: PeerCredentials,
        _ answer: @escaping @Sendable (PeerRequest) async -> StatusAnswer?
    ) async throws(NodeFailure) {}

    func ask(
        _ asked: PeerRequest, of address: String, port: Int, as credentials: PeerCredentials, within limit: Duration
    ) async throws(NodeFailure) -> StatusAnswer {
        let path = asked.path
        guard let pager = pagers[address] else { throw NodeFailure(.unreachable, "no answer", detail: "refused") }
        if path == "/time" {
            return StatusAnswer(status: 200, body: "\(Int64(machine.machine.system.now() * 1_000_000) + offset)\n")
        }
        guard let request = JournalRequest(path: path) else { return StatusAnswer(status: 404, body: "") }
        self.asked.withLock { $0 += 1 }
        return StatusAnswer(status: 200, body: try await pager.page(request).text())
    }
}

private final class Heap: LogSink {
    private let state = Mutex<[LogRecord]>([])
    var records: [LogRecord] { state.withLock { $0 } }
    func take(_ records: [LogRecord]) -> Bool {
        state.withLock { $0 += records }
        return true
    }
    func isOpen() -> Bool { true }
}

/// Open until so many entries have come.
private final class Few: LogSink {
    private let state = Mutex<(records: [LogRecord], complaints: [NodeFailure])>(([], []))
    private let limit: Int
    private let onFirst: @Sendable () -> Void

    init(_ limit: Int, onFirst: @escaping @Sendable () -> Void) {
        self.limit = limit
        self.onFirst = onFirst
    }

    var records: [LogRecord] { state.withLock { $0.records } }
    var complaints: [NodeFailure] { state.withLock { $0.complaints } }
    func isOpen() -> Bool { state.withLock { $0.records.count < limit } }
    func complain(of failure: NodeFailure) { state.withLock { $0.complaints.append(failure) } }
    func take(_ records: [LogRecord]) -> Bool {
        let isFirst = state.withLock { state in
            let isFirst = state.records.isEmpty
            state.records += records
            return isFirst
        }
        if isFirst { onFirst() }
        return isOpen()
    }
}

@Suite struct ClusterJournalTests {
    private let fixture = OperatorFixture()

    init() {
        for (name, text) in [("ca.crt", "a"), ("agent.crt", "c"), ("agent.key", "k")] {
            fixture.fake.files.put("/etc/pgha/tls/\(name)", text)
        }
    }

    private func record(_ time: UInt64, _ text: String, host: Int) -> LogRecord {
        LogRecord(
            time: time, unit: UnitName("pgha-patroni@pg\(host).service"), identifier: "patroni",
            message: Array(text.utf8))
    }

    /// Host 2 has a journal of its own; host 3 does not answer.
    private func peers(_ records: [LogRecord], clocksAhead: Int64 = 0) -> Peers {
        let logs = FakeLogs()
        for record in records { logs.add(record) }
        return Peers(
            ["10.0.0.2": JournalPager(logs: logs, host: fixture.cluster.hosts[1])], clocksAhead: clocksAhead,
            fixture.fake)
    }

    private func read(_ peers: Peers, since: UInt64 = 0) async throws -> ([LogRecord], ClusterJournal.Sight) {
        let journal = ClusterJournal(
            machine: fixture.fake.machine, peers: peers, cluster: fixture.cluster, host: fixture.cluster.hosts[0])
        let heap = Heap()
        let sight = try await journal.read(
            .services, since: since, until: .max, from: ["host1", "host2", "host3"], into: heap)
        return (heap.records, sight)
    }

    @Test func `journals are merged by time, each entry with its host, and who is silent is named`() async throws {
        for time in [10, 30] as [UInt64] { fixture.fake.logs.add(record(time, "own", host: 1)) }
        let (records, sight) = try await read(peers([record(20, "other", host: 2), record(40, "other", host: 2)]))

        #expect(records.map(\.time) == [10, 20, 30, 40])
        #expect(records.map(\.host) == ["host1", "host2", "host1", "host2"])
        #expect(sight.hosts == ["host1", "host2"])
        #expect(sight.missing == ["host3": "refused"])
    }

    @Test
    func
        `what is followed comes once, also what has the time of the last that was read, and who is silent is named once`()
        async throws
    {
        let logs = FakeLogs()
        logs.add(record(20, "read", host: 2))
        fixture.fake.logs.add(record(10, "own, read", host: 1))
        let peers = Peers(
            ["10.0.0.2": JournalPager(logs: logs, host: fixture.cluster.hosts[1])], clocksAhead: 0, fixture.fake)
        let journal = ClusterJournal(
            machine: fixture.fake.machine, peers: peers, cluster: fixture.cluster, host: fixture.cluster.hosts[0])
        let own = fixture.fake.logs
        let later = record(40, "own, last", host: 1)
        let sink = Few(5) { own.add(later) }
        let hosts = ["host1", "host2", "host3"]
        let sight = try await journal.read(.services, since: 0, until: .max, from: hosts, into: sink)
        logs.add(record(20, "same time", host: 2))
        own.add(record(30, "own", host: 1))
        await journal.follow(.services, after: sight, since: 0, from: hosts, into: sink)

        #expect(
            Set(sink.records.map { String(decoding: $0.message, as: UTF8.self) })
                == ["own, read", "read", "same time", "own", "own, last"])
        #expect(sink.records.count == 5)
        #expect(sink.complaints.count == 1)
    }

    @Test func `what is followed comes once, and all of it, also when a clock is set back meanwhile`() async throws {
        let logs = FakeLogs()
        for time in [50, 10_000, 10_001] as [UInt64] { logs.add(record(time, "read", host: 2)) }
        let peers = Peers(
            ["10.0.0.2": JournalPager(logs: logs, host: fixture.cluster.hosts[1])], clocksAhead: 0, fixture.fake)
        let journal = ClusterJournal(
            machine: fixture.fake.machine, peers: peers, cluster: fixture.cluster, host: fixture.cluster.hosts[0])
        let sink = Few(3 + 5000 + 1) {}
        let sight = try await journal.read(.services, since: 0, until: .max, from: ["host2"], into: sink)
        let setBack = (0..<5000).map { record(60 + UInt64($0), "set back \($0)", host: 2) }
        for record in setBack { logs.add(record) }
        let follow = Task {
            await journal.follow(.services, after: sight, since: 0, from: ["host2"], into: sink)
        }
        while sink.records.count < 3 + 5000 { await Task.yield() }
        logs.add(record(10_002, "last", host: 2))
        await follow.value
        let told = sink.records.dropFirst(3)
        #expect(told.map(\.time) == setBack.map(\.time) + [10_002])
        #expect(told.last?.message == Array("last".utf8))
    }

    @Test func `a clock that is ahead does not put an effect before its cause`() async throws {
        fixture.fake.logs.add(record(1_000_000, "effect", host: 1))
        let (records, sight) = try await read(peers([record(1_500_000, "cause", host: 2)], clocksAhead: 800_000))

        #expect(records.map { String(decoding: $0.message, as: UTF8.self) } == ["cause", "effect"])
        // Its own clock's time.
        #expect(records[0].time == 1_500_000)
        #expect(sight.clocks["host2"]?.microseconds == 800_000)
    }

    @Test func `a long journal comes in pages, each entry once, also where many have the same time`() async throws {
        let many = (0..<9000).map { record(UInt64($0 / 4500), "entry \($0)", host: 2) }
        let peers = peers(many)
        let (records, _) = try await read(peers)

        #expect(records.count == 9000)
        #expect(Set(records.map(\.message)).count == 9000)
        #expect(peers.pages >= 5)
    }

    /// Entries a microsecond apart, then others that say that they were made long before.
    private func setBack(before: Int, after: Int) -> [LogRecord] {
        var entries: [LogRecord] = []
        for number in 0..<before { entries.append(record(10_000 + UInt64(number), "entry \(number)", host: 2)) }
        for number in 0..<after { entries.append(record(1_000 + UInt64(number), "later \(number)", host: 2)) }
        return entries
    }

    @Test func `a clock that was set back repeats nothing and loses nothing`() async throws {
        let entries = setBack(before: 3000, after: 5000)
        let (records, sight) = try await read(peers(entries))
        #expect(records.map(\.message) == entries.map(\.message))
        #expect(sight.missing["host2"] == nil)
    }

    @Test func `what is no text comes through a page as it is`() async throws {
        let bytes: [UInt8] = [0xFF, 0x00, 0x0A, 0x41]
        var odd = record(1, "", host: 2)
        odd.message = bytes
        odd.priority = 3
        odd.program = "postgres"
        odd.fields = [LogField("PGHA_EVENT", "fence")]
        let (records, _) = try await read(peers([odd]))

        #expect(records.first?.message == bytes)
        #expect(records.first?.priority == 3)
        #expect(records.first?.program == "postgres")
        #expect(records.first?.text("PGHA_EVENT") == "fence")
    }

    @Test(arguments: [
        "/journal/services/1/2", "/journal/story/0/18446744073709551615",
        "/journal/services/1/2/s=0f;i=2a;b=3;m=4;t=5;x=6",
    ])
    func `a request is its path`(_ path: String) {
        #expect(JournalRequest(path: path)?.path == path)
    }

    @Test(arguments: [
        "/journal", "/journal/all/1/2", "/journal/services/-1/2", "/journal/services/1/2/s=1'", "/journal/services/1",
        "/journal/services/1/2/s=3/4", "journal/services/1/2", "/journal/services/1/2/",
    ])
    func `what is no request is none`(_ path: String) {
        #expect(JournalRequest(path: path) == nil)
    }
}
