import ClusterModel

/// A child process as a value: an absolute path, an argument list, a stated environment, a limit. Never a shell string.
package struct Command: Equatable, Sendable {
    package var executable: String
    package var arguments: [String]
    /// The whole environment of the child; `minimal` leaves out NOTIFY_SOCKET and everything else we were given.
    package var environment: [String: String]
    /// Names of variables, or prefixes that end in `_`, that the child gets from our own environment in addition.
    package var inherited: [String]
    /// Standard input; secrets go here and never into `arguments`.
    package var input: [UInt8]
    /// Runs as this user, with its own groups; nil runs as ourselves.
    package var user: String?
    package var timeLimit: Duration

    package static let minimal = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "HOME": "/"]

    package init(
        _ executable: String,
        _ arguments: [String] = [],
        environment: [String: String] = Command.minimal,
        inherited: [String] = [],
        input: [UInt8] = [],
        user: String? = nil,
        timeLimit: Duration = .seconds(60)
    ) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.inherited = inherited
        self.input = input
        self.user = user
        self.timeLimit = timeLimit
    }
}

package struct CommandResult: Equatable, Sendable {
    /// The exit status, or 128 plus the number of the signal that ended the process.
    package var status: Int32
    package var output: String
    package var errors: String

    package init(status: Int32, output: String = "", errors: String = "") {
        self.status = status
        self.output = output
        self.errors = errors
    }
}

package protocol CommandRunner: Sendable {
    /// Runs the command to its end. A non-zero status is a result, not an error; the caller decides.
    ///
    /// Throws `.notFound` if the executable cannot be started, `.timeout` if the limit passed (the child was then killed).
    func run(_ command: Command) async throws(NodeFailure) -> CommandResult
}

extension CommandRunner {
    /// Runs the command and throws `.commandFailed` unless it exits with 0; the detail has the end of what it said.
    @discardableResult
    package func require(_ command: Command) async throws(NodeFailure) -> CommandResult {
        let result = try await run(command)
        guard result.status == 0 else {
            let said = (result.errors.isEmpty ? result.output : result.errors).split(separator: "\n").suffix(5)
            throw NodeFailure(
                .commandFailed,
                "\"\(command.executable)\" failed with status \(result.status)",
                detail: said.isEmpty ? nil : "It said: " + said.joined(separator: " | ")
            )
        }
        return result
    }
}
