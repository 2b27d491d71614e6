import BenchStatistics
import ClusterModel
import Decisions
import Foundation
import HostPorts
import PostgresClient
import Synchronization

/// Whether the threads go on.
final class Switch: Sendable {
    private let state = Atomic(true)
    var isOn: Bool { state.load(ordering: .relaxed) }
    func turnOff() { state.store(false, ordering: .relaxed) }
}

/// A thread that writes one row after the other and remembers what it heard.
///
/// A client waits ten seconds for an answer, and then gives the connection up: what it never hears counts as failed.
final class Writer: Sendable {
    static let patience = Duration.seconds(10)
    static let pause: UInt32 = 10_000

    let number: Int
    let keepsConnection: Bool
    private let target: PostgresTarget
    private let run: String
    private let state = Mutex((log: WriteLog(), refused: 0))
    private let power = Switch()
    private let ended = DispatchSemaphore(value: 0)

    init(number: Int, run: String, keepsConnection: Bool, target: PostgresTarget) {
        self.number = number
        self.run = run
        self.keepsConnection = keepsConnection
        self.target = target
    }

    func start() {
        Thread.detachNewThread {
            if self.keepsConnection { self.writeOverOne() } else { self.writeOverMany() }
            self.ended.signal()
        }
    }

    /// The log, when the last write has been answered or given up.
    func stop() -> WriteLog {
        power.turnOff()
        ended.wait()
        return log
    }

    var log: WriteLog { state.withLock { $0.log } }
    /// Connections that were not let in.
    var refused: Int { state.withLock { $0.refused } }

    private func writeOverMany() {
        while power.isOn {
            let sequence = begin()
            do throws(NodeFailure) {
                let connection = try connect()
                try write(sequence, over: connection)
            } catch {
                usleep(10_000)
            }
            usleep(Self.pause)
        }
    }

    private func writeOverOne() {
        while power.isOn {
            do throws(NodeFailure) {
                let connection = try connect()
                while power.isOn {
                    try write(begin(), over: connection)
                    usleep(Self.pause)
                }
            } catch {
                usleep(10_000)
            }
        }
    }

    private func connect() throws(NodeFailure) -> LibPQConnection {
        do throws(NodeFailure) {
            let connection = try LibPQConnection(to: target)
            try connection.waitUntilConnected(.now + Self.patience)
            return connection
        } catch {
            state.withLock { $0.refused += 1 }
            throw error
        }
    }

    private func begin() -> Int {
        let sent = Clock.now
        return state.withLock { state in
            let sequence = state.log.writes.count
            state.log.writes.append(WriteLog.Write(sequence: sequence, sent: sent, acknowledged: nil))
            return sequence
        }
    }

    private func write(_ sequence: Int, over connection: borrowing LibPQConnection) throws(NodeFailure) {
        _ = try connection.rows(
            of: "INSERT INTO failover_bench.writes VALUES ('\(run)', \(number), \(sequence))",
            until: .now + Self.patience)
        let now = Clock.now
        state.withLock { $0.log.writes[sequence].acknowledged = now }
    }
}

/// A thread that tries to write on a member's own port, again and again, whoever leads.
final class Watcher: Sendable {
    private let target: PostgresTarget
    private let state = Mutex(WritableSpans())
    private let power = Switch()
    private let ended = DispatchSemaphore(value: 0)

    init(target: PostgresTarget) {
        self.target = target
    }

    func start() {
        Thread.detachNewThread {
            while self.power.isOn { self.watch() }
            self.ended.signal()
        }
    }

    func stop() -> WritableSpans {
        power.turnOff()
        ended.wait()
        return state.withLock { $0 }
    }

    /// Its own disk only: the question is whether it takes writes, not whether they last.
    private func watch() {
        do throws(NodeFailure) {
            let connection = try LibPQConnection(to: target)
            try connection.waitUntilConnected(.now + .seconds(1))
            _ = try connection.rows(of: "SET synchronous_commit = local", until: .now + .seconds(1))
            while power.isOn {
                try look(connection)
            }
        } catch {
            state.withLock { $0.failed() }
            usleep(50_000)
        }
    }

    /// A replica refuses, and the same session can ask again. Throws if the connection is of no use any more.
    private func look(_ connection: borrowing LibPQConnection) throws(NodeFailure) {
        do throws(NodeFailure) {
            _ = try connection.rows(
                of: "SELECT pg_logical_emit_message(true, 'bench', '')", until: .now + .seconds(1))
            let now = Clock.now
            state.withLock { $0.acknowledged(at: now) }
            usleep(20_000)
        } catch  where error.code == .commandFailed {
            state.withLock { $0.failed() }
            usleep(50_000)
        }
    }
}

/// A session with an open transaction on the leader's own port, as one that was there when it was frozen.
final class OpenSession: Sendable {
    private let target: PostgresTarget
    private let commits = Mutex([Double]())
    private let power = Switch()
    private let ended = DispatchSemaphore(value: 0)

    init(target: PostgresTarget) {
        self.target = target
    }

    func start() {
        Thread.detachNewThread {
            self.run()
            self.ended.signal()
        }
    }

    /// When its commits were acknowledged.
    func stop() -> [Double] {
        power.turnOff()
        ended.wait()
        return commits.withLock { $0 }
    }

    private func run() {
        do throws(NodeFailure) {
            let connection = try LibPQConnection(to: target)
            try connection.waitUntilConnected(.now + .seconds(5))
            while power.isOn {
                // Longer than any freeze: it must still be there when the leader wakes up.
                for statement in ["BEGIN", "INSERT INTO failover_bench.writes VALUES ('open', 0, 0)", "COMMIT"] {
                    _ = try connection.rows(of: statement, until: .now + .seconds(120))
                }
                let now = Clock.now
                commits.withLock { $0.append(now) }
            }
        } catch {
            return
        }
    }
}
