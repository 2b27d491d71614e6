import ClusterCertificates
import ClusterModel
import Foundation
import HostPorts

/// Certificates of real authorities, for tests that speak TLS on loopback.
package enum TestCredentials {
    package static func random(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8.random(in: .min ... .max) } }

    package static func authority(_ cluster: String = "shop", now: Date = Date()) throws -> CertificateAuthority {
        try CertificateAuthority.make(cluster: cluster, now: now, random: random)
    }

    /// A host's credentials; `days` after which the certificate ends, from the moment it was `issued`. It believes `trusting`, its own
    /// authority unless another is given.
    package static func host(
        _ host: String = "pg1", of authority: CertificateAuthority, addresses: [String] = ["127.0.0.1"],
        issued: Date = Date(), days: Int = 10, trusting: CertificateAuthority? = nil
    ) throws -> PeerCredentials {
        let key = try PeerKey.make(random: random)
        let certificate = try authority.issue(
            to: HostNames(cluster: "shop", host: host, addresses: addresses), key: key, now: issued, days: days,
            random: random)
        return PeerCredentials(
            authority: try (trusting ?? authority).certificate.pem(), certificate: try certificate.pem(), key: key.pem)
    }
}
