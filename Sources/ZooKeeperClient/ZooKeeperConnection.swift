import NIOCore
import NIOPosix
import NIOSSL

/// One connection to one server, from its first byte to its end.
struct ZooKeeperConnection: Sendable {
    private struct Silence: Error {}

    let session: ZooKeeperSession
    let server: ZooKeeperSession.Server
    /// What is asked for.
    let timeout: Duration
    /// nil for a connection in the clear.
    let tls: NIOSSLContext?

    /// true if the session was confirmed over it.
    func run(_ identity: SessionIdentity, lastSeen: Int64) async -> Bool {
        do {
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connectTimeout(.milliseconds(1000))
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .connect(host: server.host, port: server.port) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        if let tls { try channel.pipeline.syncOperations.addHandler(handler(tls)) }
                        try channel.pipeline.syncOperations.addHandler(ByteToMessageHandler(FrameDecoder()))
                        return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                    }
                }
            return try await channel.executeThenClose { inbound, outbound in
                await serve(inbound, outbound, identity, lastSeen)
            }
        } catch {
            return false
        }
    }

    /// An address is no name to ask for (RFC 6066, 3); the certificate is compared with it all the same.
    private func handler(_ context: NIOSSLContext) throws -> NIOSSLClientHandler {
        let isAddress = (try? SocketAddress(ipAddress: server.host, port: 0)) != nil
        return try NIOSSLClientHandler(context: context, serverHostname: isAddress ? nil : server.host)
    }

    private func serve(
        _ inbound: NIOAsyncChannelInboundStream<ByteBuffer>, _ outbound: ZooKeeperSession.Outbound,
        _ identity: SessionIdentity, _ lastSeen: Int64
    ) async -> Bool {
        do {
            let milliseconds = Int32(clamping: timeout.components.seconds * 1000)
            try await outbound.write(Messages.connect(identity, timeout: milliseconds, lastSeen: lastSeen))
            return try await withThrowingTaskGroup(of: Bool.self) { group in
                let state = Confirmation()
                group.addTask { try await read(inbound, outbound, state) }
                group.addTask { try await keep(outbound, state) }
                let first = try await group.next() ?? false
                group.cancelAll()
                return first
            }
        } catch {
            return false
        }
    }

    /// Until the server closes or says what cannot be read.
    private func read(
        _ inbound: NIOAsyncChannelInboundStream<ByteBuffer>, _ outbound: ZooKeeperSession.Outbound,
        _ state: Confirmation
    ) async throws -> Bool {
        var isConfirmed = false
        for try await frame in inbound {
            if isConfirmed {
                try await session.received(frame)
                continue
            }
            var reader = JuteReader(frame)
            _ = try reader.int32()
            let negotiated = try reader.int32()
            let identity = SessionIdentity(number: try reader.int64(), password: try reader.bytes())
            guard await session.connected(identity, outbound) else { return false }
            isConfirmed = true
            await state.confirm(.milliseconds(Int64(negotiated)))
            Task { await session.watchAll() }
        }
        return isConfirmed
    }

    /// Gives a sign of life three times in a timeout, and ends when none came back for two thirds of it, so that a third is
    /// left to keep the session with another server (ZooKeeper programmer's guide, "ZooKeeper Sessions").
    private func keep(_ outbound: ZooKeeperSession.Outbound, _ state: Confirmation) async throws -> Bool {
        let clock = ContinuousClock()
        let begun = clock.now
        while true {
            guard let negotiated = await state.negotiated else {
                guard clock.now < begun + .seconds(1) else { throw Silence() }
                try await clock.sleep(for: .milliseconds(20))
                continue
            }
            guard await session.lastHeard > clock.now - negotiated * 2 / 3 else { throw Silence() }
            try await outbound.write(Messages.request(ReservedNumber.ping, .ping))
            try await clock.sleep(for: negotiated / 3)
        }
    }
}

/// The session timeout that the server has granted, once it has.
private actor Confirmation {
    private(set) var negotiated: Duration?

    func confirm(_ duration: Duration) { negotiated = duration }
}
