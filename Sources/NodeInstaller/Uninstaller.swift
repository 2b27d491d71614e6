import ClusterModel
import Decisions
import HostPorts

/// Undoes the receipt, in reverse. What is not in it stays.
package struct Uninstaller: Sendable {
    private let machine: Machine
    private let store: ReceiptStore
    private let notify: @Sendable (String) -> Void

    package init(machine: Machine, notify: @escaping @Sendable (String) -> Void) {
        self.machine = machine
        self.store = ReceiptStore(files: machine.files)
        self.notify = notify
    }

    /// Removes units, files and packages of the receipt; with `purge` also the data, the secrets and cluster.yml.
    ///
    /// Safe to repeat: the receipt goes last, and as long as data is kept, it stays for that. Returns what was removed, one line each.
    package func run(purge: Bool) async throws(NodeFailure) -> [String] {
        guard let receipt = try store.load() else {
            throw NodeFailure(
                .notFound, "nothing is installed here", detail: "There is no receipt \"\(ReceiptStore.path)\".")
        }
        var removed: [String] = []
        try await stop(receipt, &removed)
        let arePackagesGone = try await removePackages(receipt, purge, &removed)
        for path in receipt.files { try remove(path, &removed) }
        if receipt.files.contains(where: MessageCatalogs.isOne) { await MessageCatalogs.update(machine) }
        // The environments in it have files without end, so they are in no receipt.
        if receipt.directories.contains(PatroniPaths.root) { try remove(PatroniPaths.root, &removed) }
        // Earlier versions of the files have passwords in them.
        if receipt.directories.contains(ReceiptStore.versions) { try remove(ReceiptStore.versions, &removed) }
        try removeDropInDirectories(&removed)
        try await machine.services.reloadUnitFiles()
        for unit in receipt.units { try await machine.services.resetFailed(UnitName(unit)) }
        try removeRunTimeFiles(&removed)
        if purge { try purgeData(receipt, &removed) }
        if purge, arePackagesGone { try await removeAccounts(receipt, &removed) }
        // Deepest first; one that holds something of somebody else stays.
        for path in receipt.directories.sorted().reversed() { try removeEmpty(path, &removed) }
        if purge { try removeEmpty("/etc/pgha", &removed) }
        if let rest = try rest(of: receipt) {
            notify("the data is kept: \(rest.dataDirectories.joined(separator: ", "))")
            try store.save(rest)
        } else {
            try remove(ReceiptStore.path, &removed)
            try removeEmpty(ReceiptStore.directory, &removed)
        }
        return removed
    }

    /// What is still ours: the data, which a later installation takes over and a later purge removes; nil if there is none.
    private func rest(of receipt: Receipt) throws(NodeFailure) -> Receipt? {
        var rest = Receipt(cluster: receipt.cluster)
        for path in receipt.dataDirectories where try !machine.files.names(in: path).isEmpty {
            rest.enter(dataDirectory: path)
        }
        for path in receipt.directories where try machine.files.exists(path) { rest.enter(directory: path) }
        rest.users = receipt.users
        rest.groups = receipt.groups
        return rest.dataDirectories.isEmpty ? nil : rest
    }

    private func stop(_ receipt: Receipt, _ removed: inout [String]) async throws(NodeFailure) {
        // Clients first, the store of the cluster's state last.
        let order = ["pgha-haproxy", "pgha-patroni", "pgha-zookeeper", "pgha-agent"]
        let units = receipt.units.sorted { left, right in
            (order.firstIndex { left.hasPrefix($0) } ?? 9, left) < (
                order.firstIndex { right.hasPrefix($0) } ?? 9, right
            )
        }.map { UnitName($0) }
        for unit in units {
            let state = try await machine.services.state(of: unit)
            guard state.load != "not-found" || state.isActive else { continue }
            notify("stopping \(unit)")
            // The shutdown checkpoint of a large PostgreSQL takes minutes (PostgreSQL documentation, "CHECKPOINT").
            try await machine.services.stop(unit, within: .seconds(600))
            removed.append("unit \(unit)")
        }
        // Those that an earlier run has disabled may have no file any more, and systemd refuses their names.
        var enabled: [UnitName] = []
        for unit in units where try await machine.services.state(of: unit).isEnabled { enabled.append(unit) }
        if !enabled.isEmpty { try await machine.services.disable(enabled) }
    }

    /// Whether none is left; they stay together if a package that is not ours needs one.
    private func removePackages(
        _ receipt: Receipt, _ purge: Bool, _ removed: inout [String]
    ) async throws(NodeFailure) -> Bool {
        let manager = PackageManager(machine: machine)
        // The installation was killed inside apt: what has come half is made whole first, to be seen and removed.
        if receipt.packagesBefore != nil { try await manager.repairInterrupted() }
        let present = Set(try await manager.installed())
        let ours = receipt.packagesBefore.map { present.subtracting($0).sorted() } ?? receipt.packages
        let names = ours.filter { present.contains($0) }
        guard !names.isEmpty else { return true }
        let dependents = try await manager.dependents(onRemovalOf: names)
        guard dependents.isEmpty else {
            notify(
                "packages are kept, because these that are not ours need them: \(dependents.joined(separator: ", "))")
            return false
        }
        notify("removing \(names.count) packages")
        try await manager.remove(names, purge: purge)
        removed += names.map { "package \($0)" }
        // The package of HAProxy makes it at run time, and does not take it along.
        if names.contains("haproxy") { try removeEmpty("/run/haproxy", &removed) }
        return true
    }

    /// Removes a file, a link or a tree, and what a killed write of ours has left beside it (`FileStore.write`).
    private func remove(_ path: String, _ removed: inout [String]) throws(NodeFailure) {
        _ = try machine.files.remove(PartialFile.path(of: path))
        if try machine.files.remove(path) { removed.append(path) }
    }

    private func removeEmpty(_ path: String, _ removed: inout [String]) throws(NodeFailure) {
        let isDirectory = try machine.files.attributes(path)?.kind == .directory
        guard isDirectory, try machine.files.names(in: path).isEmpty else { return }
        do throws(NodeFailure) {
            if try machine.files.remove(path) { removed.append(path) }
        } catch  where error.code == .commandFailed {
            // The place where a file system is mounted cannot be removed, and was not made by us.
        }
    }

    /// systemd keeps `unit.d` and `unit.wants` directories that are empty now.
    private func removeDropInDirectories(_ removed: inout [String]) throws(NodeFailure) {
        let base = "/etc/systemd/system"
        for name in try machine.files.names(in: base) where name.hasPrefix("pgha") {
            try removeEmpty("\(base)/\(name)", &removed)
        }
    }

    private func removeRunTimeFiles(_ removed: inout [String]) throws(NodeFailure) {
        for path in ["/run/pgha", "/run/pgha-validate", "/run/pgha-apt-lists", "/run/pgha-bundle.list"] {
            try remove(path, &removed)
        }
    }

    private func purgeData(_ receipt: Receipt, _ removed: inout [String]) throws(NodeFailure) {
        notify("removing the data, the secrets and cluster.yml")
        for directory in receipt.dataDirectories {
            for name in try machine.files.names(in: directory) { try remove("\(directory)/\(name)", &removed) }
        }
        for path in [
            "/etc/pgha/secrets", "/etc/pgha/cluster.yml", "/etc/pgha/cluster.schema.json", DrillHistory.path,
        ] {
            try remove(path, &removed)
        }
    }

    /// Last, because the data was theirs.
    private func removeAccounts(_ receipt: Receipt, _ removed: inout [String]) async throws(NodeFailure) {
        let users = try Accounts.users(in: machine.files)
        for user in receipt.users where users.contains(user) {
            try await machine.commands.require(Command("/usr/sbin/userdel", [user]))
            removed.append("user \(user)")
        }
        let groups = try Accounts.groups(in: machine.files)
        for group in receipt.groups where groups.contains(group) {
            try await machine.commands.require(Command("/usr/sbin/groupdel", [group]))
            removed.append("group \(group)")
        }
    }
}
