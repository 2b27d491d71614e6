import AgentServer
import ClusterModel
import Foundation
import HostPorts
import PeerFixtures
import Testing

@testable import AgentPeers

/// A server that ends while clients come: cancelled by itself, it took the whole process with it (swift-nio issue 2637).
@Suite(.serialized) struct ServerEndTests {
    private static let rounds = 20
    private static let burst = 64

    /// Cancels a server right after a burst of connections, many times; the process lives, and the port is free again.
    private static func endInABurst(_ serve: @escaping @Sendable (Int) async throws -> Void) async throws {
        for _ in 0..<rounds {
            let port = try FreePorts.take()
            let task = Task { try await serve(port) }
            try await Loopback.untilListening(port)
            let knocks = (0..<burst).compactMap { _ in Loopback.connect(port) }
            #expect(knocks.count == burst)
            task.cancel()
            try await task.value
            #expect(Loopback.connect(port) == nil)
            for descriptor in knocks { close(descriptor) }
        }
    }

    @Test func `the status server ends while clients connect`() async throws {
        try await Self.endInABurst { port in
            try await HummingbirdStatusServer().serve(on: "127.0.0.1", port: port) { _ in
                StatusAnswer(status: 200, body: "")
            }
        }
    }

    @Test func `the server for peers ends while clients connect`() async throws {
        let credentials = try TestCredentials.host(of: try TestCredentials.authority())
        try await Self.endInABurst { port in
            try await TLSPeerNetwork().serve(on: "127.0.0.1", port: port, as: credentials) { _ in
                StatusAnswer(status: 200, body: "")
            }
        }
    }
}
