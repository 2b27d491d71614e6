import ClusterModel
import HostPorts
import NIOCore
import NIOPosix

/// A session with ZooKeeper over whichever server of the ensemble answers, kept until `close`.
///
/// Debian's C client has no TLS, so the protocol is spoken here (ZooKeeper programmer's guide, "ZooKeeper Sessions").
package actor ZooKeeperSession: CoordinationService {
    package struct Server: Sendable {
        var host: String
        var port: Int

        package init(host: String, port: Int) {
            self.host = host
            self.port = port
        }
    }

    typealias Outbound = NIOAsyncChannelOutboundWriter<ByteBuffer>

    let servers: [Server]
    let timeout: Duration
    /// Before every path on the wire, e.g. `/shop`; empty for none.
    private let root: String
    private let clock = ContinuousClock()
    private var identity = SessionIdentity()
    private var lastSeen: Int64 = 0
    private var outbound: Outbound?
    private var lastNumber: Int32 = 0
    private var pending: [Int32: CheckedContinuation<Result<JuteReader, NodeFailure>, Never>] = [:]
    private var watchers: [Int: (path: String, continuation: AsyncStream<CoordinationEvent>.Continuation)] = [:]
    private var lastWatcher = 0
    private var runner: Task<Void, Never>?
    private var isClosed = false
    private(set) var lastHeard = ContinuousClock.now

    /// `timeout` is what is asked for; the servers clamp it (minSessionTimeout, maxSessionTimeout).
    ///
    /// `root`: the node below which all paths of this session are, as in `host:2181/shop` of other clients (ZooKeeper
    /// programmer's guide, "chroot"); `create` makes it too. The paths that are given and told stay without it.
    package init(servers: [Server], timeout: Duration, root: String = "/") {
        self.servers = servers
        self.timeout = timeout
        self.root = root.split(separator: "/").map { "/\($0)" }.joined()
    }

    package func node(
        at path: String, isFresh: Bool, within limit: Duration
    ) async throws(NodeFailure) -> CoordinationNode? {
        let deadline = clock.now + limit
        if isFresh { _ = try await call(.sync, until: deadline) { $0.add(absolute(path)) } }
        guard
            var reply = try await call(
                .getData, until: deadline, absentIs: ErrorCode.noNode,
                {
                    $0.add(absolute(path))
                    $0.add(false)
                })
        else { return nil }
        return try read { try Messages.node(try reply.bytes(), &reply) }
    }

    package func children(of path: String, within limit: Duration) async throws(NodeFailure) -> [String]? {
        let reply = try await call(
            .getChildren, until: clock.now + limit, absentIs: ErrorCode.noNode,
            {
                $0.add(absolute(path))
                $0.add(false)
            })
        guard var reply else { return nil }
        return try read { try reply.texts() }
    }

    @discardableResult
    package func create(
        _ path: String, data: [UInt8], within limit: Duration
    ) async throws(NodeFailure) -> Bool {
        let deadline = clock.now + limit
        var above = ""
        for name in absolute(path).split(separator: "/").dropLast() {
            above += "/\(name)"
            _ = try await createOne(above, [], until: deadline)
        }
        return try await createOne(absolute(path), data, until: deadline)
    }

    /// `path` is absolute.
    private func createOne(
        _ path: String, _ data: [UInt8], until deadline: ContinuousClock.Instant
    ) async throws(NodeFailure) -> Bool {
        try await call(
            .create, until: deadline, absentIs: ErrorCode.nodeExists, { Messages.create(path, data, &$0) }) != nil
    }

    package func transaction(
        _ steps: [CoordinationStep], within limit: Duration
    ) async throws(NodeFailure) -> [CoordinationNode?]? {
        let reply = try await call(.multi, until: clock.now + limit, absentIs: nil) {
            Messages.transaction(steps, below: root, &$0)
        }
        guard var reply else { return nil }
        return try read { try Messages.results(of: steps, &reply) }
    }

    package nonisolated func events(of path: String) -> AsyncStream<CoordinationEvent> {
        let (stream, continuation) = AsyncStream<CoordinationEvent>.makeStream(bufferingPolicy: .bufferingNewest(1))
        Task { await self.add(path, continuation) }
        return stream
    }

    package func close() async {
        guard !isClosed else { return }
        isClosed = true
        lastNumber += 1
        try? await outbound?.write(Messages.request(lastNumber, .closeSession))
        runner?.cancel()
        await runner?.value
        for watcher in watchers.values { watcher.continuation.finish() }
        watchers = [:]
    }
}

// MARK: Calls
extension ZooKeeperSession {
    /// nil for the error that `absentIs` names.
    private func call(
        _ operation: Operation, until deadline: ContinuousClock.Instant, absentIs: Int32?,
        _ body: (inout JuteWriter) -> Void
    ) async throws(NodeFailure) -> JuteReader? {
        var reply = try await exchange(operation, until: deadline, body)
        let header = try read { try ReplyHeader(&reply) }
        if header.error == 0 { return reply }
        // For a transaction: some part of it did not find what it was to find.
        if operation == .multi || header.error == absentIs { return nil }
        throw NodeFailure(
            .commandFailed, "ZooKeeper refused", detail: "It answered with error \(header.error).",
            hint: "Run \"pgha-node logs zookeeper\" on its host.")
    }

