import ClusterModel
import Crypto
import X509

/// A private key on the curve P-256.
///
/// Without a description on purpose: a secret must not end up in a log by way of interpolation.
package struct PeerKey: Sendable {
    private let key: P256.Signing.PrivateKey

    private init(_ key: P256.Signing.PrivateKey) {
        self.key = key
    }

    /// A new one; `random` returns as many random bytes as it is asked for.
    package static func make(random: (Int) -> [UInt8]) throws(NodeFailure) -> PeerKey {
        // Candidates are tested until one is in range, which nearly each is (FIPS 186-5, A.2.2).
        for _ in 0..<100 {
            if let key = try? P256.Signing.PrivateKey(rawRepresentation: random(32)) { return PeerKey(key) }
        }
        throw NodeFailure(.internalError, "could not make a private key", detail: "The random bytes are not random.")
    }

    /// Nil for what is no private key of this curve.
    package init?(pem: String) {
        guard let key = try? P256.Signing.PrivateKey(pemRepresentation: pem) else { return nil }
        self.key = key
    }

    var forSigning: Certificate.PrivateKey { Certificate.PrivateKey(key) }
    var publicKey: Certificate.PublicKey { Certificate.PublicKey(key.publicKey) }

    /// PKCS #8 in PEM (RFC 5958, RFC 7468).
    package var pem: String { key.pemRepresentation + "\n" }
}

extension PeerKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "PeerKey(hidden)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
