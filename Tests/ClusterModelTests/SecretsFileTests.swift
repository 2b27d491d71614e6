import ClusterModel
import Testing

@Suite struct SecretsFileTests {
    private static let secrets = ["superuser", "replication", "rewind", "rest_api", "zookeeper"]

    private static func file(_ changes: [String: String] = [:]) -> String {
        secrets.map { name in "\(name): \(changes[name] ?? "sesame-of-\(name)-0001")\n" }.joined()
    }

    private static func parse(_ text: String) throws(NodeFailure) -> Secrets {
        try SecretsFile.parse(Array(text.utf8), file: "secrets.yml")
    }

    @Test func `makes five passwords of 32 characters out of random bytes`() throws {
        var next: UInt8 = 0
        let made = Secrets.generate { count in
            (0..<count).map { _ in
                next &+= 1
                return next
            }
        }
        #expect(made.superuser == "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcY")
        #expect(next == 120)

        let read = try Self.parse(SecretsFile.render(made))
        let pairs = [
            (read.superuser, made.superuser), (read.replication, made.replication), (read.rewind, made.rewind),
            (read.restAPI, made.restAPI), (read.zookeeper, made.zookeeper),
        ]
        #expect(pairs.allSatisfy { $0 == $1 && $0.count == 32 })
        #expect(Set(pairs.map(\.0)).count == 5)
    }

    @Test func `uses both ends of the alphabet`() {
        #expect(Secrets.generate { [UInt8](repeating: 0, count: $0) }.rewind == String(repeating: "A", count: 32))
        #expect(Secrets.generate { [UInt8](repeating: 255, count: $0) }.rewind == String(repeating: "_", count: 32))
    }

