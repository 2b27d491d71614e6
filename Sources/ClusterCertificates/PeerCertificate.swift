import ClusterModel
import Foundation
import SwiftASN1
import X509

/// A certificate of an authority or of a host, and what can be read in it.
package struct PeerCertificate: Equatable, Sendable {
    let certificate: Certificate

    init(_ certificate: Certificate) {
        self.certificate = certificate
    }

    /// Nil for what is no certificate.
    package init?(pem: String) {
        guard let certificate = try? Certificate(pemEncoded: pem) else { return nil }
        self.certificate = certificate
    }

    /// As it comes from a TLS connection; nil for what is no certificate.
    package init?(der: [UInt8]) {
        guard let certificate = try? Certificate(derEncoded: der) else { return nil }
        self.certificate = certificate
    }

    /// As it was signed, line by line, in PEM.
    package func pem() throws(NodeFailure) -> String {
        do {
            return try certificate.serializeAsPEM().pemString + "\n"
        } catch {
            throw NodeFailure(.internalError, "could not write a certificate", detail: "\(error)")
        }
    }

    /// As in RFC 4514, e.g. `CN=pg1,O=shop`.
    package var subject: String { certificate.subject.description }
    package var issuer: String { certificate.issuer.description }
    /// In hexadecimal digits.
    package var serial: String {
        certificate.serialNumber.bytes.map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0\(digits)" : digits
        }.joined()
    }
    package var notBefore: Date { certificate.notValidBefore }
    package var notAfter: Date { certificate.notValidAfter }

    /// Whole days until it expires; negative if it has.
    package func daysLeft(at now: Date) -> Int {
        Int((notAfter.timeIntervalSince(now) / CertificateLifetime.day).rounded(.down))
    }

    package var isAuthority: Bool {
        guard case .isCertificateAuthority = try? certificate.extensions.basicConstraints else { return false }
        return true
    }

    /// The host that it was issued to; nil for one that does not say so, or says so twice.
    package var identity: PeerIdentity? {
        let found = alternativeNames.compactMap { name -> PeerIdentity? in
            guard case .uniformResourceIdentifier(let uri) = name else { return nil }
            return PeerIdentity(uri: uri)
        }
        return found.count == 1 ? found.first : nil
    }

    package var hostNames: [String] {
        alternativeNames.compactMap { name in
            guard case .dnsName(let host) = name else { return nil }
            return host
        }
    }

    /// In their binary form: 4 bytes or 16.
    var addresses: Set<[UInt8]> {
        Set(
            alternativeNames.compactMap { name in
                guard case .ipAddress(let octets) = name else { return nil }
                return Array(octets.bytes)
            })
    }

    private var alternativeNames: [GeneralName] {
        guard let names = try? certificate.extensions.subjectAlternativeNames else { return [] }
        return Array(names)
    }

    /// Whether the authority's key has signed it; says nothing about time.
    package func isIssued(by authority: PeerCertificate) -> Bool {
        authority.isAuthority && certificate.issuer == authority.certificate.subject
            && authority.certificate.publicKey.isValidSignature(certificate.signature, for: certificate)
    }

    /// Whether this private key is the one of the certificate.
    package func matches(_ key: PeerKey) -> Bool {
        certificate.publicKey == key.publicKey
    }
}
