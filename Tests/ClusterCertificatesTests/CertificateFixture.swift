import ClusterCertificates
import ClusterModel
import Foundation

/// A cluster's authority and a host's certificate, made on one day in 2027.
struct CertificateFixture {
    static let now = Date(timeIntervalSince1970: 1_800_000_000)
    static let names = HostNames(cluster: "shop", host: "pg1", addresses: ["192.0.2.11", "2001:db8::11"])

    let authority: CertificateAuthority
    let key: PeerKey
    let certificate: PeerCertificate

    init(authorityDays: Int = 3650, days: Int = 365) throws {
        authority = try CertificateAuthority.make(
            cluster: "shop", now: Self.now, days: authorityDays, random: Self.random)
        key = try PeerKey.make(random: Self.random)
        certificate = try authority.issue(
            to: Self.names, key: key, now: Self.now, days: days, random: Self.random)
    }

    static func random(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: .min ... .max) }
    }

    static func after(days: Double) -> Date { now + days * 86400 }

    func state(
        by authority: CertificateAuthority? = nil, to names: HostNames = Self.names, key: PeerKey? = nil,
        at moment: Date = Self.now
    ) -> CertificateState {
        CertificateJudge(now: moment).state(
            of: certificate, issuedBy: (authority ?? self.authority).certificate, to: names, key: key ?? self.key)
    }
}
