import ClusterModel
import Decisions
import HostPorts

/// What the clients of a measurement have sent and heard.
private actor DrillLedger {
    private(set) var logs: [WriteLog]
    private(set) var failures: [String: Int] = [:]

    init(writers: Int) { logs = Array(repeating: WriteLog(), count: writers) }

    func begin(_ writer: Int, at time: Double) -> Int {
        let sequence = logs[writer].writes.count
        logs[writer].writes.append(WriteLog.Write(sequence: sequence, sent: time, acknowledged: nil))
        return sequence
    }

    func acknowledge(_ writer: Int, _ sequence: Int, at time: Double) {
        logs[writer].writes[sequence].acknowledged = time
    }

    func fail(_ state: String) { failures[state, default: 0] += 1 }

    var acknowledged: Int { logs.reduce(0) { $0 + $1.acknowledged.count } }
}

/// Clients that write through the entry point, one row after the other, into a table of their own.
///
/// Two connect anew for each row and one keeps its connection. Each waits ten seconds for an answer, as a patient application
/// would, and 10 ms after each, so that an outage is known to about that.
package struct DrillWriters: Sendable {
    package static let fresh = 2
    private static let kept = 1
    private static let patience = Duration.seconds(10)
    private static let pause = Duration.milliseconds(10)
    static let schema = "pgha_drill"

    private let machine: Machine
    private let target: PostgresTarget
    private let ledger = DrillLedger(writers: fresh + kept)
    private let elapsed: @Sendable () -> Duration

    package init(machine: Machine, target: PostgresTarget) {
        self.machine = machine
        self.target = target
        elapsed = machine.clock.stopwatch()
    }

    /// Seconds since this was made; what the logs count in.
    var now: Double { elapsed().seconds }

    /// Throws `.conflict` where the table of another drill is.
    func prepare() async throws(NodeFailure) {
        do throws(NodeFailure) {
            try await run("CREATE SCHEMA \(Self.schema)")
        } catch {
            guard let detail = error.detail, SQLState.inText(detail) == "42P06" else { throw error }
            throw NodeFailure(
                .conflict, "the schema \"\(Self.schema)\" exists already",
                detail: "Another drill is running, or one was killed before it could clean up.",
                hint: "If none is running: pgha-node psql -- -c 'DROP SCHEMA \(Self.schema) CASCADE'")
        }
        try await run("CREATE TABLE \(Self.schema).writes (writer int, sequence int)")
    }

    /// What is there of the writes, by writer; nil if it cannot be read.
    func present() async -> [Int: Set<Int>]? {
        let rows = try? await machine.postgres.query(
            "SELECT writer, sequence FROM \(Self.schema).writes", at: target, within: .seconds(30))
        return rows?.reduce(into: [:]) { found, row in
            guard row.count == 2, let writer = row[0].flatMap({ Int($0) }), let sequence = row[1].flatMap({ Int($0) })
            else { return }
            found[writer, default: []].insert(sequence)
        }
    }

    func removeTable() async throws(NodeFailure) { try await run("DROP SCHEMA \(Self.schema) CASCADE") }

    private func run(_ statement: String) async throws(NodeFailure) {
        let session = try await machine.postgres.open(at: target, within: Self.patience)
        _ = try await session.query(statement, within: .seconds(30))
    }

    /// Writes until the task is cancelled.
    func write() async {
        await withTaskGroup(of: Void.self) { group in
            for writer in 0..<Self.fresh { group.addTask { await writeOverMany(writer) } }
            for writer in Self.fresh..<(Self.fresh + Self.kept) { group.addTask { await writeOverOne(writer) } }
        }
    }

    /// How many have been acknowledged so far.
    var acknowledged: Int { get async { await ledger.acknowledged } }

    func felt(_ present: [Int: Set<Int>]?, from: Double, until: Double) async -> DrillReport.Felt {
        let logs = await ledger.logs
        return DrillReport.Felt(
            fresh: Array(logs.prefix(Self.fresh)), kept: Array(logs.dropFirst(Self.fresh)),
            failures: await ledger.failures, present: present, from: from, until: until)
    }

    private func writeOverMany(_ writer: Int) async {
        while !Task.isCancelled {
            let sequence = await ledger.begin(writer, at: now)
            if let session = await connect() { _ = await insert(writer, sequence, over: session) }
            try? await machine.clock.sleep(for: Self.pause)
        }
    }

    private func writeOverOne(_ writer: Int) async {
        while !Task.isCancelled {
            guard let session = await connect() else {
                try? await machine.clock.sleep(for: Self.pause)
                continue
            }
            while !Task.isCancelled {
                let sequence = await ledger.begin(writer, at: now)
                guard await insert(writer, sequence, over: session) else { break }
                try? await machine.clock.sleep(for: Self.pause)
            }
        }
    }

    private func connect() async -> (any PostgresSession)? {
        do throws(NodeFailure) {
            return try await machine.postgres.open(at: target, within: Self.patience)
        } catch {
            await ledger.fail(error.detail.flatMap(SQLState.inText) ?? SQLState.notConnected)
            return nil
        }
    }

    private func insert(_ writer: Int, _ sequence: Int, over session: any PostgresSession) async -> Bool {
        do throws(NodeFailure) {
            _ = try await session.query(
                "INSERT INTO \(Self.schema).writes VALUES (\(writer), \(sequence))", within: Self.patience)
            await ledger.acknowledge(writer, sequence, at: now)
            return true
        } catch {
            await ledger.fail(error.detail.flatMap(SQLState.inText) ?? SQLState.lost)
            return false
        }
    }
}
