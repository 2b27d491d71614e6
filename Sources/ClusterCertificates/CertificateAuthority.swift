import ClusterModel
import Foundation
import SwiftASN1
import X509

/// The cluster's certificate authority: who has it can certify a host.
package struct CertificateAuthority: Sendable {
    package typealias RandomBytes = (Int) -> [UInt8]

    package let certificate: PeerCertificate
    private let key: PeerKey

    /// A new one, self-signed. `random` returns as many random bytes as it is asked for.
    package static func make(
        cluster: String, now: Date, days: Int = CertificateLifetime.authorityDays, random: RandomBytes
    ) throws(NodeFailure) -> CertificateAuthority {
        let key = try PeerKey.make(random: random)
        let number = random(4).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        let publicKey = key.publicKey
        do {
            // A random id, so that the authorities of two clusters of the same name are told apart.
            let name = try DistinguishedName {
                OrganizationName(cluster)
                CommonName("pgha-node CA \(number)")
            }
            let extensions = try Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                Critical(KeyUsage(keyCertSign: true, cRLSign: true))
                SubjectKeyIdentifier(hash: publicKey)
            }
            let certificate = try Certificate(
                version: .v3, serialNumber: serial(random), publicKey: publicKey,
                notValidBefore: now - CertificateLifetime.headStart,
                notValidAfter: now + Double(days) * CertificateLifetime.day, issuer: name, subject: name,
                signatureAlgorithm: .ecdsaWithSHA256, extensions: extensions,
                issuerPrivateKey: key.forSigning)
            return CertificateAuthority(certificate: PeerCertificate(certificate), key: key)
        } catch {
            throw NodeFailure(.internalError, "could not make a certificate authority", detail: "\(error)")
        }
    }

    private init(certificate: PeerCertificate, key: PeerKey) {
        self.certificate = certificate
        self.key = key
    }

    /// The one in the secrets. No error repeats anything out of them.
    package init(_ secret: AuthoritySecret) throws(NodeFailure) {
        let hint = "Copy the secrets of another host; they are the same on all of them."
        guard let key = PeerKey(pem: secret.key) else {
            throw NodeFailure(
                .invalidConfiguration, "the authority_key in the secrets is not a private key on the curve P-256",
                hint: hint)
        }
        guard let certificate = PeerCertificate(pem: secret.certificate), certificate.isAuthority else {
            throw NodeFailure(
                .invalidConfiguration, "the authority_certificate in the secrets is not that of an authority",
                hint: hint)
        }
        guard certificate.matches(key) else {
            throw NodeFailure(
                .invalidConfiguration, "the authority_key in the secrets does not belong to the authority_certificate",
                hint: hint)
        }
        self.init(certificate: certificate, key: key)
    }

    package func secret() throws(NodeFailure) -> AuthoritySecret {
        AuthoritySecret(key: key.pem, certificate: try certificate.pem())
    }

    /// A certificate for a host, good for both ends of a TLS connection. It ends with the authority at the latest.
    package func issue(
        to names: HostNames, key hostKey: PeerKey, now: Date, days: Int = CertificateLifetime.hostDays,
        random: RandomBytes
    ) throws(NodeFailure) -> PeerCertificate {
        try refuseOutside(now)
        let end = min(now + Double(days) * CertificateLifetime.day, certificate.notAfter)
        let publicKey = hostKey.publicKey
        do {
            let subject = try DistinguishedName {
                OrganizationName(names.identity.cluster)
                CommonName(names.identity.host)
            }
            return PeerCertificate(
                try Certificate(
                    version: .v3, serialNumber: Self.serial(random), publicKey: publicKey,
                    notValidBefore: now - CertificateLifetime.headStart, notValidAfter: end,
                    issuer: certificate.certificate.subject, subject: subject, signatureAlgorithm: .ecdsaWithSHA256,
                    extensions: try extensions(names, publicKey), issuerPrivateKey: key.forSigning))
        } catch {
            throw NodeFailure(.internalError, "could not issue a certificate", detail: "\(error)")
        }
    }

    private func extensions(
        _ names: HostNames, _ publicKey: Certificate.PublicKey
    ) throws -> Certificate.Extensions {
        let addresses = names.binaryAddresses.map {
            GeneralName.ipAddress(ASN1OctetString(contentBytes: $0[...]))
        }
        let authority = try certificate.certificate.extensions.subjectKeyIdentifier?.keyIdentifier
        return try Certificate.Extensions {
            Critical(BasicConstraints.notCertificateAuthority)
            Critical(KeyUsage(digitalSignature: true))
            try ExtendedKeyUsage([.serverAuth, .clientAuth])
            SubjectAlternativeNames(
                [.dnsName(names.identity.host)] + addresses + [.uniformResourceIdentifier(names.identity.uri)])
            SubjectKeyIdentifier(hash: publicKey)
            AuthorityKeyIdentifier(keyIdentifier: authority)
        }
    }

    private func refuseOutside(_ now: Date) throws(NodeFailure) {
        switch CertificateJudge(now: now).state(of: certificate) {
        case .expired:
            throw NodeFailure(
                .invalidConfiguration, "the certificate authority has expired",
                hint: "Remove authority_key and authority_certificate from the secrets, and add a new one with "
                    + "\"pgha-node certs init\".")
        case .notYetValid:
            throw NodeFailure(
                .invalidConfiguration, "the certificate authority is not valid yet",
                detail: "It was made on a host whose clock is ahead of this one.", hint: "Set the clock of this host.")
        default: break
        }
    }

    /// Positive, and of the same length each time (RFC 5280, section 4.1.2.2).
    private static func serial(_ random: RandomBytes) -> Certificate.SerialNumber {
        var bytes = random(16)
        bytes[0] = bytes[0] & 0x7F | 0x40
        return Certificate.SerialNumber(bytes: bytes)
    }
}
