import ClusterModel
import Decisions
import HostOperations
import HostPorts
import NodeInstaller

/// The result of `down`.
package struct DownReport: Codable, Equatable, Sendable {
    package var cluster: String
    package var isDryRun: Bool
    package var stopped: [String]
    /// Files, directories and data, one path each.
    package var removed: [String]
    package var kept: [String]
}

/// Stops this host's services and removes their units and rendered files; the data stays, unless it is purged.
package struct HostStopper: Sendable {
    package struct Options: Sendable {
        package var isDryRun = false
        package var force = false
        package var purge = false
        package var limit: Duration

        package init(limit: Duration) {
            self.limit = limit
        }
    }

    private let machine: Machine
    private let cluster: Cluster
    private let host: ClusterHost
    private let notify: @Sendable (String) -> Void
    private let store: ReceiptStore

    package init(
        machine: Machine, cluster: Cluster, host: ClusterHost, notify: @escaping @Sendable (String) -> Void
    ) {
        self.machine = machine
        self.cluster = cluster
        self.host = host
        self.notify = notify
        self.store = ReceiptStore(files: machine.files)
    }

    package func run(_ options: Options) async throws(NodeFailure) -> DownReport {
        guard var receipt = try store.load() else {
            throw NodeFailure(
                .notFound, "nothing is installed here", detail: "There is no receipt \"\(ReceiptStore.path)\".")
        }
        // As systemd stops a target: what depends on others first.
        let placed = host.placedServices.reversed().map(\.unit).filter { receipt.units.contains($0.text) }
        // What cluster.yml does not have any more goes as well; its unit file is about to.
        let others = receipt.units.map { UnitName($0) }.filter { $0 != .target && $0 != .agent && !placed.contains($0) }
        let units = placed + others
        let running = try await running(units)
        try await refuse(running, options)
        let files = receipt.files.filter(HostFiles.isRendered)
        var report = DownReport(
            cluster: receipt.cluster, isDryRun: options.isDryRun, stopped: running.map(\.text), removed: [], kept: [])
        if options.isDryRun {
            for path in files where try machine.files.exists(path) { report.removed.append(path) }
            if options.purge { report.removed += try data(of: receipt) }
            report.kept = options.purge ? [] : receipt.dataDirectories
            return report
        }
        try await FrozenUnits.thaw(of: receipt, on: machine, cluster: cluster, notify: notify)
        try await stop(receipt, running, options.limit)
        for path in files { try remove(path, &report.removed) }
        try await forget(files, in: &receipt, &report.removed)
        if options.purge {
            for path in try data(of: receipt) { try remove(path, &report.removed) }
        } else {
            report.kept = receipt.dataDirectories
        }
        return report
    }

    private func running(_ units: [UnitName]) async throws(NodeFailure) -> [UnitName] {
        var running: [UnitName] = []
        for unit in units where try await !machine.services.state(of: unit).isDown {
            running.append(unit)
        }
        return running
    }

    private func refuse(_ running: [UnitName], _ options: Options) async throws(NodeFailure) {
        let services = host.placedServices.filter { running.contains($0.unit) }
        guard !options.force, !services.isEmpty else { return }
        let sight = await StopGuard.look(at: cluster, from: machine)
        if let refusal = sight.refusal(toStop: services, on: host, of: cluster) { throw refusal }
    }

    private func stop(_ receipt: Receipt, _ running: [UnitName], _ limit: Duration) async throws(NodeFailure) {
        for unit in running {
            notify("stopping \(unit)")
            try await machine.services.stop(unit, within: limit)
        }
        let others = receipt.units.map { UnitName($0) }
        // The agent last: it makes the stop of a leader quick. The target may still wait for it to be ready.
        for unit in [UnitName.agent, .target] where others.contains(unit) {
            let state = try await machine.services.state(of: unit)
            guard state.load == "loaded", unit == .target || !state.isDown else {
                continue
            }
            try await machine.services.stop(unit, within: limit)
        }
        var enabled: [UnitName] = []
        for unit in others where try await machine.services.state(of: unit).isEnabled { enabled.append(unit) }
        if !enabled.isEmpty { try await machine.services.disable(enabled) }
    }

    /// The receipt last: a run that is killed before finds in it what is left to do.
    private func forget(
        _ files: [String], in receipt: inout Receipt, _ removed: inout [String]
    ) async throws(NodeFailure) {
        let directories = receipt.directories.filter { HostFiles.isRendered($0) && !$0.hasPrefix("/etc/pgha/secrets") }
        for path in directories.sorted().reversed() { try removeEmpty(path, &removed) }
        for name in try machine.files.names(in: "/etc/systemd/system") where name.hasPrefix("pgha") {
            try removeEmpty("/etc/systemd/system/\(name)", &removed)
        }
        try await machine.services.reloadUnitFiles()
        for unit in receipt.units { try await machine.services.resetFailed(UnitName(unit)) }
        receipt.files.removeAll { files.contains($0) }
        let units = Set(receipt.units)
        receipt.applied = receipt.applied.filter { !units.contains($0.key) && !files.contains($0.key) }
        receipt.owed = nil
        try store.save(receipt)
    }

    private func data(of receipt: Receipt) throws(NodeFailure) -> [String] {
        var paths: [String] = []
        for directory in receipt.dataDirectories {
            paths += try machine.files.names(in: directory).map { "\(directory)/\($0)" }
        }
        return paths
    }

    private func remove(_ path: String, _ removed: inout [String]) throws(NodeFailure) {
        _ = try machine.files.remove(PartialFile.path(of: path))
        if try machine.files.remove(path) { removed.append(path) }
    }

    private func removeEmpty(_ path: String, _ removed: inout [String]) throws(NodeFailure) {
        let isDirectory = try machine.files.attributes(path)?.kind == .directory
        guard isDirectory, try machine.files.names(in: path).isEmpty else { return }
        try remove(path, &removed)
    }
}
