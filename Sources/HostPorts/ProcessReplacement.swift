import ClusterModel

/// What takes the place of this process, and in which surroundings.
package struct ReplacementProgram: Equatable, Sendable {
    package enum Account: Equatable, Sendable {
        case ours
        case named(String)
        case numbers(user: UInt32, group: UInt32, groups: [UInt32])
    }

    /// A file that is in memory only, and whose name goes into a variable of the environment.
    package struct SecretFile: Equatable, Sendable {
        package var variable: String
        package var contents: [UInt8]

        package init(variable: String, contents: [UInt8]) {
            self.variable = variable
            self.contents = contents
        }
    }

    /// The first is looked up in the PATH of `environment` unless it has a slash.
    package var command: [String]
    /// `NAME=value`; the whole environment.
    package var environment: [String]
    package var account = Account.ours
    /// A process whose view of the file system is taken; nil for our own.
    package var mountNamespaceOf: UInt32?
    /// nil stays where we are.
    package var directory: String?
    package var fileCreationMask: UInt16?
    /// Whether set-user-ID programs give no more rights (PR_SET_NO_NEW_PRIVS(2const)).
    package var forbidsNewPrivileges = false
    package var secretFile: SecretFile?

    package init(command: [String], environment: [String]) {
        self.command = command
        self.environment = environment
    }
}

/// Why a program did not take our place; the exit statuses are the shell's (POSIX, "Exit Status for Commands").
package struct ReplacementRefusal: Equatable, Sendable {
    package var status: Int32
    package var message: String

    package static func notFound(_ program: String) -> ReplacementRefusal {
        ReplacementRefusal(status: 127, message: "\"\(program)\" was not found")
    }

    package static func cannotRun(_ program: String, _ reason: String) -> ReplacementRefusal {
        ReplacementRefusal(status: 126, message: "could not run \"\(program)\": \(reason)")
    }
}

package protocol ProcessReplacement: Sendable {
    /// Replaces this process by execve(2) with default signal dispositions and an empty signal mask. Returns only where the
    /// program itself could not be run; throws where its surroundings could not be entered.
    func replace(with program: ReplacementProgram) throws(NodeFailure) -> ReplacementRefusal
}
