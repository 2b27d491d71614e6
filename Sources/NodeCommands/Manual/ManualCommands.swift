import ArgumentParser
import ClusterModel

struct Manual: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print a manual page of this program, in mdoc(7).",
        discussion: """
            The same pages are installed by "install" below /usr/local/share/man, for "man pgha-node" and "man pgha-node-up".

            Examples:
              pgha-node manual | man -l -
              pgha-node manual apply | man -l -
            """
    )

    @Argument(help: "The verb; without it, the page of the program.")
    var verb: String?

    func run() throws {
        let program = try ToolDump.program()
        guard let verb else { return Output.result(ManualPage(program: program).text) }
        guard let command = ToolDump.verbs(of: program).first(where: { $0.commandName == verb }) else {
            let verbs = ToolDump.verbs(of: program).map(\.commandName)
            throw NodeFailure(
                .notFound, "there is no verb \"\(verb)\"", hint: "The verbs are \(verbs.joined(separator: ", ")).")
        }
        Output.result(ManualPage(verb: command).text)
    }
}

struct Completion: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the completion script for a shell.",
        discussion: """
            The same scripts are installed by "install" where bash, zsh and fish of Debian look for them.

            Examples:
              source <(pgha-node completion bash)
              pgha-node completion fish
            """
    )

    @Argument(help: "bash, zsh or fish.")
    var shell: Documents.Shell

    func run() {
        Output.result(Documents.script(for: shell))
    }
}
