import ClusterModel
import Decisions
import Testing

/// Secrets that leave the cluster in no form, and texts about secrets that stay.
@Suite struct ScrubberTests {
    private static let secrets = Secrets(
        superuser: "superSuper0123456789", replication: "replReplRepl01234567", rewind: "rewindRewind01234567",
        restAPI: "restRestRest0123456789", zookeeper: "zooZooZooZoo0123456789",
        authority: AuthoritySecret(
            key: "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEG\n-----END PRIVATE KEY-----\n", certificate: "c")
    )
    private let scrubber = Scrubber(Self.secrets)

    @Test(arguments: [
        "superSuper0123456789", "replReplRepl01234567", "rewindRewind01234567", "restRestRest0123456789",
        "zooZooZooZoo0123456789", "MIGHAgEAMBMGByqGSM49AgEG",
        // patroni:restRestRest0123456789
        "cGF0cm9uaTpyZXN0UmVzdFJlc3QwMTIzNDU2Nzg5",
    ])
    func `the cluster's own are found in the middle of anything`(secret: String) {
        for text in [secret, "a\(secret)b", "{\"x\":\"\(secret)\"}", "\(secret)\(secret)", "\n\(secret)\n"] {
            let clean = scrubber.scrub(text)
            #expect(!clean.contains(secret))
            #expect(clean.contains("<scrubbed>"))
        }
    }

    @Test(arguments: [
        "password=hunter2", "password = 'hunter2'", "password: hunter2", "\"password\": \"hunter2\"",
        "'password': 'hunter2'", "PGPASSWORD=hunter2 psql", "ALTER ROLE shop PASSWORD 'hunter2'",
        "CREATE USER shop ENCRYPTED PASSWORD 'hunter2' LOGIN", "host=pg1 user=shop password=hunter2 dbname=shop",
        "{\\\"password\\\": \\\"hunter2\\\"}", "postgresql://shop:hunter2@pg1:5432/shop", "http://shop:hunter2@pg1",
        "Authorization: Basic hunter2", "client_secret=hunter2&x=1",
        "primary_conninfo = 'user=r password=hunter2 host=x'",
        "-----BEGIN EC PRIVATE KEY-----\nhunter2\n-----END EC PRIVATE KEY-----", "passwd=hunter2,", "password=hunter2}",
    ])
    func `others are found by how they are written`(text: String) {
        #expect(!scrubber.scrub(text).contains("hunter2"), "\(scrubber.scrub(text))")
    }

    @Test(arguments: [
        "SCRAM-SHA-256$4096:c2FsdA==$c3RvcmVk:c2VydmVy", "md5a3556571e93b0d20722ba62be61e8c2d",
    ])
    func `so are what PostgreSQL stores instead of passwords`(text: String) {
        let clean = scrubber.scrub("rolpassword | \(text) | x")
        #expect(!clean.contains(text))
        #expect(clean.hasSuffix(" | x"))
    }

    @Test(arguments: [
        "password authentication failed for user \"shop\"", "password_encryption = scram-sha-256",
        "no password supplied",
        "fe_sendauth: no password supplied", "https://192.0.2.11:8008/patroni", "at 12:30:11: something",
        "md5", "scram-sha-256", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----", "passfile=/run/x",
        "secrets: /etc/pgha/secrets", "connection string \"host=pg1\"", "", "password=", "größe",
    ])
    func `what only speaks of secrets stays as it is`(text: String) {
        #expect(scrubber.scrub(text) == text)
    }

    @Test func `bytes that are no text come through, and a damaged key ends with the text`() {
        let noise: [UInt8] = [0xff, 0xfe, 0x00, 0x70]
        #expect(scrubber.scrub(noise) == noise)
        #expect(scrubber.scrub("-----BEGIN PRIVATE KEY-----\nabcdef") == "-----BEGIN PRIVATE KEY-----<scrubbed>")
    }

    @Test func `too much text loses its oldest entries, whole ones`() {
        var text = BoundedText(limit: 7)
        for part in ["abc", "def", "ghi"] { text.add(Array(part.utf8)) }
        #expect(String(decoding: text.content, as: UTF8.self) == "defghi")
        #expect(text.dropped == 3)
        text.add(Array("much too long".utf8))
        #expect(text.content == [])
        #expect(text.dropped == 22)
    }
}
