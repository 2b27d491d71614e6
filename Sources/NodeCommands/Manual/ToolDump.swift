import ArgumentParser
import ClusterModel
import Foundation

/// The commands as swift-argument-parser dumps them (`--experimental-dump-help`), as far as a manual page needs it.
struct ToolDump: Decodable {
    struct Command: Decodable {
        var commandName: String
        var abstract: String?
        var discussion: String?
        var subcommands: [Command]?
        var arguments: [Argument]?
        var shouldDisplay: Bool?
    }

    struct Argument: Decodable {
        struct Name: Decodable {
            var kind: String
            var name: String

            var spelling: String { kind == "long" ? "--\(name)" : "-\(name)" }
        }

        var kind: String
        var isOptional: Bool
        var isRepeating: Bool
        var shouldDisplay: Bool
        var names: [Name]?
        var valueName: String?
        var defaultValue: String?
        var abstract: String?
    }

    var command: Command

    static func program() throws(NodeFailure) -> Command {
        let json = PghaNodeCommand._dumpHelp()
        guard let dump = try? JSONDecoder().decode(ToolDump.self, from: Data(json.utf8)) else {
            throw NodeFailure(.internalError, "could not read the description of the own commands")
        }
        return dump.command
    }

    /// Those that have a page of their own.
    static func verbs(of program: Command) -> [Command] {
        (program.subcommands ?? []).filter { $0.commandName != "help" && $0.shouldDisplay != false }
    }
}
