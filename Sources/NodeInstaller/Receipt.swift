import ClusterModel
import Foundation
import HostPorts

/// Everything the installer created on this host, so that uninstall removes that and nothing else.
///
/// A thing is entered before it is made: a run that is killed leaves at worst an entry for something that is not there.
package struct Receipt: Codable, Equatable, Sendable {
    static let currentFormat = 1

    package var format = Receipt.currentFormat
    package var cluster: String
    package var roles: [String] = []
    /// Files and links.
    package var files: [String] = []
    /// Directories of ours, removed when they are empty.
    package var directories: [String] = []
    /// Directories with the user's data, emptied only by `uninstall --purge`.
    package var dataDirectories: [String] = []
    /// Users that came with us, removed only by `uninstall --purge`: the data is theirs.
    package var users: [String] = []
    /// Groups that came with us without a user of the same name; removed with the users.
    package var groups: [String] = []
    /// Units that were enabled.
    package var units: [String] = []
    /// Names of all packages that were there before the first installation; gone once `packages` is known.
    package var packagesBefore: [String]?
    /// Packages that came with us, dependencies included.
    package var packages: [String] = []
    /// Hash of the configuration that a unit was last started or reloaded with, by unit, and of the unit files that
    /// systemd was last told to read, by path.
    package var applied: [String: String] = [:]
    /// What an apply still owes to a unit, e.g. `restart`, written down before the first file is replaced: a run that is
    /// killed between the two leaves files that no longer differ. Not in receipts of earlier versions.
    package var owed: [String: String]?
    /// Bundles that this host was installed from.
    package var bundles: [String]?

    package init(cluster: String) {
        self.cluster = cluster
    }
}

/// Where the receipt is kept.
package struct ReceiptStore: Sendable {
    package static let directory = "/var/lib/pgha"
    package static let path = "\(directory)/receipt.json"

    /// Where `apply` keeps what it replaces.
    package static let versions = "\(directory)/rendered"

    private let files: any FileStore

    package init(files: any FileStore) {
        self.files = files
    }

    /// The receipt, or nil on a host that has none.
    package func load() throws(NodeFailure) -> Receipt? {
        guard let bytes = try files.read(Self.path) else { return nil }
        guard let receipt = try? JSONDecoder().decode(Receipt.self, from: Data(bytes)),
            receipt.format == Receipt.currentFormat
        else {
            throw NodeFailure(
                .invalidConfiguration, "\"\(Self.path)\" is damaged",
                detail: "It is not a receipt that this version of pgha-node can read.",
                hint: "Restore it from a backup, or move it away and run \"pgha-node install\" again.")
        }
        return receipt
    }

    package func save(_ receipt: Receipt) throws(NodeFailure) {
        _ = try files.makeDirectory(Self.directory, owner: .root, mode: 0o755)
        // Its hashes are of files with passwords in them.
        _ = try files.write(try JSONText.bytes(of: receipt), to: Self.path, owner: .root, mode: 0o600)
    }

    /// For `prune`.
    package func remember(bundle path: String) throws(NodeFailure) {
        guard var receipt = try load() else { return }
        let before = receipt
        receipt.enter(bundle: path)
        if receipt != before { try save(receipt) }
    }

    package func remove() throws(NodeFailure) {
        _ = try files.remove(Self.path)
    }
}

extension Receipt {
    package mutating func enter(bundle path: String) {
        var known = bundles ?? []
        Self.insert(path, into: &known)
        bundles = known
    }
    mutating func enter(file path: String) { Self.insert(path, into: &files) }
    package mutating func enter(directory path: String) { Self.insert(path, into: &directories) }
    mutating func enter(dataDirectory path: String) { Self.insert(path, into: &dataDirectories) }
    mutating func enter(user: String) { Self.insert(user, into: &users) }
    mutating func enter(group: String) { Self.insert(group, into: &groups) }
    mutating func enter(unit: UnitName) { Self.insert(unit.text, into: &units) }
    mutating func enter(role: RoleName) { Self.insert(role.text, into: &roles) }

    private static func insert(_ text: String, into list: inout [String]) {
        if !list.contains(text) { list.append(text) }
    }
}

/// JSON as we write it everywhere: keys sorted, slashes plain, one value a line, a newline at the end.
package enum JSONText {
    package static func bytes(of value: some Encodable) throws(NodeFailure) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do {
            return try Array(encoder.encode(value)) + [UInt8(ascii: "\n")]
        } catch {
            throw NodeFailure(.internalError, "could not write JSON", detail: "\(error)")
        }
    }

    package static func text(of value: some Encodable) throws(NodeFailure) -> String {
        String(decoding: try bytes(of: value), as: UTF8.self)
    }
}
