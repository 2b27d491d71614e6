import ClusterModel
import ConfigFiles
import Decisions
import Foundation
import HostPorts

/// The cluster-wide settings of Patroni: what cluster.yml wants of them, and what is in ZooKeeper.
struct ClusterSettings: Sendable {
    /// What the pseudo-file is called in a report.
    static let name = "cluster-wide settings (in ZooKeeper)"

    /// Settings to change as `path: value` lines, and the JSON for `PATCH /config`.
    struct Difference: Sendable {
        var change: FileChange
        /// Paths, e.g. `postgresql.parameters.max_connections`.
        var paths: Set<String>
        var patches: [String]
    }

    /// nil if they are as they should be. `formerly` is the patroni.yml of before: a setting that only it has was ours.
    static func difference(
        of cluster: Cluster, from found: [UInt8], formerly: String?
    ) throws(NodeFailure) -> Difference? {
        let wantedJSON = ConfigRenderer.dynamicConfiguration(of: cluster)
        let wanted = try leaves(of: Array(wantedJSON.utf8))
        let present = try leaves(of: found)
        let prefix = "bootstrap.dcs."
        let old = ConfigPaths.settings(in: formerly ?? "").filter { $0.key.hasPrefix(prefix) }
        let gone = old.keys.map { String($0.dropFirst(prefix.count)) }.filter { path in
            wanted[path] == nil && present[path] == old[prefix + path].map(unquoted)
        }.sorted()
        let changed = wanted.filter { present[$0.key] != $0.value }.map(\.key)
        let paths = Set(changed).union(gone)
        guard !paths.isEmpty else { return nil }
        let lines = { (values: [String: String]) in
            paths.sorted().compactMap { path in values[path].map { "\(path): \($0)\n" } }.joined()
        }
        let change = FileChange(path: name, before: lines(present), after: lines(wanted))
        let patches = (changed.isEmpty ? [] : [wantedJSON]) + gone.map(removal)
        return Difference(change: change, paths: paths, patches: patches)
    }

    private static func unquoted(_ text: String) -> String {
        text.filter { $0 != "\"" }
    }

    /// A JSON merge patch: null removes (RFC 7396).
    private static func removal(of path: String) -> String {
        path.split(separator: ".").reversed().reduce("null") { "{\"\($1)\": \($0)}" }
    }

    private static func leaves(of json: [UInt8]) throws(NodeFailure) -> [String: String] {
        guard let value = try? JSONDecoder().decode(JSONValue.self, from: Data(json)) else {
            throw NodeFailure(.unreachable, "Patroni's configuration is not JSON")
        }
        var found: [String: String] = [:]
        value.collect(into: &found, below: "")
        return found
    }
}

/// Any JSON, as far as its leaves can be told as text.
private enum JSONValue: Decodable {
    case object([String: JSONValue])
    case list([JSONValue])
    case leaf(String)

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let object = try? container.decode([String: JSONValue].self) {
            self = .object(object)
        } else if let list = try? container.decode([JSONValue].self) {
            self = .list(list)
        } else if let flag = try? container.decode(Bool.self) {
            self = .leaf(flag ? "true" : "false")
        } else if let number = try? container.decode(Int64.self) {
            self = .leaf(String(number))
        } else if let number = try? container.decode(Double.self) {
            self = .leaf(String(number))
        } else if let text = try? container.decode(String.self) {
            self = .leaf(text)
        } else {
            self = .leaf("null")
        }
    }

    func collect(into found: inout [String: String], below path: String) {
        switch self {
        case .object(let fields):
            for (key, value) in fields { value.collect(into: &found, below: path.isEmpty ? key : "\(path).\(key)") }
        case .list(let items):
            for (index, item) in items.enumerated() { item.collect(into: &found, below: "\(path).\(index)") }
        case .leaf(let text): found[path] = text
        }
    }
}
