import ClusterModel
import HostPorts
import NIOCore

/// The connection of the moment, and what lives only as long as it.
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
            let connection = ZooKeeperConnection(session: self, server: server, timeout: timeout, tls: tls)
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

    func add(_ path: String, _ continuation: AsyncStream<CoordinationEvent>.Continuation) async {
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
    nonisolated func absolute(_ path: String) -> String { path == "/" && !root.isEmpty ? root : root + path }

    private nonisolated func relative(_ path: String) -> String {
        path == root && !root.isEmpty ? "/" : String(path.dropFirst(root.count))
    }
}
