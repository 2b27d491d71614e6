import ClusterCertificates
import ClusterModel
import Foundation
import HostPorts
import Testing

@testable import ZooKeeperClient

/// The client against the secure ports of three real servers.
@Suite(
    .serialized, .enabled(if: Ensemble.isThere, "needs libzookeeper-java and a Java; Tests/run as root installs them"))
struct SecureEnsembleTests {
    private static func random(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8.random(in: .min ... .max) } }

    private static func credentials(
        of authority: CertificateAuthority, trusting: CertificateAuthority? = nil
    ) throws -> PeerCredentials {
        let key = try PeerKey.make(random: random)
        let certificate = try authority.issue(
            to: HostNames(cluster: "shop", host: "pg1", addresses: ["127.0.0.1"]), key: key, now: Date(), days: 1,
            random: random)
        return PeerCredentials(
            authority: try (trusting ?? authority).certificate.pem(), certificate: try certificate.pem(), key: key.pem)
    }

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
        let authority = try CertificateAuthority.make(cluster: "shop", now: Date(), random: Self.random)
        let stranger = try CertificateAuthority.make(cluster: "shop", now: Date(), random: Self.random)
        let ensemble = try Ensemble(credentials: Self.credentials(of: authority))
        defer { ensemble.end() }

        #expect(try await Self.works(ensemble, Self.credentials(of: authority), within: .seconds(60)))
        let refused: [PeerCredentials?] = [
            try Self.credentials(of: authority, trusting: stranger),
            try Self.credentials(of: stranger, trusting: authority), nil,
        ]
        for credentials in refused {
            #expect(try await !Self.works(ensemble, credentials, within: .seconds(3)))
        }
        // Its certificate is not for that address.
        #expect(
            try await !Self.works(ensemble, Self.credentials(of: authority), numbers: 2..<3, within: .seconds(3)))
        // The ensemble was there all the time.
        #expect(try await Self.works(ensemble, Self.credentials(of: authority), within: .seconds(10)))
    }
}
