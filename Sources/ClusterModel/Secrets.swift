/// The cluster's passwords and its certificate authority. They are made once by `pgha-node init` and are the same on every host.
///
/// Not `Codable` and without a description on purpose: a secret must not end up in a log by way of interpolation.
package struct Secrets: Sendable {
    package var superuser: String
    package var replication: String
    package var rewind: String
    package var restAPI: String
    package var zookeeper: String
    /// Not in files of earlier versions.
    package var authority: AuthoritySecret?

    package init(
        superuser: String, replication: String, rewind: String, restAPI: String, zookeeper: String,
        authority: AuthoritySecret? = nil
    ) {
        self.superuser = superuser
        self.replication = replication
        self.rewind = rewind
        self.restAPI = restAPI
        self.zookeeper = zookeeper
        self.authority = authority
    }
}

/// The certificate authority as it stands in the secrets, in PEM (RFC 7468).
package struct AuthoritySecret: Equatable, Sendable {
    /// Its private key: who has it can pose as each host of the cluster.
    package var key: String
    package var certificate: String

    package init(key: String, certificate: String) {
        self.key = key
        self.certificate = certificate
    }
}

extension AuthoritySecret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "AuthoritySecret(hidden)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension Secrets: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "Secrets(hidden)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
