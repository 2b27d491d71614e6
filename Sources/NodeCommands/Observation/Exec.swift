import ArgumentParser
import ClusterModel
import Decisions
import Foundation
import HostOperations
import HostPorts

struct Exec: AsyncParsableCommand, EndsAtSignal {
    static let configuration = CommandConfiguration(
        abstract: "Run a command in the surroundings of a service (root only).",
        discussion: """
            Like "docker exec -it": as the user, with the groups, the environment and the view of the file system of the \
            service's main process, in the directory "/". Input, output, signals and exit status are the command's; 126 \
            and 127 say, as in a shell, that it cannot be run or is not there. The command is not put into the unit's \
            control group: it is not stopped, frozen, limited or counted with the service.

            Examples:
              pgha-node exec pg1 id
              pgha-node exec pg1 -- patronictl -c /etc/pgha/pg1/patroni.yml list
              pgha-node exec zookeeper ls -l /tmp
            """
    )

    @Argument(help: ArgumentHelp("A member (pg1), or a service of this host.", valueName: "name"))
    var name: String

    @Argument(parsing: .captureForPassthrough, help: "The command and its arguments.")
    var command: [String] = []

    @OptionGroup var cluster: ClusterOptions

    func validate() throws {
        if words.isEmpty { throw ValidationError("name the command to run, e.g. \"pgha-node exec \(name) id\"") }
    }

    func run() async throws {
        try Replacement.end(try await run(on: .local()))
    }

    func run(on machine: Machine) async throws(NodeFailure) -> ReplacementRefusal {
        try await ServiceSurroundings.replace(with: words, in: name, cluster, on: machine)
    }

    private var words: [String] { command.first == "--" ? Array(command.dropFirst()) : command }
}

struct Shell: AsyncParsableCommand, EndsAtSignal {
    static let configuration = CommandConfiguration(
        abstract: "Open a shell in the surroundings of a service (root only).",
        discussion: """
            Like "docker exec -it … bash"; the surroundings are those of "pgha-node exec".

            Examples:
              pgha-node shell pg1
              pgha-node shell zookeeper
            """
    )

    @Argument(help: ArgumentHelp("A member (pg1), or a service of this host.", valueName: "name"))
    var name: String

    @OptionGroup var cluster: ClusterOptions

    func run() async throws {
        try Replacement.end(try await run(on: .local()))
    }

    func run(on machine: Machine) async throws(NodeFailure) -> ReplacementRefusal {
        try await ServiceSurroundings.replace(with: ["bash", "-i"], in: name, cluster, on: machine)
    }
}

/// What `exec` and `shell` have in common.
enum ServiceSurroundings {
    static func replace(
        with command: [String], in name: String, _ options: ClusterOptions, on machine: Machine
    ) async throws(NodeFailure) -> ReplacementRefusal {
        let model = try options.load(on: machine)
        let host = try InstallTarget.host(of: model, roles: [], on: machine)
        let services = try ServiceSelection.services(named: [name], all: false, on: host, of: model)
        guard services.count == 1, let placed = services.first else {
            let names = services.map(\.role.text).joined(separator: ", ")
            throw NodeFailure(
                .usage, "\"\(name)\" means \(services.count) services here", detail: "They are of \(names).",
                hint: "Name one of them.")
        }
        try machine.requireRoot(to: "step into a service")
        return try await ServiceCommand(machine: machine).replace(
            with: command, in: placed, terminal: ProcessInfo.processInfo.environment["TERM"])
    }
}

enum Replacement {
    /// What is left to do for a program that did not take our place.
    static func end(_ refusal: ReplacementRefusal) throws {
        Output.comment("error: \(refusal.message)")
        throw ExitCode(refusal.status)
    }
}
