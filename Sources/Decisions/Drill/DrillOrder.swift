import ClusterModel

/// What one agent is asked to break on its host, and for how long; as the path of a request.
package struct DrillOrder: Equatable, Sendable {
    /// Longer than that is no drill.
    package static let longest = 3600
    private static let prefix = "drill"

    package var kind: DrillKind
    package var role: RoleName
    /// 0 where nothing has to be healed.
    package var seconds: Int

    package init(kind: DrillKind, role: RoleName, seconds: Int) {
        self.kind = kind
        self.role = role
        self.seconds = seconds
    }

    package var path: String { "/\(Self.prefix)/\(kind.rawValue)/\(role)/\(seconds)" }

    /// nil for anything but an order as `path` writes it.
    package init?(path: String) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 5, parts[0].isEmpty, parts[1] == Self.prefix, let kind = DrillKind(rawValue: parts[2]),
            let role = RoleName(parts[3]), let seconds = Int(parts[4]), String(seconds) == parts[4],
            (0...Self.longest).contains(seconds), kind.lasts == (seconds > 0), kind != .switchover
        else { return nil }
        self.init(kind: kind, role: role, seconds: seconds)
    }
}

/// The commands by which systemd breaks something and mends it. Each is an absolute path and its arguments.
///
/// systemd runs both, by timers: whoever asked may be cut off or dead by then, and the fault is mended all the same.
package struct DrillPlan: Equatable, Sendable {
    package var fault: [String]
    /// nil where it mends itself.
    package var cure: [String]?

    private static let systemctl = "/usr/bin/systemctl"
    private static let netfilter = "/usr/sbin/nft"
    /// The table of rules that a partition consists of.
    private static let table = "pgha_drill"

    /// `postgres`: process numbers of PostgreSQL in the member's unit, the postmaster's first. `others`: addresses of the other
    /// hosts. `thaw`: the command that thaws a service, but for its name.
    package init(
        _ order: DrillOrder, unit: UnitName?, postgres: [Int32], others: [String], thaw: [String]
    ) {
        let unit = unit?.text ?? ""
        switch order.kind {
        case .switchover, .stop, .zookeeper:
            fault = [Self.systemctl, "stop", unit]
            cure = [Self.systemctl, "start", unit]
        case .kill, .haproxy:
            fault = [Self.systemctl, "kill", "--signal=KILL", "--kill-who=all", unit]
            cure = nil
        case .freeze:
            fault = [Self.systemctl, "freeze", unit]
            cure = thaw + [order.role.text]
        case .hang:
            fault = ["/usr/bin/kill", "-STOP", "--"] + postgres.map(String.init)
            cure = [Self.systemctl, "kill", "--signal=CONT", "--kill-who=all", unit]
        case .hostLoss:
            // reboot(2) at once: nothing is stopped, nothing is written (halt(8), "--force" twice).
            fault = ["/usr/sbin/reboot", "--force", "--force", "--no-sync"]
            cure = nil
        case .partition:
            fault = [Self.netfilter, Self.rules(others)]
            cure = [Self.netfilter, "delete table inet \(Self.table)"]
        }
    }

    /// nft(8). Dropped, not rejected: what is cut off does not answer.
    private static func rules(_ others: [String]) -> String {
        var commands = ["add table inet \(table)"]
        for (chain, direction) in [("incoming", "saddr"), ("outgoing", "daddr")] {
            let hook = chain == "incoming" ? "input" : "output"
            commands.append("add chain inet \(table) \(chain) { type filter hook \(hook) priority 0; }")
            for address in others {
                let family = address.contains(":") ? "ip6" : "ip"
                commands.append("add rule inet \(table) \(chain) \(family) \(direction) \(address) drop")
            }
        }
        return commands.joined(separator: "; ")
    }
}
