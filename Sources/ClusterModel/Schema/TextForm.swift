/// A kind of text in a configuration file.
struct TextForm: Sendable {
    /// With its article, e.g. "a host name".
    var noun: String
    /// A regular expression of ECMA 262 for editors; it may accept more than `problem` does, never less.
    var pattern: String
    /// What is wrong with a text; nil if nothing is.
    var problem: @Sendable (String) -> TextProblem?
}

struct TextProblem: Equatable, Sendable {
    var message: String
    var detail: String?
    var hint: String?
}

extension TextForm {
    init(_ noun: String, pattern: String, hint: String, accepts: @escaping @Sendable (Substring.UTF8View) -> Bool) {
        self.init(noun: noun, pattern: pattern) { text in
            if accepts(text[...].utf8) { return nil }
            let message = text.isEmpty ? "this is not \(noun)" : "\(text.quoted) is not \(noun)"
            return TextProblem(message: message, hint: hint)
        }
    }

    static let clusterName = TextForm(
        "a cluster name", pattern: "^[a-z][a-z0-9-]{0,62}$",
        hint: "Use 1 to 63 lower-case letters, digits and hyphens, beginning with a letter."
    ) { text in
        text.count <= 63 && text.first?.isLowercase == true
            && text.allSatisfy { $0.isLowercase || $0.isDigit || $0.isOne(of: "-") }
    }

    static let scope = TextForm(
        "a scope", pattern: "^[A-Za-z0-9_-]{1,63}$",
        hint: "Use 1 to 63 letters, digits, underscores and hyphens."
    ) { text in
        (1...63).contains(text.count) && text.allSatisfy { $0.isLetter || $0.isDigit || $0.isOne(of: "_-") }
    }

    static let hostName = TextForm(
        "a host name", pattern: "^[a-z][a-z0-9._-]{0,62}$",
        hint: "Use 1 to 63 lower-case letters, digits, dots, underscores and hyphens, beginning with a letter."
    ) { text in
        text.count <= 63 && text.first?.isLowercase == true
            && text.allSatisfy { $0.isLowercase || $0.isDigit || $0.isOne(of: "._-") }
    }

    static let roleName = TextForm(noun: "a role", pattern: "^(pg[1-9]|zookeeper|haproxy)$") { text in
        RoleName(text) == nil
            ? TextProblem(message: "there is no role \(text.quoted)", hint: RoleName.hint) : nil
    }

    static let parameterName = TextForm(
        "the name of a parameter", pattern: "^[A-Za-z_][A-Za-z0-9_.]*$",
        hint: "Use letters, digits and underscores, with a dot after the name of an extension."
    ) { text in
        text.first?.isDigit == false && text.first?.isOne(of: ".") == false
            && text.allSatisfy { $0.isLetter || $0.isDigit || $0.isOne(of: "_.") }
    }

    static let address = TextForm(
        noun: "an IP address", pattern: "^[0-9A-Fa-f.:]{2,45}$", problem: HostAddress.problem)

    static let directory = TextForm(
        noun: "a directory", pattern: "^/[A-Za-z0-9._/-]+$", problem: DataDirectory.problem)

    static let accessLine = TextForm(
        noun: "a line of pg_hba.conf",
        pattern: "^(local|host|hostssl|hostnossl|hostgssenc|hostnogssenc)[ \\t]+[^ \\t]",
        problem: AccessLine.problem)
}

extension RoleName {
    static let hint = "Roles are pg1 to pg9, zookeeper and haproxy."
}

// ASCII only: names end up in unit names, paths and command lines.
extension UInt8 {
    var isDigit: Bool { (0x30...0x39).contains(self) }
    var isLowercase: Bool { (0x61...0x7A).contains(self) }
    var isLetter: Bool { isLowercase || (0x41...0x5A).contains(self) }

    func isOne(of characters: StaticString) -> Bool {
        characters.withUTF8Buffer { $0.contains(self) }
    }
}
