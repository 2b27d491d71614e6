/// Who a peer is: a host of a cluster. It stands in its certificate as a URI (RFC 5280, section 4.2.1.6).
package struct PeerIdentity: Equatable, Hashable, Sendable {
    private static let scheme = "pgha://"

    package var cluster: String
    package var host: String

    package init(cluster: String, host: String) {
        self.cluster = cluster
        self.host = host
    }

    package init?(uri: String) {
        guard uri.hasPrefix(Self.scheme) else { return nil }
        let parts = uri.dropFirst(Self.scheme.count).split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else { return nil }
        self.init(cluster: String(parts[0]), host: String(parts[1]))
    }

    package var uri: String { "\(Self.scheme)\(cluster)/\(host)" }
}
