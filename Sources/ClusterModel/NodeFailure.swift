/// What went wrong, in PostgreSQL's voice: a message, a detail, a hint (PostgreSQL's Error Message Style Guide).
///
/// The message is lower case without a full stop; detail and hint are whole sentences. The code decides the exit status.
package struct NodeFailure: Error, Equatable, Sendable {
    package var code: Code
    package var message: String
    package var detail: String?
    package var hint: String?

    package init(_ code: Code, _ message: String, detail: String? = nil, hint: String? = nil) {
        self.code = code
        self.message = message
        self.detail = detail
        self.hint = hint
    }
}

extension NodeFailure {
    /// The kinds of failure; each has its exit status in one table, `exitStatus`.
    package enum Code: String, CaseIterable, Codable, Sendable {
        case internalError
        case usage
        case invalidConfiguration
        case preflightFailed
        case notPermitted
        case notFound
        case conflict
        case bundleRefused
        case commandFailed
        case serviceFailed
        case timeout
        case unreachable
        case interrupted
        case notReady
        case invalidData
    }
}

extension NodeFailure.Code {
    /// The exit status of the program. 64 and above follow sysexits(3) where it has a fitting one.
    package var exitStatus: Int32 {
        switch self {
        case .internalError: 70
        case .usage: 64
        case .invalidConfiguration: 78
        case .preflightFailed: 3
        case .notPermitted: 77
        case .notFound: 66
        case .conflict: 75
        case .bundleRefused: 65
        case .commandFailed: 4
        case .serviceFailed: 5
        case .timeout: 6
        case .unreachable: 69
        case .interrupted: 130
        case .notReady: 2
        case .invalidData: 7
        }
    }

    /// One line for `pgha-node help exit-status`.
    package var meaning: String {
        switch self {
        case .internalError: "a defect in pgha-node itself; please report it"
        case .usage: "the command line is wrong"
        case .invalidConfiguration:
            "cluster.yml, the secrets file or a rendered configuration is not valid; nothing was changed"
        case .preflightFailed: "a preflight check failed; nothing was changed"
        case .notPermitted: "the operation needs root"
        case .notFound: "a file, role or unit that was named does not exist"
        case .conflict: "another pgha-node holds the lock of this host"
        case .bundleRefused: "the bundle is damaged, incomplete or for another system; nothing was changed"
        case .commandFailed: "a program that pgha-node ran reported an error"
        case .serviceFailed: "a systemd unit failed"
        case .timeout: "what was waited for did not come in time"
        case .unreachable: "systemd, a peer or a component could not be reached"
        case .interrupted: "interrupted by a signal"
        case .notReady: "the command worked, and what it shows is not healthy"
        case .invalidData: "a file that was named is damaged, or not what it should be"
        }
    }
}

extension NodeFailure {
    /// Of what does not end the work: the same text, as a warning.
    package var warning: String { description.replacing("error: ", with: "warning: ", maxReplacements: 1) }
}

extension NodeFailure: CustomStringConvertible {
    /// `error: …`, and `detail: …` and `hint: …` on lines of their own where there are any.
    package var description: String {
        var lines = ["error: \(message)"]
        if let detail { lines.append("detail: \(detail)") }
        if let hint { lines.append("hint: \(hint)") }
        return lines.joined(separator: "\n")
    }
}
