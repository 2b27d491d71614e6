import Decisions

/// The result of `apply`: what differs, what that costs, and what was done.
package struct ApplyReport: Codable, Equatable, Sendable {
    package struct File: Codable, Equatable, Sendable {
        package var path: String
        package var change: FileChange.Kind
        package var isChangedByHand: Bool
        /// Lines of a short unified diff, passwords masked.
        package var diff: [String]
    }

    package struct Action: Codable, Equatable, Sendable {
        package enum Outcome: String, Codable, Sendable {
            case pending, done
            /// The service does not run, so it reads the new files when it is started.
            case notRunning = "not running"
        }

        package var unit: String
        package var action: ServiceAction
        package var impact: Impact
        /// The member that takes over, where the impact is a switchover.
        package var candidate: String?
        package var outcome: Outcome
    }

    package var cluster: String
    package var host: String
    package var isDryRun: Bool
    /// The greatest one of all actions.
    package var impact: Impact
    package var files: [File] = []
    package var actions: [Action] = []
    /// Where the replaced files are kept.
    package var kept: String?
    package var notes: [String] = []
    /// What was found when the services were waited for, one line each.
    package var state: [String] = []

    package var isUnchanged: Bool { files.isEmpty && actions.isEmpty }
}
