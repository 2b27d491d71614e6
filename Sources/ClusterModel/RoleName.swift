/// The name a host takes in the cluster: a database member (`pg1` to `pg9`), `zookeeper` or `haproxy`.
package enum RoleName: Hashable, Sendable {
    /// A database member; the number is 1 to 9.
    case member(Int)
    case zookeeper
    case haproxy

    /// Returns nil unless `text` is one of the names above.
    package init?(_ text: String) {
        switch text {
        case "zookeeper": self = .zookeeper
        case "haproxy": self = .haproxy
        default:
            guard text.utf8.count == 3, text.hasPrefix("pg"), let number = Int(text.dropFirst(2)), number >= 1 else {
                return nil
            }
            self = .member(number)
        }
    }

    package var text: String {
        switch self {
        case .member(let number): "pg\(number)"
        case .zookeeper: "zookeeper"
        case .haproxy: "haproxy"
        }
    }

    package var isMember: Bool {
        if case .member = self { true } else { false }
    }

    /// PostgreSQL's port of this member unless `cluster.yml` says otherwise: 5433 for pg1 and so on.
    package var defaultPostgresPort: Int? {
        if case .member(let number) = self { 5432 + number } else { nil }
    }

    /// The port of this member's Patroni REST API unless `cluster.yml` says otherwise: 8008 for pg1 and so on.
    package var defaultPatroniPort: Int? {
        if case .member(let number) = self { 8007 + number } else { nil }
    }
}

extension RoleName: CustomStringConvertible, Comparable {
    package var description: String { text }

    /// Members by number, then zookeeper, then haproxy.
    package static func < (left: RoleName, right: RoleName) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .member(let number): number
        case .zookeeper: 100
        case .haproxy: 101
        }
    }
}
