import ClusterModel
import Decisions
import HostPorts
import NodeInstaller

/// Something that is not needed any more.
package struct PruneItem: Codable, Equatable, Sendable {
    package enum Kind: String, Codable, Sendable {
        case release = "old release of Patroni"
        case version = "old rendered files"
        case bundle
        case partial = "left over from a killed run"
    }

    package var kind: Kind
    package var path: String
    package var bytes: Int64
}

/// Finds what this host does not need any more, and removes it. Never data.
package struct Pruner: Sendable {
    private let machine: Machine
    private let store: ReceiptStore

    package init(machine: Machine) {
        self.machine = machine
        self.store = ReceiptStore(files: machine.files)
    }

    package func find() async throws(NodeFailure) -> [PruneItem] {
        guard let receipt = try store.load() else {
            throw NodeFailure(
                .notFound, "nothing is installed here", detail: "There is no receipt \"\(ReceiptStore.path)\".")
        }
        var items: [PruneItem] = []
        for path in try await releases(receipt) { items.append(try item(.release, path)) }
        // Names are times, so they sort as times; the newest is the way back.
        for name in try machine.files.names(in: ReceiptStore.versions).sorted(by: Self.isEarlier).dropLast() {
            items.append(try item(.version, "\(ReceiptStore.versions)/\(name)"))
        }
        for path in receipt.bundles ?? [] where try isRemovableBundle(path) { items.append(try item(.bundle, path)) }
        for path in try leftovers(receipt) { items.append(try item(.partial, path)) }
        return items
    }

    package func remove(_ items: [PruneItem]) throws(NodeFailure) {
        for item in items { _ = try machine.files.remove(item.path) }
        guard var receipt = try store.load() else { return }
        let before = receipt
        let gone = Set(items.filter { $0.kind == .bundle }.map(\.path))
        receipt.bundles?.removeAll { gone.contains($0) }
        if receipt != before { try store.save(receipt) }
    }

    /// All but the one that the link leads to, and those that a process of ours still runs from.
    private func releases(_ receipt: Receipt) async throws(NodeFailure) -> [String] {
        // The marker in an environment says which one it is; without it nobody knows what is in use.
        guard let current = try machine.files.text("\(PatroniPaths.link)/.complete") else { return [] }
        var maps = ""
        for name in receipt.units where name.hasPrefix("pgha-patroni@") {
            let process = try await machine.services.state(of: UnitName(name)).mainPID
            if process != 0 { maps += (try? machine.files.text("/proc/\(process)/maps")) ?? "" }
        }
        let directory = "\(PatroniPaths.root)/releases"
        return try machine.files.names(in: directory).map { "\(directory)/\($0)" }
            .filter { $0 != current && !maps.contains("\($0)/") }
    }

    /// A second apply within a second has `-2` behind its time, and `-10` comes after it.
    private static func isEarlier(_ left: String, _ right: String) -> Bool {
        let parts = { (name: String) in
            let words = name.split(separator: "-")
            return (String(words.first ?? ""), words.count > 1 ? Int(words[1]) ?? 0 : 0)
        }
        return parts(left) < parts(right)
    }

    /// A directory with a manifest of ours on a disk of this host, and no mount point, nor with one below it.
    private func isRemovableBundle(_ path: String) throws(NodeFailure) -> Bool {
        guard try machine.files.attributes(path)?.kind == .directory,
            (try? Bundle.open(path, files: machine.files)) != nil
        else { return false }
        let mounts = (try machine.files.text("/proc/self/mounts") ?? "").split(separator: "\n").compactMap { line in
            line.split(separator: " ").dropFirst().first.map(String.init)
        }
        guard !mounts.contains(where: { $0 == path || $0.hasPrefix("\(path)/") }) else { return false }
        let type = try machine.files.space(at: path).type
        let foreign = ["9p", "autofs", "ceph", "cifs", "iso9660", "nfs", "nfs4", "smb3", "squashfs", "udf"]
        return !foreign.contains(type) && !type.hasPrefix("fuse")
    }

    private func leftovers(_ receipt: Receipt) throws(NodeFailure) -> [String] {
        let known = receipt.files + [ReceiptStore.path]
        // The directory of validations stays between runs; what is in it was refused or not come to.
        let refused = try machine.files.names(in: "/run/pgha-validate").map { "/run/pgha-validate/\($0)" }
        let places = known.map(PartialFile.path) + refused + ["/run/pgha-apt-lists", "/run/pgha-bundle.list"]
        var found: [String] = []
        for path in places where try machine.files.exists(path) { found.append(path) }
        return found
    }

    private func item(_ kind: PruneItem.Kind, _ path: String) throws(NodeFailure) -> PruneItem {
        PruneItem(kind: kind, path: path, bytes: try size(of: path))
    }

    private func size(of path: String) throws(NodeFailure) -> Int64 {
        guard let attributes = try machine.files.attributes(path) else { return 0 }
        guard attributes.kind == .directory else { return attributes.size }
        var sum: Int64 = 0
        for name in try machine.files.names(in: path) { sum += try size(of: "\(path)/\(name)") }
        return sum
    }
}
