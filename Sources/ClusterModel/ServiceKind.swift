/// A service of ours; a role runs one or more of them, each in a unit of its own.
package enum ServiceKind: String, CaseIterable, Codable, Hashable, Sendable {
    case zookeeper
    case patroni
    case haproxy

    /// The unit that runs this service for `role`, e.g. `pgha-patroni@pg1.service`.
    package func unit(for role: RoleName) -> UnitName {
        UnitName("pgha-\(rawValue)@\(role).service")
    }
}

/// The name of a systemd unit, e.g. `pgha-patroni@pg1.service`.
package struct UnitName: Hashable, Sendable, CustomStringConvertible, Comparable {
    package let text: String

    package init(_ text: String) {
        self.text = text
    }

    package static let target = UnitName("pgha.target")
    /// One on every host, whatever its roles.
    package static let agent = UnitName("pgha-agent.service")

    package var description: String { text }

    package static func < (left: UnitName, right: UnitName) -> Bool { left.text < right.text }
}

extension UnitName {
    /// `pgha-patroni@pg1.service` is the service `patroni` of the role `pg1`; both are empty for a unit that is none of ours.
    package var place: (service: String, role: String) {
        guard text.hasPrefix("pgha-"), let end = text.lastIndex(of: ".") else { return ("", "") }
        let name = text[text.index(text.startIndex, offsetBy: 5)..<end]
        guard let at = name.firstIndex(of: "@") else { return (String(name), "") }
        return (String(name[..<at]), String(name[name.index(after: at)...]))
    }
}
