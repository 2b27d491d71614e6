/// The certificate authority in the file of secrets. A file of an earlier version has none.
extension SecretsFile {
    enum AuthorityField: String, CaseIterable {
        case key = "authority_key"
        case certificate = "authority_certificate"
    }

    /// The file's text with the authority at its end; everything else stays as somebody may have written it.
    package static func add(_ authority: AuthoritySecret, to text: String) -> String {
        text + (text.isEmpty || text.hasSuffix("\n") ? "" : "\n") + """

            # The certificate authority, by which the agents of the hosts know each other. Who has its key can pose as any of them.
            \(block(.key, authority.key))
            \(block(.certificate, authority.certificate))

            """
    }

    private static func block(_ field: AuthorityField, _ text: String) -> String {
        let lines = text.split(separator: "\n").map { "  \($0)" }
        return (["\(field.rawValue): |"] + lines).joined(separator: "\n")
    }

    static func authority(in root: YAMLValue, _ source: ConfigSource) throws(NodeFailure) -> AuthoritySecret? {
        let key = try pem(.key, in: root, source)
        let certificate = try pem(.certificate, in: root, source)
        switch (key, certificate) {
        case (nil, nil): return nil
        case (let key?, let certificate?): return AuthoritySecret(key: key, certificate: certificate)
        default:
            let missing = key == nil ? AuthorityField.key : .certificate
            throw source.failure(
                "the secret \"\(missing.rawValue)\" is missing", at: root.position,
                hint: "Copy both authority_key and authority_certificate, or remove both.")
        }
    }

    /// Only whether it can be PEM; what is in it is judged where it is used.
    private static func pem(
        _ name: AuthorityField, in root: YAMLValue, _ source: ConfigSource
    ) throws(NodeFailure) -> String? {
        guard let field = root.fields.first(where: { $0.key == name.rawValue }) else { return nil }
        let limit = 8192
        guard let text = field.value.text, text.utf8.count <= limit, text.hasPrefix("-----BEGIN "),
            text.utf8.allSatisfy({ $0.isLetter || $0.isDigit || $0.isOne(of: "+/=- \n") })
        else {
            throw source.failure(
                "the secret \"\(name.rawValue)\" is not in PEM", at: field.value.position,
                hint: "Copy the file that \"pgha-node init\" or \"pgha-node certs init\" made.")
        }
        return text
    }
}
