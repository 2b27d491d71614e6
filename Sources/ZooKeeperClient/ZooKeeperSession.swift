import ClusterModel
import HostPorts
import NIOCore
import NIOSSL
import TLSCredentials

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
    let tls: NIOSSLContext?
    /// Before every path on the wire, e.g. `/shop`; empty for none.
    let root: String
    let clock = ContinuousClock()
    var identity = SessionIdentity()
    var lastSeen: Int64 = 0
    var outbound: Outbound?
    private var lastNumber: Int32 = 0
    var pending: [Int32: CheckedContinuation<Result<JuteReader, NodeFailure>, Never>] = [:]
    var watchers: [Int: (path: String, continuation: AsyncStream<CoordinationEvent>.Continuation)] = [:]
    var lastWatcher = 0
    var runner: Task<Void, Never>?
    var isClosed = false
    var lastHeard = ContinuousClock.now

    /// `timeout` is what is asked for; the servers clamp it (minSessionTimeout, maxSessionTimeout).
    ///
    /// `root`: the node below which all paths of this session are, as in `host:2181/shop` of other clients (ZooKeeper
    /// programmer's guide, "chroot"); `create` makes it too. The paths that are given and told stay without it.
    package init(servers: [Server], timeout: Duration, root: String = "/") {
        self.init(servers, timeout, root, tls: nil)
    }

    /// With the servers' secure ports (ZooKeeper administrator's guide, secureClientPort). `credentials`: what is shown to them,
    /// and whom to believe there; their certificates must be for the names or addresses in `servers`.
    ///
    /// Throws `.invalidConfiguration` for credentials that are none.
    package init(
        servers: [Server], timeout: Duration, root: String = "/", credentials: PeerCredentials
    ) throws(NodeFailure) {
        self.init(servers, timeout, root, tls: try Self.context(credentials))
    }

    private init(_ servers: [Server], _ timeout: Duration, _ root: String, tls: NIOSSLContext?) {
        self.servers = servers
        self.timeout = timeout
        self.tls = tls
        self.root = root.split(separator: "/").map { "/\($0)" }.joined()
    }

    private static func context(_ credentials: PeerCredentials) throws(NodeFailure) -> NIOSSLContext {
        // 1.3 is only spoken where somebody has set ssl.ciphersuites: those of ZooKeeper itself are of 1.2 (X509Util.java, 3.8).
        let configuration = try credentials.clientTLS(atLeast: .tlsv12)
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw NodeFailure(.invalidConfiguration, "TLS for ZooKeeper cannot be set up", detail: "\(error)")
        }
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
    func call(
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

    func fail(_ number: Int32, _ reason: String) {
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
