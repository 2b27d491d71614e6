import ClusterCertificates
import ClusterModel
import Foundation
import HostPorts
import PeerFixtures
import Testing

@testable import AgentPeers

/// Real TLS on loopback: who is let in, and who is believed.
@Suite(.serialized) struct TLSPeerNetworkTests {
    private static let now = Date()

    /// What the client gets from a server that answers "secret" and who asks to everything; nil if it gets nothing.
    private static func exchange(server: PeerCredentials, client: PeerCredentials?) async throws -> String? {
        let port = try FreePorts.take()
        let network = TLSPeerNetwork()
        let task = Task {
            do throws(NodeFailure) {
                try await network.serve(on: "127.0.0.1", port: port, as: server) { request in
                    StatusAnswer(status: 200, body: "secret for \(request.asker ?? "nobody")")
                }
            } catch {
                Issue.record("\(error)")
            }
        }
        defer { task.cancel() }
        try await Loopback.untilListening(port)
        guard let client else { return try await plain(port) }
        do throws(NodeFailure) {
            return try await network.ask(
                PeerRequest(.get, "/status"), of: "127.0.0.1", port: port, as: client, within: .seconds(5)
            ).body
        } catch {
            #expect(error.code == .unreachable)
            return nil
        }
    }

    /// HTTP without TLS.
    private static func plain(_ port: Int) async throws -> String? {
        guard let descriptor = Loopback.connect(port) else { return nil }
        defer { close(descriptor) }
        var limit = timeval(tv_sec: 3, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let request = Array("GET /status HTTP/1.0\r\n\r\n".utf8)
        _ = send(descriptor, request, request.count, Int32(MSG_NOSIGNAL))
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        let text = String(decoding: buffer[..<max(0, count)], as: UTF8.self)
        return text.contains("secret") ? text : nil
    }

    @Test func `a peer of the cluster gets an answer`() async throws {
        let authority = try TestCredentials.authority()
        let answer = try await Self.exchange(
            server: try TestCredentials.host(of: authority),
            client: try TestCredentials.host("pg2", of: authority, addresses: ["127.0.0.2"]))
        #expect(answer == "secret for pg2")
    }

    @Test func `who has no certificate, or speaks no TLS, gets nothing`() async throws {
        let authority = try TestCredentials.authority()
        let answer = try await Self.exchange(server: try TestCredentials.host(of: authority), client: nil)
        #expect(answer == nil)
    }

    @Test func `a certificate of another authority gets nothing, even of a cluster of the same name`() async throws {
        let authority = try TestCredentials.authority()
        let foreign = try TestCredentials.host("pg2", of: try TestCredentials.authority(), trusting: authority)
        let answer = try await Self.exchange(server: try TestCredentials.host(of: authority), client: foreign)
        #expect(answer == nil)
    }

    @Test func `an expired certificate, and one that is not valid yet, get nothing`() async throws {
        let authority = try TestCredentials.authority(now: Self.now - 100 * 86400)
        let server = try TestCredentials.host(of: authority)
        for issued in [Self.now - 20 * 86400, Self.now + 2 * 86400] {
            let answer = try await Self.exchange(
                server: server, client: try TestCredentials.host("pg2", of: authority, issued: issued))
            #expect(answer == nil)
        }
    }

    @Test func `a server of another authority, of another address, or that has expired is not believed`() async throws {
        let authority = try TestCredentials.authority(now: Self.now - 100 * 86400)
        let client = try TestCredentials.host("pg2", of: authority)
        for server in [
            try TestCredentials.host(of: try TestCredentials.authority(), trusting: authority),
            try TestCredentials.host(of: authority, addresses: ["192.0.2.99"]),
            try TestCredentials.host(of: authority, issued: Self.now - 20 * 86400),
        ] {
            let answer = try await Self.exchange(server: server, client: client)
            #expect(answer == nil)
        }
    }

    @Test func `credentials that are none are an error that tells nothing of the key`() async throws {
        let authority = try TestCredentials.authority()
        var broken = try TestCredentials.host(of: authority)
        broken.key = "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n"
        let client = broken
        let failure = await #expect(throws: NodeFailure.self) {
            _ = try await TLSPeerNetwork().ask(
                PeerRequest(.get, "/"), of: "127.0.0.1", port: 1, as: client, within: .seconds(1))
        }
        #expect(failure?.code == .invalidConfiguration)
        #expect(!"\(String(describing: failure)) \(client)".contains("c2VjcmV0"))
    }
}
