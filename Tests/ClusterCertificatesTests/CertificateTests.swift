import ClusterCertificates
import ClusterModel
import Foundation
import Testing

@Suite struct CertificateTests {
    private let fixture: CertificateFixture
    private let now = CertificateFixture.now

    init() throws {
        fixture = try CertificateFixture()
    }

    @Test func `an authority bears the cluster's name and a random id, and is good for ten years`() throws {
        let other = try CertificateFixture().authority.certificate
        let authority = fixture.authority.certificate

        #expect(authority.subject.wholeMatch(of: /CN=pgha-node CA [0-9a-f]{8},O=shop/) != nil)
        #expect(authority.subject != other.subject)
        #expect(authority.issuer == authority.subject)
        #expect(authority.isAuthority && authority.isIssued(by: authority))
        #expect(authority.daysLeft(at: now) == 3650)
        #expect(authority.notBefore == now - 3600)
        #expect(authority.identity == nil)
    }

    @Test func `a host's certificate says who it is, and is good for a year`() {
        let certificate = fixture.certificate

        #expect(certificate.subject == "CN=pg1,O=shop")
        #expect(certificate.issuer == fixture.authority.certificate.subject)
        #expect(certificate.identity == PeerIdentity(cluster: "shop", host: "pg1"))
        #expect(certificate.identity?.uri == "pgha://shop/pg1")
        #expect(certificate.hostNames == ["pg1"])
        #expect(!certificate.isAuthority && certificate.isIssued(by: fixture.authority.certificate))
        #expect(certificate.daysLeft(at: now) == 365)
        #expect(certificate.serial.wholeMatch(of: /[4-7][0-9a-f]{31}/) != nil)
        #expect(certificate.matches(fixture.key))
        #expect(fixture.state() == .valid)
    }

    @Test func `survives the way into the secrets and files, and out of them`() throws {
        let text = SecretsFile.render(
            Secrets(
                superuser: "superuser-0123456789", replication: "replication-01234567", rewind: "rewind-0123456789ab",
                restAPI: "rest-api-0123456789", zookeeper: "zookeeper-0123456789",
                authority: try fixture.authority.secret()))
        let secrets = try SecretsFile.parse(Array(text.utf8), file: "secrets.yml")
        let authority = try CertificateAuthority(try #require(secrets.authority))
        #expect(authority.certificate == fixture.authority.certificate)

        let key = try #require(PeerKey(pem: fixture.key.pem))
        let certificate = try #require(PeerCertificate(pem: try fixture.certificate.pem()))
        #expect(certificate == fixture.certificate)
        let again = try authority.issue(
            to: CertificateFixture.names, key: key, now: now, random: CertificateFixture.random)
        #expect(again.isIssued(by: fixture.authority.certificate) && again.matches(fixture.key))
        #expect(again.serial != certificate.serial)
    }

    @Test(arguments: [
        (-0.1, CertificateState.notYetValid), (0, .valid), (335, .valid), (335.1, .expiresSoon), (364.9, .expiresSoon),
        (365.1, .expired), (4000, .expired),
    ])
    func `is judged by the time`(days: Double, state: CertificateState) {
        #expect(fixture.state(at: CertificateFixture.after(days: days)) == state)
        #expect(state.isGood == [.valid, .expiresSoon].contains(state))
    }

    @Test func `of a foreign authority is none, even if that has the same name`() throws {
        let foreign = try CertificateFixture()
        // The same bytes make the same name and the same key, so both are needed here: other bytes, and a forged name.
        let twin = try CertificateAuthority.make(
            cluster: "shop", now: now, random: { [UInt8](repeating: 7, count: $0) })
        let forger = try CertificateAuthority.make(
            cluster: "shop", now: now, random: { [UInt8](repeating: $0 == 32 ? 8 : 7, count: $0) })
        #expect(twin.certificate.subject == forger.certificate.subject)
        let forged = try forger.issue(
            to: CertificateFixture.names, key: fixture.key, now: now, random: CertificateFixture.random)

        #expect(fixture.state(by: foreign.authority) == .foreignAuthority)
        let state = CertificateJudge(now: now).state(
            of: forged, issuedBy: twin.certificate, to: CertificateFixture.names, key: fixture.key)
        #expect(state == .foreignAuthority)
        #expect(!fixture.certificate.isIssued(by: fixture.certificate))
        let judge = CertificateJudge(now: now)
        #expect(
            judge.state(ofAuthority: foreign.authority.certificate, expected: fixture.authority.certificate)
                == .foreignAuthority)
        #expect(judge.state(ofAuthority: fixture.certificate, expected: nil) == .foreignAuthority)
        #expect(judge.state(ofAuthority: foreign.authority.certificate, expected: nil) == .valid)
    }

