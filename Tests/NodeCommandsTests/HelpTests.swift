import ArgumentParser
import GoldenFiles
import Testing

@testable import NodeCommands

@Suite struct HelpTests {
    private static let verbs: [any ParsableCommand.Type] =
        [PghaNodeCommand.self] + PghaNodeCommand.configuration.subcommands

    @Test func `every command's help is what was reviewed`() throws {
        for verb in Self.verbs {
            let name = verb.configuration.commandName ?? "\(verb)".lowercased()
            let text = PghaNodeCommand.helpMessage(for: verb, columns: 100)
            try Golden.expect(text + "\n", named: "help/\(name).txt")
        }
    }

    @Test func `every command shows examples`() {
        for verb in Self.verbs.dropFirst() {
            #expect(verb.configuration.discussion.contains("Examples:\n"), "\(verb)")
        }
    }

    @Test func `every listing has JSON output`() {
        for verb in Self.verbs.dropFirst()
        where ![
            Init.self, MakeBundle.self, DSN.self, Schema.self, Exec.self, Shell.self, Psql.self, Manual.self,
            Completion.self, RunAgent.self, HandOver.self,
        ].contains(where: { $0 == verb }) {
            #expect(PghaNodeCommand.helpMessage(for: verb).contains("--output <output>"), "\(verb)")
        }
    }
}
