import AsyncHTTPClient
import ClusterModel
import HostPorts
import NIOCore
import TLSCredentials

/// Connections to peers that are used again: a handshake of TLS with a certificate on either side costs a hundred times what the
/// question itself does.
actor PeerClients {
    /// The certificate of a peer that ends meanwhile counts for so long at most after that; ours, once it is renewed, not at all.
    /// Each handshake costs what the questions of a minute do.
    static let lifetime = Duration.seconds(600)
    /// As long as the longest question is waited for.
    private static let rest = Duration.seconds(60)

    private var kept: (client: HTTPClient, credentials: PeerCredentials, until: ContinuousClock.Instant)?
    private let now: @Sendable () -> ContinuousClock.Instant

    init(now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        self.now = now
    }

    /// Throws `.invalidConfiguration` for credentials that are none.
    func client(_ credentials: PeerCredentials) throws(NodeFailure) -> HTTPClient {
        if let kept, kept.credentials == credentials, now() < kept.until { return kept.client }
        let client = try Self.make(credentials)
        if let old = kept?.client { Self.end(old) }
        kept = (client, credentials, now() + Self.lifetime)
        return client
    }

    /// When what was asked through it has been answered, or has waited long enough.
    private static func end(_ client: HTTPClient) {
        Task {
            try? await Task.sleep(for: rest)
            try? await client.shutdown()
        }
    }

    static func make(_ credentials: PeerCredentials) throws(NodeFailure) -> HTTPClient {
        HTTPClient(
            eventLoopGroupProvider: .singleton,
            configuration: .init(
                tlsConfiguration: try credentials.clientTLS(), redirectConfiguration: .disallow,
                connectionPool: .init(idleTimeout: .seconds(20))))
    }
}
