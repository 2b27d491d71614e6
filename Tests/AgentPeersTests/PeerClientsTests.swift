import AsyncHTTPClient
import ClusterModel
import Foundation
import HostPorts
import PeerFixtures
import Synchronization
import Testing

@testable import AgentPeers

/// Connections that are used again.
@Suite(.serialized) struct PeerClientsTests {
    private final class Moment: Sendable {
        private let time = Mutex(ContinuousClock.now)
        var now: ContinuousClock.Instant { time.withLock { $0 } }
        func advance(_ duration: Duration) { time.withLock { $0 += duration } }
    }

    /// For as long as the process: a client that is let go without an end is an error.
    private static let moment = Moment()
    private static let clients = PeerClients { moment.now }
    private static let network = TLSPeerNetwork(keepsConnections: true)

    @Test func `one serves until it is ten minutes old, and never after a renewal`() async throws {
        let authority = try TestCredentials.authority()
        let (old, new) = (try TestCredentials.host(of: authority), try TestCredentials.host(of: authority))
        let first = try await Self.clients.client(old)
        Self.moment.advance(PeerClients.lifetime - .seconds(1))
        #expect(try await Self.clients.client(old) === first)
        Self.moment.advance(.seconds(1))
        let second = try await Self.clients.client(old)
        #expect(second !== first)
        #expect(try await Self.clients.client(new) !== second)
    }

    @Test func `questions after each other share connections`() async throws {
        let credentials = try TestCredentials.host(of: try TestCredentials.authority())
        let port = try FreePorts.take()
        let server = Task {
            try await TLSPeerNetwork().serve(on: "127.0.0.1", port: port, as: credentials) { request in
                StatusAnswer(status: 200, body: request.path)
            }
        }
        try await Loopback.untilListening(port)
        var ports: Set<String> = []
        for number in 0..<10 {
            let answer = try await Self.network.ask(
                PeerRequest(.get, "/\(number)"), of: "127.0.0.1", port: port, as: credentials, within: .seconds(5))
            #expect(answer.body == "/\(number)")
            ports.formUnion(try Self.clientPorts(to: port))
            // The client learns of the end of an answer a moment later, and would open a second connection until then.
            try await Task.sleep(for: .milliseconds(50))
        }
        // One for each question without that; a second one may be opened where the machine is slow.
        #expect((1...3).contains(ports.count), "\(ports)")
        server.cancel()
        try? await server.value
    }

    /// Of established connections to a port of this machine (proc_net_tcp in hexadecimal, proc(5)).
    private static func clientPorts(to port: Int) throws -> Set<String> {
        let target = "0100007F:" + String(format: "%04X", port)
        let table = try #require(try FileHandle(forReadingAtPath: "/proc/net/tcp")?.readToEnd())
        let lines = String(decoding: table, as: UTF8.self).split(separator: "\n").dropFirst()
        return Set(
            lines.map { $0.split(separator: " ").map(String.init) }
                .filter { $0.count > 3 && $0[2] == target && $0[3] == "01" }.map { $0[1] })
    }

    @Test func `a peer that was started anew, with a new certificate, is asked as if nothing had been`() async throws {
        let authority = try TestCredentials.authority()
        let client = try TestCredentials.host(of: authority)
        let port = try FreePorts.take()
        for round in 0..<3 {
            let own = try TestCredentials.host(of: authority)
            let server = Task {
                try await TLSPeerNetwork().serve(on: "127.0.0.1", port: port, as: own) { _ in
                    StatusAnswer(status: 200, body: "\(round)")
                }
            }
            try await Loopback.untilListening(port)
            let answer = try await Self.network.ask(
                PeerRequest(.get, "/round"), of: "127.0.0.1", port: port, as: client, within: .seconds(5))
            #expect(answer.body == "\(round)")
            server.cancel()
            try? await server.value
        }
    }
}
