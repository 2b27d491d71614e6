import ClusterModel
import HostPorts

extension FakeServiceManager.State {
    /// Takes over the unit files as they are now, by name and whether they are masks.
    ///
    /// What has gone is forgotten unless it runs.
    mutating func read(_ found: [String: Bool]) {
        templates = Set(found.keys.filter { $0.contains("@.") })
        for unit in fromFiles where found[unit.text] == nil && !templates.contains(unit.template ?? "") {
            if units[unit]?.isActive == true { continue }
            units[unit] = nil
            fromFiles.remove(unit)
        }
        for (name, isMask) in found where !name.contains("@.") {
            let unit = UnitName(name)
            if units[unit] == nil { fromFiles.insert(unit) }
            var known = units[unit] ?? UnitState(load: "loaded", active: "inactive", sub: "dead")
            known.load = isMask ? "masked" : "loaded"
            if isMask {
                known.fileState = "masked"
            } else if known.fileState.isEmpty {
                known.fileState = "disabled"
            }
            units[unit] = known
        }
    }
}

// What systemd itself reads and makes below /etc/systemd/system.
extension InMemoryFileStore {
    private static let directory = "/etc/systemd/system"

    /// Unit files by name, and whether each is a mask; other links are none.
    var unitFiles: [String: Bool] {
        state.withLock { state in
            var found: [String: Bool] = [:]
            for (path, node) in state.nodes where State.parent(of: path) == Self.directory {
                if node.kind == .file { found[State.name(of: path)] = false }
                if node.target == "/dev/null" { found[State.name(of: path)] = true }
            }
            return found
        }
    }

    func linkUnit(_ unit: UnitName) {
        for wants in wantedBy(unit) {
            put(link: "\(wants)/\(unit)", to: "\(Self.directory)/\(unit.template ?? unit.text)")
        }
    }

    func unlinkUnit(_ unit: UnitName) {
        for wants in wantedBy(unit) {
            discard("\(wants)/\(unit)")
            discard(emptyDirectory: wants)
        }
    }

    private func wantedBy(_ unit: UnitName) -> [String] {
        let text = (try? text("\(Self.directory)/\(unit.template ?? unit.text)")) ?? ""
        return text.split(separator: "\n").filter { $0.hasPrefix("WantedBy=") }.map {
            "\(Self.directory)/\($0.dropFirst("WantedBy=".count)).wants"
        }
    }
}

extension UnitName {
    /// `pgha-patroni@.service` for `pgha-patroni@pg1.service`; nil for a unit that is no instance.
    var template: String? {
        guard let at = text.firstIndex(of: "@"), let dot = text.lastIndex(of: ".") else { return nil }
        return String(text[...at] + text[dot...])
    }
}
