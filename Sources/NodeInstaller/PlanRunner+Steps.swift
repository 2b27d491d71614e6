import ClusterModel
import ConfigFiles
import Decisions
import HostPorts

extension PlanRunner {
    /// Whether the host is already as the step would leave it; changes nothing.
    func isDone(_ step: InstallStep, _ receipt: Receipt?) async throws(NodeFailure) -> Bool {
        switch step {
        case .makeDirectory(let directory):
            let found = try machine.files.attributes(directory.path)
            let isInPlace =
                found?.kind == .directory && found?.owner == directory.fileOwner && found?.mode == directory.mode
            // One that somebody else has made for our data still has to be entered.
            return isInPlace && (!directory.holdsData || receipt?.dataDirectories.contains(directory.path) == true)
        case .maskUnit(let unit): return try await machine.services.state(of: unit).load == "masked"
        case .installPackages(let names):
            return try await packages.missing(of: names).isEmpty && receipt?.packagesBefore == nil
        case .createUsers(_, let users):
            return try Accounts.users(in: machine.files).isSuperset(of: users)
        case .installPatroni(let release): return try patroni.isInstalled(release)
        case .writeFile(let file, _): return try isInPlace(file)
        case .writeUnits(let files):
            for file in files where try !isInPlace(file) { return false }
            return files.allSatisfy { receipt?.applied[$0.path] == Self.fingerprint([$0]) }
        case .writeDocuments(let files):
            for file in files where try !isInPlace(file) { return false }
            return true
        case .issueCertificate(let wanted): return try certificates.isInPlace(wanted)
        case .enable(let units):
            for unit in units where try await !machine.services.state(of: unit).isEnabled { return false }
            return true
        case .begin(let unit, let fingerprint):
            guard try await machine.services.state(of: unit).isUp else { return false }
            return fingerprint.isEmpty || receipt?.applied[unit.text] == fingerprint
        case .start(let unit, let fingerprint, _, _):
            guard try await machine.services.state(of: unit).isActive else { return false }
            return fingerprint.isEmpty || receipt?.applied[unit.text] == fingerprint
        }
    }

    func perform(_ step: InstallStep, _ receipt: inout Receipt) async throws(NodeFailure) -> StepOutcome {
        switch step {
        case .makeDirectory(let directory):
            return outcome(
                try machine.files.makeDirectory(directory.path, owner: directory.fileOwner, mode: directory.mode))
        case .maskUnit(let unit):
            let outcome = outcome(try machine.files.link(Self.mask(of: unit), to: "/dev/null"))
            try await machine.services.reloadUnitFiles()
            return outcome
        case .installPackages(let names):
            try await packages.install(names, from: bundle)
            // `enter` has just written down what was there before; without that list nothing counts as ours.
            let installed = try await packages.installed()
            let before = Set(receipt.packagesBefore ?? installed)
            receipt.packages = installed.filter { !before.contains($0) }
            receipt.packagesBefore = nil
            return .installed
        case .createUsers(let file, _):
            try await machine.commands.require(Command("/usr/bin/systemd-sysusers", [file]))
            return .created
        case .installPatroni(let release):
            let isToolOurs = receipt.files.contains(PatroniInstaller.controlTool)
            try await patroni.install(release, from: bundle, isToolOurs: isToolOurs)
            return .installed
        case .writeFile(let file, let check):
            if let check { try await validator.validate(file, with: check) }
            return try write(file)
        case .writeUnits(let files):
            return try await writeUnits(files, &receipt)
        case .writeDocuments(let files):
            let outcomes = try files.map { file throws(NodeFailure) in try write(file) }
            if files.contains(where: { MessageCatalogs.isOne($0.path) }) { await MessageCatalogs.update(machine) }
            return outcomes.contains(.updated) ? .updated : .created
        case .issueCertificate(let wanted): return outcome(try certificates.issue(wanted))
        case .enable(let units):
            try await machine.services.enable(units)
            try await machine.services.reloadUnitFiles()
            return .enabled
        case .begin(let unit, let fingerprint):
            let isUp = try await machine.services.state(of: unit).isUp
            try await machine.services.resetFailed(unit)
            try await machine.services.begin(isUp ? .restart : .start, unit)
            if !fingerprint.isEmpty { receipt.applied[unit.text] = fingerprint }
            return isUp ? .restarted : .started
        case .start(let unit, let fingerprint, let onChange, let limit):
            return try await start(unit, fingerprint, onChange, limit, &receipt)
        }
    }

    private func writeUnits(_ files: [RenderedFile], _ receipt: inout Receipt) async throws(NodeFailure) -> StepOutcome
    {
        try await validator.validateUnits(files)
        var outcomes: [StepOutcome] = []
        for file in files { outcomes.append(try write(file)) }
        try await machine.services.reloadUnitFiles()
        // Remembered, because a run killed between the files and the reload leaves files that look done.
        for file in files { receipt.applied[file.path] = Self.fingerprint([file]) }
        return outcomes.contains(.updated) ? .updated : .created
    }

    private func start(
        _ unit: UnitName, _ fingerprint: String, _ onChange: ChangeAction, _ limit: Duration, _ receipt: inout Receipt
    ) async throws(NodeFailure) -> StepOutcome {
        let outcome: StepOutcome
        if try await machine.services.state(of: unit).isActive {
            switch onChange {
            case .reload:
                try await machine.services.reload(unit, within: limit)
                outcome = .reloaded
            case .restart:
                try await machine.services.restart(unit, within: limit)
                outcome = .restarted
            }
        } else {
            try await machine.services.resetFailed(unit)
            try await machine.services.start(unit, within: limit)
            outcome = .started
        }
        if !fingerprint.isEmpty { receipt.applied[unit.text] = fingerprint }
        // A process that is new has read everything that an interrupted apply wrote.
        if outcome != .reloaded { receipt.owed?[unit.text] = nil }
        return outcome
    }

    private func isInPlace(_ file: RenderedFile) throws(NodeFailure) -> Bool {
        guard let found = try machine.files.attributes(file.path), found.kind == .file else { return false }
        guard found.owner == FileOwner(file.owner, file.group), found.mode == file.mode else { return false }
        return try machine.files.read(file.path) == Array(file.contents.utf8)
    }

    private func write(_ file: RenderedFile) throws(NodeFailure) -> StepOutcome {
        let directory = file.path.split(separator: "/").dropLast().joined(separator: "/")
        if try !machine.files.exists("/" + directory) {
            _ = try machine.files.makeDirectory("/" + directory, owner: .root, mode: 0o755)
        }
        return outcome(
            try machine.files.write(
                Array(file.contents.utf8), to: file.path, owner: FileOwner(file.owner, file.group), mode: file.mode))
    }

    private func outcome(_ outcome: WriteOutcome) -> StepOutcome {
        switch outcome {
        case .created: .created
        case .updated: .updated
        case .unchanged: .unchanged
        }
    }

    /// One hash over paths and contents, in order.
    package static func fingerprint(_ files: [RenderedFile]) -> String {
        Checksum.sha256(Array(files.map { "\($0.path)\n\($0.contents)" }.joined(separator: "\n").utf8))
    }
}

extension InstallDirectory {
    fileprivate var fileOwner: FileOwner { FileOwner(owner, group) }
}
