import ClusterModel

/// What an agent shows its peers, and by which it knows them: PEM texts. Not printable on purpose: it holds a private key.
package struct PeerCredentials: Equatable, Sendable, CustomStringConvertible {
    /// The certificate of the cluster's authority, which no other cluster has.
    package var authority: String
    package var certificate: String
    package var key: String

    package init(authority: String, certificate: String, key: String) {
        self.authority = authority
        self.certificate = certificate
        self.key = key
    }

    package var description: String { "PeerCredentials(hidden)" }
}

/// What one agent wants of another.
package struct PeerRequest: Equatable, Sendable {
    package enum Method: String, Sendable {
        case get = "GET"
        /// Something is to happen on that host.
        case post = "POST"
    }

    package var method: Method
    /// Such as `/time`.
    package var path: String
    /// The host that asks, by the certificate that it has shown; nil for a question that is still to be asked.
    package var asker: String?

    package init(_ method: Method, _ path: String, by asker: String? = nil) {
        self.method = method
        self.path = path
        self.asker = asker
    }
}

/// HTTP between the agents of a cluster, over TLS with a certificate on either side.
package protocol PeerNetwork: Sendable {
    /// Serves until the task is cancelled; who has no certificate of the authority that is valid now gets no answer at all. Each
    /// request comes with the host of its certificate.
    ///
    /// Throws `.conflict` if the port cannot be had, `.invalidConfiguration` for credentials that are none.
    func serve(
        on address: String, port: Int, as credentials: PeerCredentials,
        _ answer: @escaping @Sendable (PeerRequest) async -> StatusAnswer?
    ) async throws(NodeFailure)
    /// Asks the agent at that address; its certificate must be of the authority, valid now, and for that address.
    ///
    /// Throws `.unreachable` if it is not, if nobody answers within the limit, or if we are not let in.
    func ask(
        _ request: PeerRequest, of address: String, port: Int, as credentials: PeerCredentials, within limit: Duration
    ) async throws(NodeFailure) -> StatusAnswer
}
