import ClusterModel

/// A manual page in mdoc(7), made of the help of a command.
struct ManualPage {
    private static let program = "pgha-node"
    private static let files = [
        ("/etc/pgha/cluster.yml", "the cluster; the same on all hosts"),
        ("/etc/pgha/secrets/secrets.yml", "its passwords and its certificate authority, for root alone"),
        ("/etc/pgha/tls/", "the certificate of this host's agent and its key, for root alone"),
        ("/etc/pgha/<role>/", "rendered configuration of the services"),
        ("/etc/systemd/system/pgha*", "their units"),
        ("/var/lib/pgha/receipt.json", "what is installed here"),
        ("/var/lib/pgha/rendered/", "files that apply has replaced"),
    ]

    /// e.g. `pgha-node-up`.
    let name: String
    let text: String

    /// The page of the program itself, which lists the verbs.
    init(program command: ToolDump.Command) {
        let verbs = ToolDump.verbs(of: command)
        name = Self.program
        text =
            Self.head(name, command.abstract ?? "")
            + ".Sh SYNOPSIS\n.Nm\n.Ar verb\n.Op Ar options\n"
            + Self.description(command.discussion ?? "")
            + ".Sh VERBS\n.Bl -tag -width Ds\n"
            + verbs.map { ".It Nm pgha-node \($0.commandName)\n\(Self.escaped($0.abstract ?? ""))\n" }.joined()
            + ".El\n" + Self.filesSection + Self.exitStatus
            + ".Sh SEE ALSO\n" + Self.references(verbs.map { "\(Self.program)-\($0.commandName)" })
    }

    /// The page of one verb.
    init(verb command: ToolDump.Command) {
        let arguments = (command.arguments ?? []).filter(\.shouldDisplay)
        let parts = (command.discussion ?? "").split(separator: "Examples:\n", maxSplits: 1)
        let hasProse = command.discussion?.hasPrefix("Examples:\n") == false
        name = "\(Self.program)-\(command.commandName)"
        text =
            Self.head(name, command.abstract ?? "")
            + ".Sh SYNOPSIS\n.Nm pgha-node \(command.commandName)\n" + arguments.map(Self.synopsis).joined()
            + Self.description(hasProse ? String(parts.first ?? "") : command.abstract ?? "")
            + Self.options(arguments)
            + Self.filesSection + Self.exitStatus
            + Self.examples(String(parts.last ?? ""))
            + ".Sh SEE ALSO\n" + Self.references([Self.program])
    }

    private static func head(_ name: String, _ abstract: String) -> String {
        """
        .\\" Written by pgha-node from its own help.
        .Dd \(ProgramVersion.date)
        .Dt \(name.uppercased()) 1
        .Os
        .Sh NAME
        .Nm \(name)
        .Nd \(escaped(abstract.hasSuffix(".") ? String(abstract.dropLast()) : abstract))

        """
    }

    private static func description(_ prose: String) -> String {
        let blocks = prose.split(separator: "\n\n").map { block in
            // What is indented in the help is to be typed.
            block.contains("\n  ") || block.hasPrefix("  ")
                ? ".Bd -literal -offset indent\n\(escapedLines(block))\n.Ed\n"
                : "\(escapedLines(block))\n"
        }
        return ".Sh DESCRIPTION\n" + blocks.joined(separator: ".Pp\n")
    }

    private static func synopsis(_ argument: ToolDump.Argument) -> String {
        let value = escaped(argument.valueName ?? "value")
        let dots = argument.isRepeating ? " ..." : ""
        switch argument.kind {
        case "positional": return argument.isOptional ? ".Op Ar \(value)\(dots)\n" : ".Ar \(value)\(dots)\n"
        case "flag": return ".Op \(flag(spelling(argument)))\n"
        default:
            let option = "\(flag(spelling(argument))) Ar \(value)\(dots)"
            return argument.isOptional ? ".Op \(option)\n" : ".\(option)\n"
        }
    }

    private static func options(_ arguments: [ToolDump.Argument]) -> String {
        guard !arguments.isEmpty else { return "" }
        let items = arguments.map { argument in
            let value = escaped(argument.valueName ?? "value")
            let tag =
                switch argument.kind {
                case "positional": "Ar \(value)"
                case "flag": (argument.names ?? []).map { flag($0.spelling) }.joined(separator: " , ")
                default: "\(flag(spelling(argument))) Ar \(value)"
                }
            let initial =
                argument.defaultValue.map { ["false", ""].contains($0) ? "" : " The default is \($0)." } ?? ""
            return ".It \(tag)\n\(escaped((argument.abstract ?? "") + initial))\n"
        }
        return ".Sh OPTIONS\n.Bl -tag -width Ds\n" + items.joined() + ".El\n"
    }

    private static func examples(_ text: String) -> String {
        ".Sh EXAMPLES\n.Bd -literal -offset indent\n"
            + text.split(separator: "\n").map { escaped(String($0.drop { $0 == " " })) }.joined(separator: "\n")
            + "\n.Ed\n"
    }

    private static var exitStatus: String {
        let rows = NodeFailure.Code.allCases.sorted { $0.exitStatus < $1.exitStatus }
        return ".Sh EXIT STATUS\n.Bl -tag -width Ds\n.It 0\nThe command did what was asked.\n"
            + rows.map { ".It \($0.exitStatus)\n\(escaped($0.meaning))\n" }.joined() + ".El\n"
    }

    private static var filesSection: String {
        ".Sh FILES\n.Bl -tag -width Ds\n" + files.map { ".It Pa \(escaped($0.0))\n\(escaped($0.1))\n" }.joined()
            + ".El\n"
    }

    private static func references(_ names: [String]) -> String {
        names.enumerated().map { ".Xr \($1) 1\($0 == names.count - 1 ? "" : " ,")\n" }.joined()
    }

    private static func spelling(_ argument: ToolDump.Argument) -> String {
        let names = argument.names ?? []
        return (names.first { $0.kind == "long" } ?? names.first)?.spelling ?? ""
    }

    /// mdoc puts the first hyphen itself.
    private static func flag(_ spelling: String) -> String {
        "Fl " + escaped(String(spelling.dropFirst()))
    }

    private static func escapedLines(_ text: Substring) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { escaped(String($0)) }.joined(
            separator: "\n")
    }

    /// A backslash is \e; a hyphen stays one, to be copied and typed; a line must not begin as a request (groff(7)).
    private static func escaped(_ text: String) -> String {
        let words = text.replacing("\\", with: "\\e").replacing("-", with: "\\-").split(
            separator: " ", omittingEmptySubsequences: false)
        // A new sentence begins on a new line, so that the formatter knows where one ends (mdoc(7)).
        let plain = words.reduce("") { line, word in
            if line.isEmpty { return String(word) }
            return line + (line.hasSuffix(".") && word.first?.isUppercase == true ? "\n" : " ") + word
        }
        return plain.hasPrefix(".") || plain.hasPrefix("'") ? "\\&" + plain : plain
    }
}
