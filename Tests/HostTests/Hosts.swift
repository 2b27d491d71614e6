import ClusterModel
import Foundation
import HostPorts
import LinuxHost
import Testing

/// The hosts of containers/, through the scripts that a person uses.
enum Hosts {
    /// The set of hosts that the tests of this task have, as PGHA_CONTAINERS names it.
    @TaskLocal static var lab = ProcessInfo.processInfo.environment["PGHA_CONTAINERS"] ?? "pgha"

    static let repository = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path(percentEncoded: false)

    /// Runs one of the scripts, e.g. `script("fault", "lose", "pg1")`.
    static func script(
        _ name: String, _ arguments: [String], input: [UInt8] = [], within limit: Duration = .seconds(900)
    ) async throws -> CommandResult {
        try await LinuxCommandRunner().run(
            command(
                "\(repository)containers/\(name)", arguments, input: input, within: limit))
    }

    /// A command of this machine that may call those scripts.
    static func command(
        _ path: String, _ arguments: [String], input: [UInt8] = [], within limit: Duration
    ) -> Command {
        Command(
            path, arguments,
            environment: Command.minimal.merging(["HOME": "/root", "PGHA_CONTAINERS": lab], uniquingKeysWith: { $1 }),
            inherited: ["PATH", "PIP_", "SSL_", "GIT_", "PGHA_SWIFT_FLAGS", "http_proxy", "https_proxy", "no_proxy"],
            input: input, timeLimit: limit)
    }

    /// As `script`, and fails the test with what was said unless it ends with 0.
    @discardableResult
    static func require(
        _ name: String, _ arguments: String..., within limit: Duration = .seconds(900),
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> String {
        let result = try await script(name, arguments, within: limit)
        try #require(
            result.status == 0, "containers/\(name) \(arguments.joined(separator: " ")) said: \(result.errors)",
            sourceLocation: sourceLocation)
        return result.output
    }

    /// Runs a command as root in a host; a status other than 0 is a result.
    static func run(_ host: String, _ command: String..., within limit: Duration = .seconds(300)) async throws
        -> CommandResult
    {
        try await script("exec", [host, "--"] + command, within: limit)
    }

    /// The output of a command in a host without the last line feed; fails the test unless it ends with 0.
    @discardableResult
    static func output(
        _ host: String, _ command: String..., within limit: Duration = .seconds(300),
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> String {
        let result = try await script("exec", [host, "--"] + command, within: limit)
        try #require(
            result.status == 0, "\(host): \(command.joined(separator: " ")) said: \(result.errors)\(result.output)",
            sourceLocation: sourceLocation)
        return result.output.trimmingCharacters(in: .newlines)
    }

    /// A shell script in a host; `$1` and so on are the arguments.
    static func shell(
        _ host: String, _ script: String, _ arguments: String..., within limit: Duration = .seconds(300)
    ) async throws -> CommandResult {
        try await self.script("exec", [host, "--", "bash", "-c", script, "test"] + arguments, within: limit)
    }
}

extension Hosts {
    /// What an HTTP server on that host says, with its header.
    static func page(_ name: String, of host: String, at address: String = "127.0.0.1/8108") async throws -> String {
        try await shell(
            host,
            "exec 3<>/dev/tcp/\(address); printf 'GET /\(name) HTTP/1.0\\r\\n\\r\\n' >&3; timeout 2 cat <&3"
        ).output
    }
}

/// Looks again and again until `look` gives a value; fails the test after `limit` with what it waited for and what the hosts say.
func eventually<Value>(
    _ what: String, within limit: Duration = .seconds(90), sourceLocation: SourceLocation = #_sourceLocation,
    _ look: () async throws -> Value?
) async throws -> Value {
    let deadline = ContinuousClock.now + limit
    while true {
        if let value = try await look() { return value }
        if ContinuousClock.now >= deadline {
            let words = await AgentJournal.lastWords()
            try #require(Bool(false), "\(what) did not come in \(limit)\n\(words)", sourceLocation: sourceLocation)
        }
        try await Task.sleep(for: .milliseconds(200))
    }
}
