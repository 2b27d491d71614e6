import Foundation

/// What a certificate is worth.
package enum CertificateState: String, Codable, CaseIterable, Sendable {
    case valid
    /// It works, and should be renewed.
    case expiresSoon = "expires soon"
    case expired
    case notYetValid = "not yet valid"
    /// Another authority has issued it than the one of this cluster.
    case foreignAuthority = "of a foreign authority"
    /// It was issued to another host, or to other addresses.
    case otherHost = "of another host"
    /// The private key beside it is not the one of the certificate.
    case otherKey = "without its key"
    /// Others than root could have read the private key beside it, or changed the file.
    case exposed = "open to others"
    case unreadable
    case missing

    /// Whether peers take it.
    package var isGood: Bool { self == .valid || self == .expiresSoon }
}

/// Judges certificates at a moment.
package struct CertificateJudge: Sendable {
    private let now: Date

    package init(now: Date) {
        self.now = now
    }

    /// Only by the time.
    package func state(of certificate: PeerCertificate) -> CertificateState {
        if now < certificate.notBefore { return .notYetValid }
        if now > certificate.notAfter { return .expired }
        return certificate.daysLeft(at: now) < CertificateLifetime.renewalDays ? .expiresSoon : .valid
    }

    /// The certificate of an authority, if it shall be `expected`.
    package func state(ofAuthority certificate: PeerCertificate, expected: PeerCertificate?) -> CertificateState {
        guard certificate.isAuthority, expected == nil || expected == certificate else { return .foreignAuthority }
        return state(of: certificate)
    }

    /// The certificate of a host with the private key that is beside it.
    package func state(
        of certificate: PeerCertificate, issuedBy authority: PeerCertificate, to names: HostNames, key: PeerKey?
    ) -> CertificateState {
        guard certificate.isIssued(by: authority) else { return .foreignAuthority }
        guard names.are(in: certificate) else { return .otherHost }
        guard let key, certificate.matches(key) else { return .otherKey }
        return state(of: certificate)
    }

    /// Whether a new one would be better. One that ends with its authority cannot be had any longer.
    package func isRenewable(
        _ certificate: PeerCertificate, in state: CertificateState, by authority: PeerCertificate
    ) -> Bool {
        switch state {
        case .valid: false
        case .expiresSoon: certificate.notAfter < authority.notAfter
        default: true
        }
    }
}