    @Test func `says in its head what to do with the file`() {
        let text = SecretsFile.render(Secrets.generate { [UInt8](repeating: 0, count: $0) })
        #expect(text.hasPrefix("# "))
        for words in ["/etc/pgha/secrets/secrets.yml", "mode 600", "version control"] { #expect(text.contains(words)) }
    }

    @Test func `reads passwords with and without quotes`() throws {
        let secrets = try Self.parse(Self.file(["superuser": "'1234567890123456'", "rewind": "6543210987654321"]))
        #expect(secrets.superuser == "1234567890123456")
        #expect(secrets.rewind == "6543210987654321")
        #expect(secrets.restAPI == "sesame-of-rest_api-0001")
    }

    private static let authority = AuthoritySecret(
        key: "-----BEGIN PRIVATE KEY-----\nc2VzYW1l\nc2VzYW1l\n-----END PRIVATE KEY-----\n",
        certificate: "-----BEGIN CERTIFICATE-----\nc2VzYW1l+/=\n-----END CERTIFICATE-----\n")

    @Test func `reads a certificate authority, and a file of an earlier version that has none`() throws {
        #expect(try Self.parse(Self.file()).authority == nil)
        #expect(try Self.parse(SecretsFile.add(Self.authority, to: Self.file())).authority == Self.authority)
        let withoutEnd = String(Self.file().dropLast())
        #expect(try Self.parse(SecretsFile.add(Self.authority, to: withoutEnd)).authority == Self.authority)
        var secrets = try Self.parse(Self.file())
        secrets.authority = Self.authority
        let read = try Self.parse(SecretsFile.render(secrets))
        #expect(read.authority == Self.authority && read.zookeeper == secrets.zookeeper)
    }

    @Test(arguments: [
        ("authority_key: sesame-sesame-sesame\n", "6:16: the secret \"authority_key\" is not in PEM"),
        ("authority_key:\n", "6:15: the secret \"authority_key\" is not in PEM"),
        ("authority_key: |\n  -----BEGIN sesame$\n", "6:16: the secret \"authority_key\" is not in PEM"),
        ("authority_key: |\n  -----BEGIN sesame\n", "1:1: the secret \"authority_certificate\" is missing"),
        ("authority_certificate: |\n  -----BEGIN sesame\n", "1:1: the secret \"authority_key\" is missing"),
    ])
    func `says what is wrong with a certificate authority`(text: String, message: String) {
        let failure = #expect(throws: NodeFailure.self) { try Self.parse(Self.file() + text) }
        #expect(failure?.code == .invalidConfiguration)
        #expect(failure?.message == "secrets.yml:\(message)")
        #expect(failure?.description.contains("sesame") == false)
    }

    @Test(arguments: [
        ("", "1:1: the file is empty", "pgha-node init"),
        ("sesame-1\n", "1:1: the file is not a map of keys to passwords", ""),
        (file() + "sesame_key: x\n", "6:1: there is no such key in a file of secrets", "superuser, replication,"),
        (file() + "rewind: sesame-of-another-kind\n", "6:1: a key is there twice", "line 3"),
        (file(["rewind": "sesame-short-15"]), "3:9: the secret \"rewind\" is too short", "16 to 128"),
        (file(["rewind": String(repeating: "sesame", count: 22)]), "3:9: the secret \"rewind\" is too long", ""),
        (
            file(["rewind": "\"sesame with spaces\""]),
            "3:9: the secret \"rewind\" has a character that is not allowed", ""
        ),
        (
            file(["rewind": "sesame-with-dollar-$"]), "3:9: the secret \"rewind\" has a character that is not allowed",
            ""
        ),
        (file(["rewind": "sesame:with:colons"]), "3:9: the secret \"rewind\" has a character that is not allowed", ""),
        (file(["rewind": "sesame-with-sharp#"]), "3:9: the secret \"rewind\" has a character that is not allowed", ""),
        (
            file(["rewind": "\"sesame-back\\\\slash\""]),
            "3:9: the secret \"rewind\" has a character that is not allowed", ""
        ),
        (
            file(["rewind": "'sesame-double-\"-quote'"]),
            "3:9: the secret \"rewind\" has a character that is not allowed", ""
        ),
        (
            file(["rewind": "sesame-with-umlaut-ä"]), "3:9: the secret \"rewind\" has a character that is not allowed",
            ""
        ),
        (file(["rewind": ""]), "3:1: the secret \"rewind\" has no value", ""),
        (file(["rewind": "[sesame-0123456789]"]), "3:1: the secret \"rewind\" must be text", ""),
        (
            file(["rewind": "sesame-of-superuser-0001"]), "3:9: the secrets \"superuser\" and \"rewind\" are the same",
            "five"
        ),
        ("rewind: sesame-of-rewind-0001\n", "1:1: the secret \"superuser\" is missing", ""),
        (file(["rewind": "*sesame-0123456789"]), "3:9: aliases are not allowed", ""),
        (file(["rewind": "&sesame-0123456789"]), "3:9: anchors are not allowed", ""),
        (file(["rewind": "!sesame-0123456789"]), "3:9: tags are not allowed", ""),
        (file(["rewind": "@sesame-0123456789"]), "3:9: the file is not valid YAML", ""),
        (file(["rewind": "\"sesame-0123456789"]), "3:9: the file is not valid YAML", ""),
        (file(["rewind": "sesame: 0123456789"]), "3:15: the file is not valid YAML", ""),
        (file(["rewind": "\"sesame-\\q123456789\""]), "3:17: the file is not valid YAML", ""),
        (file() + "---\nsesame: x\n", "6:1: the file has more than one document", ""),
        (file(["rewind": "sesame\u{7}0123456789"]), "3:15: the file has the control character U+0007", ""),
    ])
    func `says where it is wrong and never what a secret is`(text: String, message: String, hint: String) {
        let failure = #expect(throws: NodeFailure.self) { try Self.parse(text) }
        #expect(failure?.code == .invalidConfiguration)
        #expect(failure?.message == "secrets.yml:\(message)")
        #expect(hint.isEmpty || failure?.hint?.contains(hint) == true)
        #expect(failure?.description.contains("sesame") == false)
    }
}
