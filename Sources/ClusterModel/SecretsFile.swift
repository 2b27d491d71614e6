/// The file with the cluster's passwords and its certificate authority, `/etc/pgha/secrets/secrets.yml`.
///
/// No error repeats anything out of this file.
package enum SecretsFile {
    private typealias Field = any WritableKeyPath<Secrets, String> & Sendable

    private static let keys: [(name: String, field: Field, summary: String)] = [
        ("superuser", \.superuser, "The user postgres."),
        ("replication", \.replication, "The user replicator, with which replicas stream."),
        ("rewind", \.rewind, "The user rewind, with which a former leader is rewound."),
        ("rest_api", \.restAPI, "What changes something in Patroni's REST API."),
        ("zookeeper", \.zookeeper, "ZooKeeper's servers among themselves."),
    ]

    package static func render(_ secrets: Secrets) -> String {
        let head = """
            # The passwords of the cluster and its certificate authority, made by "pgha-node init". They are the same on each of its hosts.
            # Copy this file to each host at /etc/pgha/secrets/secrets.yml, owned by root, mode 600.
            # Never put it into version control. A running cluster must keep these passwords.

            """
        let passwords = keys.reduce(head) { text, key in
            text + "\n# \(key.summary)\n\(key.name): \(YAMLText.quoted(secrets[keyPath: key.field]))\n"
        }
        return secrets.authority.map { add($0, to: passwords) } ?? passwords
    }

    package static func parse(_ bytes: [UInt8], file: String) throws(NodeFailure) -> Secrets {
        let source = ConfigSource(name: file, mayBeQuoted: false)
        let hint = "Copy the file that \"pgha-node init\" made; it is the same on all hosts."
        guard let root = try YAMLReader.read(bytes, from: source) else {
            throw source.failure("the file is empty", at: TextPosition(), hint: hint)
        }
        guard root.kind == .map else {
            throw source.failure("the file is not a map of keys to passwords", at: root.position, hint: hint)
        }
        let names = keys.map(\.name)
        let known = names + AuthorityField.allCases.map(\.rawValue)
        var secrets = Secrets(superuser: "", replication: "", rewind: "", restAPI: "", zookeeper: "")
        var lines: [String: (key: String, line: Int)] = [:]
        for field in root.fields where AuthorityField(rawValue: field.key) == nil {
            guard let key = keys.first(where: { $0.name == field.key }) else {
                throw source.failure(
                    "there is no such key in a file of secrets", at: field.position,
                    hint: "Keys are \(known.listed()).")
            }
            let secret = try secret(field, source)
            if let other = lines.updateValue((field.key, field.position.line), forKey: secret) {
                throw source.failure(
                    "the secrets \"\(other.key)\" and \"\(field.key)\" are the same", at: field.value.position,
                    detail: "Who knows one of them would know the other.", hint: "Use five different ones.")
            }
            secrets[keyPath: key.field] = secret
        }
        for name in names where !root.fields.contains(where: { $0.key == name }) {
            throw source.failure("the secret \"\(name)\" is missing", at: root.position, hint: hint)
        }
        secrets.authority = try authority(in: root, source)
        return secrets
    }

    private static let lengths = 16...128

    private static func secret(_ field: YAMLField, _ source: ConfigSource) throws(NodeFailure) -> String {
        let hint = "Use \(lengths.lowerBound) to \(lengths.upperBound) letters, digits, hyphens and underscores."
        guard let text = field.value.text else {
            let problem = field.value.kind == .nothing ? "has no value" : "must be text"
            throw source.failure("the secret \"\(field.key)\" \(problem)", at: field.position, hint: hint)
        }
        guard lengths.contains(text.utf8.count) else {
            let problem = text.utf8.count < lengths.lowerBound ? "too short" : "too long"
            throw source.failure("the secret \"\(field.key)\" is \(problem)", at: field.value.position, hint: hint)
        }
        // It gets into YAML, a JAAS file, a pgpass file and connection strings, each with its own special characters.
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && !$0.isOne(of: "\"'\\$#:`") }) else {
            throw source.failure(
                "the secret \"\(field.key)\" has a character that is not allowed", at: field.value.position, hint: hint)
        }
        return text
    }
}

extension Secrets {
    /// New passwords, of 32 characters each; `random` returns as many random bytes as it is asked for.
    package static func generate(random: (Int) -> [UInt8]) -> Secrets {
        func next() -> String { password(random(24)) }
        return Secrets(superuser: next(), replication: next(), rewind: next(), restAPI: next(), zookeeper: next())
    }

    // base64url (RFC 4648, section 5); 24 bytes need no padding.
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")

    private static func password(_ bytes: [UInt8]) -> String {
        var text = ""
        var bits = 0
        var held = 0
        for byte in bytes {
            held = held << 8 | Int(byte)
            bits += 8
            while bits >= 6 {
                bits -= 6
                text.append(alphabet[held >> bits & 63])
            }
            held &= (1 << bits) - 1
        }
        return text
    }
}
