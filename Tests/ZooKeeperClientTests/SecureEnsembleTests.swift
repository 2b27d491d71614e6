import ClusterModel
import HostPorts
import PeerFixtures
import Testing

@testable import ZooKeeperClient

/// The client against the secure ports of three real servers.
@Suite(
    .serialized, .enabled(if: Ensemble.isThere, "needs libzookeeper-java and a Java; Tests/run as root installs them"))
struct SecureEnsembleTests {
    /// Whether a session over the ensemble's ports writes and reads what it wrote.
    private static func works(
        _ ensemble: Ensemble, _ credentials: PeerCredentials?, numbers: Range<Int> = 0..<2, within limit: Duration
    ) async throws -> Bool {
        let servers = numbers.map {
            ZooKeeperSession.Server(host: Ensemble.secureAddresses[$0], port: ensemble.ports[$0])
        }
        let session =
            if let credentials {
                try ZooKeeperSession(servers: servers, timeout: .seconds(6), credentials: credentials)
            } else {
                ZooKeeperSession(servers: servers, timeout: .seconds(6))
            }
        let deadline = ContinuousClock.now + limit
        var found: CoordinationNode?
        while found == nil, ContinuousClock.now < deadline {
            _ = try? await session.create("/pgha/tls", data: [7], within: .seconds(2))
            found = try? await session.node(at: "/pgha/tls", isFresh: true, within: .seconds(2))
        }
        await session.close()
        return found?.data == [7]
    }

    @Test func `it speaks to those whose certificate it believes, shows its own, and to nobody else`() async throws {
        let authority = try TestCredentials.authority()
        let stranger = try TestCredentials.authority()
        let ensemble = try Ensemble(credentials: TestCredentials.host(of: authority))
        defer { ensemble.end() }

        #expect(try await Self.works(ensemble, TestCredentials.host(of: authority), within: .seconds(180)))
        let refused: [PeerCredentials?] = [
            try TestCredentials.host(of: authority, trusting: stranger),
            try TestCredentials.host(of: stranger, trusting: authority), nil,
        ]
        for credentials in refused {
            #expect(try await !Self.works(ensemble, credentials, within: .seconds(3)))
        }
        // Its certificate is not for that address.
        #expect(
            try await !Self.works(ensemble, TestCredentials.host(of: authority), numbers: 2..<3, within: .seconds(3)))
        // The ensemble was there all the time.
        #expect(try await Self.works(ensemble, TestCredentials.host(of: authority), within: .seconds(10)))
    }
}
