/// A line of pg_hba.conf (PostgreSQL documentation, "The pg_hba.conf File").
///
/// PostgreSQL does not start with a line that it does not understand, so that a mistake here stops every member.
enum AccessLine {
    private static let types = ["local", "host", "hostssl", "hostnossl", "hostgssenc", "hostnogssenc"]
    private static let methods = [
        "scram-sha-256", "reject", "peer", "cert", "gss", "sspi", "ident", "ldap", "radius", "pam", "bsd", "oauth",
    ]
    private static let form =
        "Write type, database, user, address (not for local) and method, "
        + "for example \"hostssl shop shop 198.51.100.0/24 scram-sha-256\"."

    static func problem(_ text: String) -> TextProblem? {
        if let character = text.firstControlCharacter, character != "\t" {
            return TextProblem(
                message: "a line of pg_hba.conf has the control character \(character.notation)",
                hint: "Write each line as an element of its own.")
        }
        // PostgreSQL 14 and later read the next line, which is one of ours, as a part of this one.
        if text.hasSuffix("\\") {
            return TextProblem(message: "a line of pg_hba.conf ends with a backslash", hint: "Write it in one line.")
        }
        guard let fields = fields(of: text) else {
            return TextProblem(message: "a quote is open at the end of \(text.quoted)", hint: "Close it.")
        }
        guard let type = fields.first, types.contains(type) else {
            return TextProblem(message: "\(text.quoted) is not a line of pg_hba.conf", hint: form)
        }
        guard let index = indexOfMethod(fields), fields.count > index else {
            return TextProblem(message: "\(text.quoted) has too few fields", hint: form)
        }
        return methodProblem(fields[index], type) ?? optionProblem(fields.dropFirst(index + 1))
    }

    private static func methodProblem(_ method: String, _ type: String) -> TextProblem? {
        switch method {
        case "trust":
            return TextProblem(
                message: "the method \"trust\" asks for no password",
                hint: "Use scram-sha-256: SCRAM everywhere, or peer in a line that begins with local.")
        case "password", "md5":
            return TextProblem(
                message: "the method \"\(method)\" is not safe", hint: "Use scram-sha-256: SCRAM everywhere.")
        case "peer" where type != "local":
            return TextProblem(
                message: "the method \"peer\" is for local connections only", hint: "Use scram-sha-256.")
        case "cert" where type != "hostssl":
            return TextProblem(
                message: "the method \"cert\" is for hostssl only", hint: "Begin the line with hostssl.")
        case _ where methods.contains(method): return nil
        default:
            return TextProblem(
                message: "there is no method \(method.quoted) in pg_hba.conf",
                hint: "Methods are \(methods.listed()). \(form)")
        }
    }

    private static func optionProblem(_ options: ArraySlice<String>) -> TextProblem? {
        guard let wrong = options.first(where: { !$0.contains("=") }) else { return nil }
        return TextProblem(
            message: "\(wrong.quoted) after the method is not an option of pg_hba.conf",
            hint: "Options are written name=value.")
    }

    /// An address without a length is followed by a mask.
    private static func indexOfMethod(_ fields: [String]) -> Int? {
        if fields[0] == "local" { return 3 }
        guard fields.count > 3 else { return nil }
        return HostAddress.canonical(fields[3]) == nil ? 4 : 5
    }

    /// As `next_field_expand` in PostgreSQL's hba.c: separated by blanks, quotes may be around anything, a comma goes
    /// on with the same field. Nil if a quote is not closed.
    private static func fields(of line: String) -> [String]? {
        var fields: [String] = []
        var field: String?
        var isQuoted = false
        for character in line {
            switch character {
            case "\"":
                isQuoted.toggle()
                field = field ?? ""
            case "#" where !isQuoted:
                return fields + (field.map { [$0] } ?? [])
            case " ", "\t":
                if isQuoted {
                    field = (field ?? "") + " "
                } else if let complete = field, !complete.hasSuffix(",") {
                    fields.append(complete)
                    field = nil
                }
            default: field = (field ?? "") + String(character)
            }
        }
        if isQuoted { return nil }
        return fields + (field.map { [$0] } ?? [])
    }
}
