import ClusterModel
import ConfigFiles
import Decisions
import HostOperations
import HostPorts
import NodeInstaller

/// Brings a running host to what cluster.yml says, at the least price.
///
/// All new files are judged by the components before the first one is replaced; what is owed to each unit is in the receipt
/// before the first one is replaced, so that a run that was killed is finished by the next one.
package struct Applier: Sendable {
    package struct Options: Sendable {
        package var isDryRun = false
        /// Also what is an outage.
        package var force = false
        /// Also files that somebody has changed by hand.
        package var overwrite = false
        package var limit: Duration

        package init(limit: Duration) {
            self.limit = limit
        }
    }

    let installed: InstalledHost
    let notify: @Sendable (String) -> Void
    private let progress: PlanRunner.Progress
    let store: ReceiptStore

    var machine: Machine { installed.machine }

    package init(
        _ installed: InstalledHost, notify: @escaping @Sendable (String) -> Void,
        progress: @escaping PlanRunner.Progress
    ) {
        self.installed = installed
        self.notify = notify
        self.progress = progress
        self.store = ReceiptStore(files: installed.machine.files)
    }

    package func run(_ options: Options) async throws(NodeFailure) -> ApplyReport {
        try await installed.refuseFrozen()
        let plan = try await plan(options)
        var report = report(of: plan, options)
        if options.isDryRun { return report }
        try refuse(plan, options)
        try await validate(plan)
        try await write(plan, &report)
        let wait = ClusterWait(
            machine: machine, cluster: installed.cluster, host: installed.host, secrets: installed.secrets,
            notify: notify)
        for (index, action) in plan.actions.enumerated() where action.isRunning {
            try await perform(action, plan, options)
            report.actions[index].outcome = .done
            // Before the next one: two services that are down at a time are more than one.
            guard let assignment = installed.host.roles.first(where: { $0.role == action.placed.role }) else {
                continue
            }
            report.state.append(
                try await wait.untilServing(action.placed.service, of: assignment, within: options.limit))
        }
        try await restartAgent(plan, &report)
        return report
    }

    /// The plan, after a wait for what is only in the way for a moment.
    private func plan(_ options: Options) async throws(NodeFailure) -> ApplyPlan {
        let elapsed = machine.clock.stopwatch()
        // Patroni's leader chooses a synchronous replica in one round of its loop and names it in the next.
        let patience = min(options.limit, .seconds(4 * installed.cluster.patroni.loopWait))
        var hasSaid = false
        while true {
            let plan = try await ApplyPlan.make(for: installed)
            let passing = plan.actions.first { $0.judgement.passes }?.judgement.refusal
            guard let passing, !options.force, !options.isDryRun, elapsed() < patience else { return plan }
            if !hasSaid { notify("waiting for a synchronous replica: \(passing.message)") }
            hasSaid = true
            do {
                try await machine.clock.sleep(for: .milliseconds(500))
            } catch {
                throw NodeFailure(
                    .interrupted, "interrupted while waiting for a synchronous replica", hint: "Nothing was changed.")
            }
        }
    }

    private func report(of plan: ApplyPlan, _ options: Options) -> ApplyReport {
        var report = ApplyReport(
            cluster: installed.cluster.name, host: installed.host.name, isDryRun: options.isDryRun, impact: plan.impact)
        let changes = plan.changes + (plan.settings.map { [$0.change] } ?? [])
        report.files = changes.map {
            ApplyReport.File(path: $0.path, change: $0.kind, isChangedByHand: $0.isChangedByHand, diff: $0.diff)
        }
        report.actions = plan.actions.map { action in
            ApplyReport.Action(
                unit: action.placed.unit.text, action: action.action, impact: action.judgement.impact,
                candidate: action.judgement.candidate?.text, outcome: action.isRunning ? .pending : .notRunning)
        }
        if plan.restartsAgent {
            report.actions.append(
                ApplyReport.Action(unit: UnitName.agent.text, action: .restart, impact: .none, outcome: .pending))
        }
        report.notes = plan.notes
        if plan.actions.contains(where: { !$0.isRunning }) {
            report.notes.append("what does not run is started by \"pgha-node up\"")
        }
        return report
    }

    private func refuse(_ plan: ApplyPlan, _ options: Options) throws(NodeFailure) {
        let byHand = plan.changes.filter(\.isChangedByHand).map(\.path)
        if !byHand.isEmpty, !options.overwrite {
            throw NodeFailure(
                .preflightFailed, "changes that were made by hand would be lost",
                detail: "They are in \(byHand.map { "\"\($0)\"" }.joined(separator: ", ")).",
                hint:
                    "Look at them with \"--dry-run\", put what you need into cluster.yml or a drop-in, and add \"--overwrite\". "
                    + "The files as they are will be kept below \"\(ReceiptStore.versions)\".")
        }
        if options.force { return }
        for action in plan.actions {
            if let refusal = action.judgement.refusal { throw refusal }
        }
    }

    private func validate(_ plan: ApplyPlan) async throws(NodeFailure) {
        let validator = ConfigValidator(machine: machine)
        let changed = Set(plan.changes.map(\.path))
        for step in installed.steps(of: installed.rendered) {
            switch step {
            case .writeFile(let file, let check?) where changed.contains(file.path):
                try await validator.validate(file, with: check, among: installed.rendered)
            case .writeUnits(let files) where files.contains(where: { changed.contains($0.path) }):
                try await validator.validateUnits(files)
            default: continue
            }
        }
    }

    private func write(_ plan: ApplyPlan, _ report: inout ApplyReport) async throws(NodeFailure) {
        try owe(plan)
        report.kept = try PreviousVersions(machine: machine).keep(plan.changes)
        if let settings = plan.settings { try await change(settings) }
        var steps: [InstallStep] = []
        for step in installed.steps(of: installed.rendered) where step.isFileWork {
            // They were judged already.
            if case .writeFile(let file, _) = step {
                steps.append(.writeFile(file, check: nil))
            } else {
                steps.append(step)
            }
        }
        let runner = PlanRunner(machine: machine, bundle: nil, progress: progress)
        _ = try await runner.run(steps, cluster: installed.cluster, roles: installed.host.roles.map(\.role))
        let gone = plan.changes.filter { $0.kind == .removed }.map(\.path)
        guard !gone.isEmpty else { return try settle(plan) }
        for path in gone { _ = try machine.files.remove(path) }
        try await machine.services.reloadUnitFiles()
        guard var receipt = try store.load() else { return }
        receipt.files.removeAll { gone.contains($0) }
        for path in gone { receipt.applied[path] = nil }
        try store.save(receipt)
        try settle(plan)
    }

    private func owe(_ plan: ApplyPlan) throws(NodeFailure) {
        guard var receipt = try store.load(), !plan.isEmpty else { return }
        for action in plan.actions where action.isRunning {
            receipt.owed = receipt.owed ?? [:]
            receipt.owed?[action.placed.unit.text] = action.action.rawValue
        }
        let keeps = plan.changes.contains { $0.before != nil }
        if keeps, try !machine.files.exists(ReceiptStore.versions) { receipt.enter(directory: ReceiptStore.versions) }
        try store.save(receipt)
    }

    /// Remembers as taken what a unit needs not be told of, so that the next `install` does not tell it either.
    private func settle(_ plan: ApplyPlan) throws(NodeFailure) {
        let acted = Set(plan.actions.map(\.placed.unit))
        for placed in installed.host.placedServices where !acted.contains(placed.unit) {
            try done(placed.unit)
        }
    }

    /// Enters that the unit runs with the files that are there now.
    func done(_ unit: UnitName) throws(NodeFailure) {
        guard var receipt = try store.load() else { return }
        let before = receipt
        receipt.owed?[unit.text] = nil
        for case .start(unit, let fingerprint, _, _) in installed.steps(of: installed.rendered)
        where receipt.applied[unit.text] != nil {
            receipt.applied[unit.text] = fingerprint
        }
        if receipt != before { try store.save(receipt) }
    }
}