    private func call(
        _ operation: Operation, until deadline: ContinuousClock.Instant, _ body: (inout JuteWriter) -> Void
    ) async throws(NodeFailure) -> JuteReader? {
        try await call(operation, until: deadline, absentIs: nil, body)
    }

    private func exchange(
        _ operation: Operation, until deadline: ContinuousClock.Instant, _ body: (inout JuteWriter) -> Void
    ) async throws(NodeFailure) -> JuteReader {
        begin()
        while outbound == nil {
            guard clock.now < deadline, !isClosed else { throw Self.unreachable("No server is connected.") }
            do {
                try await clock.sleep(for: .milliseconds(10))
            } catch {
                throw Self.unreachable("The wait was cancelled.")
            }
        }
        guard let outbound else { throw Self.unreachable("No server is connected.") }
        lastNumber += 1
        let number = lastNumber
        let frame = Messages.request(number, operation, body)
        let timer = Task {
            try await clock.sleep(until: deadline)
            self.fail(number, "No answer came in time.")
        }
        defer { timer.cancel() }
        let result = await withCheckedContinuation { continuation in
            pending[number] = continuation
            Task {
                do {
                    try await outbound.write(frame)
                } catch {
                    self.fail(number, "The connection was closed.")
                }
            }
        }
        return try result.get()
    }

    private func fail(_ number: Int32, _ reason: String) {
        pending.removeValue(forKey: number)?.resume(returning: .failure(Self.unreachable(reason)))
    }

    private nonisolated func read<Value>(_ work: () throws -> Value) throws(NodeFailure) -> Value {
        do {
            return try work()
        } catch {
            throw Self.unreachable("Its answer cannot be read: \(error).")
        }
    }

    static func unreachable(_ detail: String) -> NodeFailure {
        NodeFailure(
            .unreachable, "ZooKeeper does not answer", detail: detail,
            hint: "Run \"pgha-node ps\" on its hosts to see whether it has a quorum.")
    }
}

// MARK: The connection
extension ZooKeeperSession {
    func begin() {
        guard runner == nil, !isClosed else { return }
        runner = Task { await run() }
    }

    /// One server after the other for ever, in an order of chance: a session must not hang on one of them.
    private func run() async {
        var order: [Server] = []
        while !Task.isCancelled, !isClosed {
            if order.isEmpty { order = servers.shuffled() }
            guard let server = order.popLast() else { return }
            let connection = ZooKeeperConnection(session: self, server: server, timeout: timeout)
            let hadSession = await connection.run(identity, lastSeen: lastSeen)
            disconnected()
            // A server that answered and was lost may have a neighbour that answers at once.
            if !hadSession { try? await clock.sleep(for: .milliseconds(100)) }
        }
    }

    /// false if the session had ended; then the next connection begins a new one.
    func connected(_ new: SessionIdentity, _ outbound: Outbound) -> Bool {
        guard new.number != 0 else {
            identity = SessionIdentity()
            return false
        }
        identity = new
        lastHeard = clock.now
        self.outbound = outbound
        return true
    }

    /// Watches live in the server and the connection: both are new. The watch is set before the word is given, so that who
    /// reads after the word misses nothing.
    func watchAll() async {
        for path in Set(watchers.values.map(\.path)) { await watch(path) }
    }

    private func watch(_ path: String) async {
        do throws(NodeFailure) {
            _ = try await call(
                .exists, until: clock.now + timeout, absentIs: ErrorCode.noNode,
                {
                    $0.add(absolute(path))
                    $0.add(true)
                })
            tell(path, .mayHaveChanged)
        } catch {
            // The connection is about to break, or the next one sets it.
            return
        }
    }

    func received(_ frame: ByteBuffer) throws {
        lastHeard = clock.now
        let whole = JuteReader(frame)
        var reader = whole
        let header = try ReplyHeader(&reader)
        if header.transaction > lastSeen { lastSeen = header.transaction }
        switch header.number {
        case ReservedNumber.ping: return
        case ReservedNumber.watch:
            _ = try reader.int32()
            _ = try reader.int32()
            let path = try reader.text()
            guard path.hasPrefix(root) else { return }
            Task { await watch(relative(path)) }
        default:
            // One that came too late has nobody who waits for it.
            pending.removeValue(forKey: header.number)?.resume(returning: .success(whole))
        }
    }

    private func disconnected() {
        outbound = nil
        for number in Array(pending.keys) { fail(number, "The connection broke before the answer came.") }
        for path in Set(watchers.values.map(\.path)) { tell(path, .disconnected) }
    }

    private func tell(_ path: String, _ event: CoordinationEvent) {
        for watcher in watchers.values where watcher.path == path { watcher.continuation.yield(event) }
    }

    private func add(_ path: String, _ continuation: AsyncStream<CoordinationEvent>.Continuation) async {
        guard !isClosed else { return continuation.finish() }
        lastWatcher += 1
        let number = lastWatcher
        watchers[number] = (path, continuation)
        continuation.onTermination = { _ in Task { await self.remove(number) } }
        begin()
        if outbound != nil { await watch(path) }
    }

    private func remove(_ number: Int) { watchers[number] = nil }

    /// The root itself has no slash at its end.
    private nonisolated func absolute(_ path: String) -> String { path == "/" && !root.isEmpty ? root : root + path }

    private nonisolated func relative(_ path: String) -> String {
        path == root && !root.isEmpty ? "/" : String(path.dropFirst(root.count))
    }
}
