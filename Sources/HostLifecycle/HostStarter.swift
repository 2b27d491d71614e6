import ClusterModel
import ConfigFiles
import Decisions
import HostOperations
import HostPorts
import NodeInstaller

/// The result of `up`.
package struct UpReport: Codable, Equatable, Sendable {
    package var cluster: String
    package var host: String
    package var isDryRun: Bool
    /// Those that were not done already.
    package var steps: [StepReport]
    /// Files that are not as cluster.yml would have them; they were left alone.
    package var differing: [String]
    package var notes: [String]
    /// What was found when the services were waited for, one line each.
    package var state: [String]
}

/// Makes this host's services be there and run, and changes nothing that is there.
package struct HostStarter: Sendable {
    private let installed: InstalledHost
    private let notify: @Sendable (String) -> Void
    private let progress: PlanRunner.Progress

    package init(
        _ installed: InstalledHost, notify: @escaping @Sendable (String) -> Void,
        progress: @escaping PlanRunner.Progress
    ) {
        self.installed = installed
        self.notify = notify
        self.progress = progress
    }

    package func run(dryRun: Bool, waits: Bool, within limit: Duration) async throws(NodeFailure) -> UpReport {
        try await installed.refuseFrozen()
        let machine = installed.machine
        let files = HostFiles(machine: machine, receipt: installed.receipt)
        let rendered = installed.rendered
        let differing = try files.changes(to: rendered).filter { $0.kind != .created }.map(\.path)
        if !differing.isEmpty {
            notify(
                "not as in cluster.yml, and left alone: \(differing.joined(separator: ", ")); see \"pgha-node apply\"")
        }
        var report = UpReport(
            cluster: installed.cluster.name, host: installed.host.name, isDryRun: dryRun, steps: [],
            differing: differing, notes: try installed.notes(), state: [])
        let steps = try await steps(with: try files.present(of: rendered), within: limit)
        let runner = PlanRunner(machine: machine, bundle: nil, progress: progress)
        if dryRun {
            report.steps = try await runner.preview(steps).filter { $0.outcome != .unchanged }
            return report
        }
        report.steps = try await runner.run(
            steps, cluster: installed.cluster, roles: installed.host.roles.map(\.role)
        ).filter { $0.outcome != .unchanged }
        guard waits else { return report }
        let wait = ClusterWait(
            machine: machine, cluster: installed.cluster, host: installed.host, secrets: installed.secrets,
            notify: notify)
        report.state = try await wait.untilServing(within: limit)
        return report
    }

    /// Without what only `install` does, and without a word to what runs already.
    private func steps(with files: [RenderedFile], within limit: Duration) async throws(NodeFailure) -> [InstallStep] {
        var steps: [InstallStep] = []
        for step in installed.steps(of: files) {
            switch step {
            case .installPackages, .installPatroni, .createUsers: continue
            case .start(let unit, let fingerprint, let action, _):
                if try await installed.machine.services.state(of: unit).isActive { continue }
                steps.append(.start(unit, fingerprint: fingerprint, onChange: action, within: limit))
            default: steps.append(step)
            }
        }
        return steps
    }
}
