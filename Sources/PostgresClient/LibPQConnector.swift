import CLibPQ
import ClusterModel
import Dispatch
import Glibc
import HostPorts

/// PostgreSQL over libpq, without blocking calls, so that the limit holds even when the server accepts and never answers.
package struct LibPQConnector: PostgresConnector {
    package init() {}

    package func query(
        _ statement: String, at target: PostgresTarget, within limit: Duration
    ) async throws(NodeFailure) -> [[String?]] {
        let result = await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(returning: Self.perform(statement, target, ContinuousClock.now + limit))
            }
        }
        return try result.get()
    }

    package func open(
        at target: PostgresTarget, within limit: Duration
    ) async throws(NodeFailure) -> any PostgresSession {
        let result: Result<LibPQSession, NodeFailure> = await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                do throws(NodeFailure) {
                    let connection = try LibPQConnection(to: target, isVerbose: true)
                    try connection.waitUntilConnected(ContinuousClock.now + limit)
                    continuation.resume(returning: .success(LibPQSession(connection)))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        return try result.get()
    }

    private static func perform(
        _ statement: String, _ target: PostgresTarget, _ deadline: ContinuousClock.Instant
    ) -> Result<[[String?]], NodeFailure> {
        do throws(NodeFailure) {
            let connection = try LibPQConnection(to: target)
            try connection.waitUntilConnected(deadline)
            return .success(try connection.rows(of: statement, until: deadline))
        } catch {
            return .failure(error)
        }
    }
}

/// A connection that stays, with a queue of its own: one call after the other.
private final class LibPQSession: PostgresSession, @unchecked Sendable {
    private let connection: LibPQConnection
    private let queue = DispatchQueue(label: "pgha.postgres.session")

    init(_ connection: consuming LibPQConnection) { self.connection = connection }

    func query(_ statement: String, within limit: Duration) async throws(NodeFailure) -> [[String?]] {
        let result: Result<[[String?]], NodeFailure> = await withCheckedContinuation { continuation in
            queue.async {
                do throws(NodeFailure) {
                    let rows = try self.connection.rows(of: statement, until: ContinuousClock.now + limit)
                    continuation.resume(returning: .success(rows))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        return try result.get()
    }
}

/// One libpq connection; one owner, one thread.
package struct LibPQConnection: ~Copyable {
    private let library: LibPQ
    private let handle: OpaquePointer
    private let target: String

    /// Begins to connect (libpq, "PQconnectStartParams"); the password goes in memory, never through the environment.
    ///
    /// `isVerbose`: what the server says comes with its SQLSTATE (libpq, "PQsetErrorVerbosity").
    package init(to target: PostgresTarget, isVerbose: Bool = false) throws(NodeFailure) {
        let library = try LibPQ.load()
        var settings = [
            ("host", target.host), ("port", String(target.port)), ("user", target.user),
            ("password", target.password), ("dbname", target.database), ("application_name", "pgha-node"),
        ]
        // Who watches the server die wants to count its errors, and not to have its warnings on the terminal.
        if isVerbose { settings.append(("options", "-c client_min_messages=error")) }
        let keys = settings.map { strdup($0.0) }
        let values = settings.map { strdup($0.1) }
        defer { for text in keys + values { free(text) } }
        let keyPointers = keys.map { $0.map { UnsafePointer($0) } } + [nil]
        let valuePointers = values.map { $0.map { UnsafePointer($0) } } + [nil]
        guard let opened = library.connectStart(keyPointers, valuePointers, 0) else {
            throw NodeFailure(.internalError, "could not allocate a PostgreSQL connection")
        }
        handle = opened
        if isVerbose { _ = library.setErrorVerbosity(opened, PQERRORS_VERBOSE) }
        self.library = library
        self.target = target.description
    }

    deinit {
        library.finish(handle)
    }

    /// Throws `.unreachable` if nobody has let us in until then.
    package func waitUntilConnected(_ deadline: ContinuousClock.Instant) throws(NodeFailure) {
        guard library.status(handle) != CONNECTION_BAD else {
            throw failure(.unreachable, "could not connect to \(target)")
        }
        var wanted = Int16(POLLOUT)
        while true {
            try waitForSocket(wanted, deadline, "could not connect to \(target) in time")
            switch library.connectPoll(handle) {
            case PGRES_POLLING_OK: return
            case PGRES_POLLING_READING: wanted = Int16(POLLIN)
            case PGRES_POLLING_WRITING: wanted = Int16(POLLOUT)
            default: throw failure(.unreachable, "could not connect to \(target)")
            }
        }
    }

    /// Runs one statement. Throws `.unreachable` if the connection is lost or the answer comes too late, after which the connection
    /// is of no use any more; `.commandFailed` for what the server refuses.
    package func rows(of statement: String, until deadline: ContinuousClock.Instant) throws(NodeFailure) -> [[String?]]
    {
        guard library.sendQuery(handle, statement) == 1 else {
            throw failure(.unreachable, "lost the connection to \(target)")
        }
        while library.isBusy(handle) == 1 {
            try waitForSocket(Int16(POLLIN), deadline, "\(target) did not answer in time")
            guard library.consumeInput(handle) == 1 else {
                throw failure(.unreachable, "lost the connection to \(target)")
            }
        }
        var rows: [[String?]] = []
        var refusal: NodeFailure?
        while let result = library.getResult(handle) {
            defer { library.clear(result) }
            switch library.resultStatus(result) {
            case PGRES_TUPLES_OK: rows += values(in: result)
            case PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: continue
            // Read to the end, without which no other statement can be sent (libpq, "PQgetResult").
            case PGRES_FATAL_ERROR: refusal = refusal ?? failure(.commandFailed, "\(target) refused a statement")
            default: throw failure(.commandFailed, "\(target) refused a statement")
            }
        }
        if let refusal { throw refusal }
        return rows
    }

    private func values(in result: OpaquePointer) -> [[String?]] {
        (0..<library.rowCount(result)).map { row in
            (0..<library.columnCount(result)).map { column in
                library.isNull(result, row, column) == 1
                    ? nil : library.value(result, row, column).map { String(cString: $0) }
            }
        }
    }

    private func waitForSocket(
        _ events: Int16, _ deadline: ContinuousClock.Instant, _ message: String
    ) throws(NodeFailure) {
        let left = ContinuousClock.now.duration(to: deadline)
        let milliseconds = left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000
        var socket = pollfd(fd: library.socket(handle), events: events, revents: 0)
        guard milliseconds > 0, poll(&socket, 1, Int32(clamping: milliseconds)) > 0 else {
            throw NodeFailure(.unreachable, message)
        }
    }

    private func failure(_ code: NodeFailure.Code, _ message: String) -> NodeFailure {
        let said = library.errorMessage(handle).map { String(cString: $0) } ?? ""
        let line = said.split(separator: "\n").joined(separator: " ")
        return NodeFailure(code, message, detail: line.isEmpty ? nil : line)
    }
}
