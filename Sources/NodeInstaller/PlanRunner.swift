import ClusterModel
import ConfigFiles
import Decisions
import HostPorts

/// Runs a plan step by step. Each step is looked at first and left alone if it is done, so a second run changes nothing
/// and a run that was killed is finished by the next one.
package struct PlanRunner: Sendable {
    /// Called before each step that is not done yet with its number and the number of all steps, and after it with the outcome.
    package typealias Progress =
        @Sendable (_ number: Int, _ count: Int, _ step: InstallStep, _ outcome: StepOutcome?) -> Void

    let machine: Machine
    let packages: PackageManager
    let patroni: PatroniInstaller
    let validator: ConfigValidator
    let certificates: CertificateInstaller
    let bundle: Bundle?
    private let store: ReceiptStore
    private let progress: Progress

    package init(machine: Machine, bundle: Bundle?, progress: @escaping Progress) {
        self.machine = machine
        self.packages = PackageManager(machine: machine)
        self.patroni = PatroniInstaller(machine: machine)
        self.validator = ConfigValidator(machine: machine)
        self.certificates = CertificateInstaller(machine: machine)
        self.store = ReceiptStore(files: machine.files)
        self.bundle = bundle
        self.progress = progress
    }

    /// What the plan would do; nothing is changed.
    package func preview(_ steps: [InstallStep]) async throws(NodeFailure) -> [StepReport] {
        let receipt = try store.load()
        var reports: [StepReport] = []
        for step in steps {
            let isDone = try await isDone(step, receipt)
            reports.append(StepReport(step: step.summary, outcome: isDone ? .unchanged : .pending))
        }
        return reports
    }

    package func run(_ steps: [InstallStep], cluster: Cluster, roles: [RoleName]) async throws(NodeFailure)
        -> [StepReport]
    {
        var receipt = try store.load() ?? Receipt(cluster: cluster.name)
        for role in roles { receipt.enter(role: role) }
        var reports: [StepReport] = []
        for (index, step) in steps.enumerated() {
            let outcome: StepOutcome
            if try await isDone(step, receipt) {
                outcome = .unchanged
            } else {
                progress(index + 1, steps.count, step, nil)
                try await enter(step, into: &receipt)
                outcome = try await perform(step, &receipt)
                try store.save(receipt)
            }
            progress(index + 1, steps.count, step, outcome)
            reports.append(StepReport(step: step.summary, outcome: outcome))
        }
        return reports
    }

    /// Enters into the receipt what the step is about to make and that is not there yet.
    private func enter(_ step: InstallStep, into receipt: inout Receipt) async throws(NodeFailure) {
        switch step {
        case .makeDirectory(let directory):
            if directory.holdsData { receipt.enter(dataDirectory: directory.path) }
            if try !machine.files.exists(directory.path) { receipt.enter(directory: directory.path) }
            try enterMissingParents(of: directory.path, into: &receipt)
        case .maskUnit(let unit): try enterMask(of: unit, into: &receipt)
        case .installPackages:
            if receipt.packagesBefore == nil {
                // What an earlier installation brought stays ours.
                let ours = Set(receipt.packages)
                receipt.packagesBefore = try await packages.installed().filter { !ours.contains($0) }
            }
            try enterMissing(users: PackageManager.users, groups: PackageManager.groups, into: &receipt)
        case .createUsers(_, let users):
            try enterMissing(users: users, groups: [], into: &receipt)
        case .installPatroni(let release):
            receipt.enter(file: release.link)
            try enterMissing(PatroniInstaller.controlTool, into: &receipt)
            receipt.enter(directory: PatroniPaths.root)
        case .writeFile(let file, _): try enterMissing(file.path, into: &receipt)
        case .writeUnits(let files), .writeDocuments(let files):
            for file in files { try enterMissing(file.path, into: &receipt) }
        case .issueCertificate:
            for path in AgentCertificate.paths { try enterMissing(path, into: &receipt) }
        case .enable(let units):
            for unit in units { receipt.enter(unit: unit) }
        case .start, .begin: break
        }
        try store.save(receipt)
    }

    /// A mask replaces what is there, so it is made only where nothing is, as `systemctl mask` does.
    private func enterMask(of unit: UnitName, into receipt: inout Receipt) throws(NodeFailure) {
        let path = Self.mask(of: unit)
        if try machine.files.exists(path), !receipt.files.contains(path) {
            throw NodeFailure(
                .conflict, "cannot mask \"\(unit)\": \"\(path)\" exists already",
                detail: "It would collide with the unit of this cluster that runs the same program.",
                hint: "Move the file away, run \"systemctl daemon-reload\" and run the command again.")
        }
        receipt.enter(file: path)
    }

    private func enterMissing(_ file: String, into receipt: inout Receipt) throws(NodeFailure) {
        if try !machine.files.exists(file) { receipt.enter(file: file) }
        try enterMissingParents(of: file, into: &receipt)
    }

    private func enterMissing(users: [String], groups: [String], into receipt: inout Receipt) throws(NodeFailure) {
        let knownUsers = try Accounts.users(in: machine.files)
        let knownGroups = try Accounts.groups(in: machine.files)
        for user in users where !knownUsers.contains(user) { receipt.enter(user: user) }
        for group in groups where !knownGroups.contains(group) { receipt.enter(group: group) }
    }

    /// The file store makes them on the way, so they are ours as well.
    private func enterMissingParents(of path: String, into receipt: inout Receipt) throws(NodeFailure) {
        var parts = path.split(separator: "/").dropLast()
        while !parts.isEmpty {
            let parent = "/" + parts.joined(separator: "/")
            if try machine.files.exists(parent) { return }
            receipt.enter(directory: parent)
            parts = parts.dropLast()
        }
    }

    static func mask(of unit: UnitName) -> String {
        "/etc/systemd/system/\(unit)"
    }
}
