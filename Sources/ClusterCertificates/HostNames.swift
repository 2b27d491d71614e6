import ClusterModel

/// All that a host's certificate says of it.
package struct HostNames: Equatable, Sendable {
    package var identity: PeerIdentity
    /// IPv4 and IPv6, as text.
    package var addresses: [String]

    package init(cluster: String, host: String, addresses: [String]) {
        self.identity = PeerIdentity(cluster: cluster, host: host)
        self.addresses = addresses
    }

    var binaryAddresses: [[UInt8]] { addresses.compactMap { HostAddress.bytes(of: $0) } }

    /// Whether the certificate was issued to this host at these addresses, and to nobody else.
    func are(in certificate: PeerCertificate) -> Bool {
        certificate.identity == identity && certificate.hostNames == [identity.host]
            && certificate.addresses == Set(binaryAddresses)
    }
}
