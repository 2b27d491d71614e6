import ClusterModel

/// What became of a step.
package enum StepOutcome: String, Codable, Sendable {
    case unchanged
    case created
    case updated
    case installed
    case enabled
    case started
    case reloaded
    case restarted
    /// A dry run: the step would change something.
    case pending
}

package struct StepReport: Codable, Equatable, Sendable {
    package var step: String
    package var outcome: StepOutcome

    package init(step: String, outcome: StepOutcome) {
        self.step = step
        self.outcome = outcome
    }
}

/// The result of `install`, as a value; `--output json` encodes it.
package struct InstallReport: Codable, Equatable, Sendable {
    package var cluster: String
    package var host: String
    package var roles: [String]
    package var isDryRun: Bool
    package var steps: [StepReport]
    /// What was found when the services were waited for, one line each.
    package var state: [String]

    package init(
        cluster: String, host: String, roles: [String], isDryRun: Bool, steps: [StepReport], state: [String] = []
    ) {
        self.cluster = cluster
        self.host = host
        self.roles = roles
        self.isDryRun = isDryRun
        self.steps = steps
        self.state = state
    }

    package var changes: Int {
        steps.count { $0.outcome != .unchanged }
    }
}