    @Test(arguments: [
        HostNames(cluster: "shop", host: "pg2", addresses: ["192.0.2.11", "2001:db8::11"]),
        HostNames(cluster: "other", host: "pg1", addresses: ["192.0.2.11", "2001:db8::11"]),
        HostNames(cluster: "shop", host: "pg1", addresses: ["192.0.2.12", "2001:db8::11"]),
        HostNames(cluster: "shop", host: "pg1", addresses: ["192.0.2.11"]),
        HostNames(cluster: "shop", host: "pg1", addresses: []),
    ])
    func `of another host, cluster or address is not this host's`(names: HostNames) {
        #expect(fixture.state(to: names) == .otherHost)
    }

    @Test func `without its key is none`() throws {
        #expect(fixture.state(key: try PeerKey.make(random: CertificateFixture.random)) == .otherKey)
    }

    @Test func `ends with its authority at the latest, and is not renewed for that`() throws {
        let short = try CertificateFixture(authorityDays: 10)
        #expect(short.certificate.notAfter == short.authority.certificate.notAfter)
        #expect(short.state() == .expiresSoon)
        let judge = CertificateJudge(now: now)
        #expect(!judge.isRenewable(short.certificate, in: .expiresSoon, by: short.authority.certificate))
        #expect(judge.isRenewable(short.certificate, in: .expiresSoon, by: fixture.authority.certificate))
        #expect(judge.isRenewable(short.certificate, in: .otherHost, by: short.authority.certificate))
        #expect(!judge.isRenewable(fixture.certificate, in: .valid, by: fixture.authority.certificate))
    }

    @Test(arguments: [(11.0, "has expired"), (-1, "is not valid yet")])
    func `is not issued outside of its authority's time`(days: Double, words: String) throws {
        let short = try CertificateFixture(authorityDays: 10)
        let failure = #expect(throws: NodeFailure.self) {
            try short.authority.issue(
                to: CertificateFixture.names, key: short.key, now: CertificateFixture.after(days: days),
                random: CertificateFixture.random)
        }
        #expect(failure?.code == .invalidConfiguration)
        #expect(failure?.message == "the certificate authority \(words)")
    }

    @Test func `a damaged authority is refused, and nothing of it is repeated`() throws {
        let secret = try fixture.authority.secret()
        let other = try CertificateFixture()
        let damaged = [
            AuthoritySecret(key: "-----BEGIN PRIVATE KEY-----\nMIGH\n", certificate: secret.certificate),
            AuthoritySecret(key: secret.key, certificate: "-----BEGIN CERTIFICATE-----\nMIGH\n"),
            AuthoritySecret(key: secret.key, certificate: try fixture.certificate.pem()),
            AuthoritySecret(key: other.key.pem, certificate: secret.certificate),
            AuthoritySecret(key: secret.certificate, certificate: secret.key),
        ]
        for secret in damaged {
            let failure = #expect(throws: NodeFailure.self) { try CertificateAuthority(secret) }
            #expect(failure?.code == .invalidConfiguration)
            #expect(failure?.description.contains("MIGH") == false)
        }
    }

    @Test func `what holds a key does not say it`() throws {
        let secret = try fixture.authority.secret()
        for text in ["\(fixture.key)", "\(secret)", String(reflecting: fixture.key), String(reflecting: secret)] {
            #expect(text.contains("hidden") && !text.contains("BEGIN"))
        }
        var dumped = ""
        dump(fixture.authority, to: &dumped)
        #expect(!dumped.contains("BEGIN") && !dumped.contains("rawRepresentation"))
    }

    @Test func `random bytes that are none are not taken`() {
        let failure = #expect(throws: NodeFailure.self) { try PeerKey.make { [UInt8](repeating: 0, count: $0) } }
        #expect(failure?.code == .internalError)
    }

    @Test(arguments: ["", "shop/pg1", "https://shop/pg1", "pgha://shop", "pgha://shop/", "pgha:///pg1", "pgha://a/b/c"])
    func `other URIs are no identity`(uri: String) {
        #expect(PeerIdentity(uri: uri) == nil)
    }
}
