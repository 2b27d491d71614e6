import ClusterModel

/// The certificate that a host's agent shall have, and where it is.
package struct AgentCertificate: Equatable, Sendable {
    /// For root alone, because of the key in it.
    package static let directory = "/etc/pgha/tls"
    package static let authorityPath = "\(directory)/ca.crt"
    package static let certificatePath = "\(directory)/agent.crt"
    package static let keyPath = "\(directory)/agent.key"
    package static let paths = [authorityPath, certificatePath, keyPath]

    /// When a certificate that is there is replaced by a new one.
    package enum Renewal: Equatable, Sendable {
        /// It expires soon, or is not what it should be.
        case whenNeeded
        case always
        /// With a new key as well, for one that somebody else may have seen.
        case alwaysWithNewKey
    }

    package var cluster: String
    package var host: String
    package var addresses: [String]
    package var authority: AuthoritySecret
    package var renewal: Renewal

    package init(
        cluster: String, host: String, addresses: [String], authority: AuthoritySecret,
        renewal: Renewal = .whenNeeded
    ) {
        self.cluster = cluster
        self.host = host
        self.addresses = addresses
        self.authority = authority
        self.renewal = renewal
    }

    package init(
        of host: ClusterHost, in cluster: Cluster, authority: AuthoritySecret, renewal: Renewal = .whenNeeded
    ) {
        self.init(
            cluster: cluster.name, host: host.name, addresses: [host.address], authority: authority, renewal: renewal)
    }

    package var steps: [InstallStep] {
        [.makeDirectory(InstallDirectory(Self.directory, mode: 0o700)), .issueCertificate(self)]
    }
}
