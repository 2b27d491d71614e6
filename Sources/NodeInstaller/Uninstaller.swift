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
    /// Safe to repeat: the receipt goes last. Returns what was removed, one line each.
    package func run(purge: Bool) async throws(NodeFailure) -> [String] {
        guard let receipt = try store.load() else {
            throw NodeFailure(
                .notFound, "nothing is installed here", detail: "There is no receipt \"\(ReceiptStore.path)\".")
        }
        var removed: [String] = []
        try await stop(receipt, &removed)
        try await removePackages(receipt, purge, &removed)
        for path in receipt.files + [PatroniPaths.root] where try machine.files.remove(path) { removed.append(path) }
        try removeDropInDirectories(&removed)
        try await machine.services.reloadUnitFiles()
        for unit in receipt.units { try await machine.services.resetFailed(UnitName(unit)) }
        try removeRunTimeFiles(&removed)
        if purge { try await purgeData(receipt, &removed) }
        // Deepest first; one that holds something of somebody else stays.
        for path in receipt.directories.sorted().reversed() { try removeEmpty(path, &removed) }
        try store.remove()
        removed.append(ReceiptStore.path)
        try removeEmpty(ReceiptStore.directory, &removed)
        return removed
    }

    private func stop(_ receipt: Receipt, _ removed: inout [String]) async throws(NodeFailure) {
        // Clients first, the store of the cluster's state last.
        let order = ["pgha-haproxy", "pgha-patroni", "pgha-zookeeper"]
        let units = receipt.units.sorted { left, right in
            (order.firstIndex { left.hasPrefix($0) } ?? 9, left) < (order.firstIndex { right.hasPrefix($0) } ?? 9, right)
        }
        for unit in units {
            notify("stopping \(unit)")
            // The shutdown checkpoint of a large PostgreSQL takes minutes (PostgreSQL documentation, "CHECKPOINT").
            let state = try await machine.services.state(of: UnitName(unit))
            guard state.load != "not-found" else { continue }
            try await machine.services.stop(UnitName(unit), within: .seconds(600))
        }
        let known = try await machine.services.unitFiles(matching: ["pgha*"])
        guard !known.isEmpty else { return }
        try await machine.services.disable(units.map { UnitName($0) })
        removed += units.map { "unit \($0)" }
    }

    private func removePackages(_ receipt: Receipt, _ purge: Bool, _ removed: inout [String]) async throws(NodeFailure) {
        let manager = PackageManager(machine: machine)
        let present = Set(try await manager.installed())
        var ours = receipt.packages
        if let before = receipt.packagesBefore {
            // The installation was killed inside apt: what came since it began is ours.
            ours = present.subtracting(before).sorted()
        }
        let names = ours.filter { present.contains($0) }
        guard !names.isEmpty else { return }
        let dependents = try await manager.dependents(onRemovalOf: names)
        guard dependents.isEmpty else {
            notify("packages are kept, because these that are not ours need them: \(dependents.joined(separator: ", "))")
            return
        }
        notify("removing \(names.count) packages")
        try await manager.remove(names, purge: purge)
        removed += names.map { "package \($0)" }
    }

    private func removeEmpty(_ path: String, _ removed: inout [String]) throws(NodeFailure) {
        guard try machine.files.exists(path), try machine.files.names(in: path).isEmpty else { return }
        if try machine.files.remove(path) { removed.append(path) }
    }

    /// systemd keeps `unit.d` and `unit.wants` directories that are empty now.
    private func removeDropInDirectories(_ removed: inout [String]) throws(NodeFailure) {
        let base = "/etc/systemd/system"
        for name in try machine.files.names(in: base) where name.hasPrefix("pgha") {
            try removeEmpty("\(base)/\(name)", &removed)
        }
    }

    private func removeRunTimeFiles(_ removed: inout [String]) throws(NodeFailure) {
        for path in ["/run/pgha", "/run/pgha-validate", "/run/pgha-apt-lists", "/run/pgha-bundle.list"]
        where try machine.files.remove(path) {
            removed.append(path)
        }
    }

    private func purgeData(_ receipt: Receipt, _ removed: inout [String]) async throws(NodeFailure) {
        notify("removing the data, the secrets and cluster.yml")
        for path in receipt.dataDirectories + ["/etc/pgha"] where try machine.files.remove(path) {
            removed.append(path)
        }
        for user in ["zookeeper"] {
            // A user that the package of the same name made would be in no receipt of ours; sysusers made this one.
            if receipt.files.contains(where: { $0.hasPrefix("/etc/sysusers.d/") }) {
                _ = try await machine.commands.run(Command("/usr/sbin/userdel", [user]))
                removed.append("user \(user)")
            }
        }
    }
}
