import ClusterModel
import HostPorts
import NIOCore
import NIOPosix
import PatroniClient
import Synchronization
import Testing

/// A connection that stays holds one of the five threads of Patroni's API, and delays its stop (patroni/api.py).
struct ConnectionTests {
    @Test func `nothing is left open after an answer`() async throws {
        let server = try await Listener(answers: true)
        let status = try await HTTPPatroniAPI().status(of: "127.0.0.1", port: server.port, within: .seconds(5))
        #expect(status.state == "running")
        #expect(await server.isLeftAlone())
        try await server.close()
    }

    @Test func `nothing is left open where no answer came`() async throws {
        let server = try await Listener(answers: false)
        await #expect(throws: NodeFailure.self) {
            _ = try await HTTPPatroniAPI().status(of: "127.0.0.1", port: server.port, within: .milliseconds(300))
        }
        #expect(await server.isLeftAlone())
        try await server.close()
    }

    @Test func `nothing is left open after a request that was cancelled`() async throws {
        let server = try await Listener(answers: false)
        let request = Task {
            try? await HTTPPatroniAPI().status(of: "127.0.0.1", port: server.port, within: .seconds(60))
        }
        while server.count == 0 { try await Task.sleep(for: .milliseconds(1)) }
        request.cancel()
        _ = await request.value
        #expect(await server.isLeftAlone())
        try await server.close()
    }
}

/// Counts the connections that are open, as Patroni's API would have them.
private final class Listener: Sendable {
    private final class Handler: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        let open: Counter
        let answers: Bool

        init(open: Counter, answers: Bool) {
            self.open = open
            self.answers = answers
        }

        func channelActive(context: ChannelHandlerContext) { open.add(1) }
        func channelInactive(context: ChannelHandlerContext) { open.add(-1) }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard answers else { return }
            let body =
                #"{"state":"running","role":"replica","patroni":{"version":"4.1.5","scope":"demo","name":"pg1"}}"#
            // One that would let the connection be used again.
            let text = "HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
            context.writeAndFlush(NIOAny(ByteBuffer(string: text)), promise: nil)
        }
    }

    final class Counter: Sendable {
        private let value = Mutex((open: 0, ever: 0))
        var open: Int { value.withLock { $0.open } }
        var ever: Int { value.withLock { $0.ever } }

        func add(_ change: Int) {
            value.withLock {
                $0.open += change
                $0.ever += max(change, 0)
            }
        }
    }

    private let counter = Counter()
    private let channel: any Channel
    var port: Int { channel.localAddress?.port ?? 0 }
    /// How many there have ever been.
    var count: Int { counter.ever }

    init(answers: Bool) async throws {
        let counter = counter
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.pipeline.addHandler(Handler(open: counter, answers: answers))
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    /// The end of a connection takes a moment to arrive; a pool keeps one for a minute.
    func isLeftAlone() async -> Bool {
        for _ in 0..<200 where counter.open > 0 || counter.ever == 0 { try? await Task.sleep(for: .milliseconds(10)) }
        return counter.ever > 0 && counter.open == 0
    }

    func close() async throws { try await channel.close() }
}
