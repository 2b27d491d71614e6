import ClusterModel

/// Refuses a freeze that systemd or the kernel would not let end well.
package enum FreezeGuard {
    /// What is known of a unit before it is frozen.
    package struct Facts: Equatable, Sendable {
        package var unit: UnitName
        package var canFreeze: Bool
        /// WatchdogSec= of the unit; 0 without.
        package var watchdogSeconds: Int
        /// A watchdog device that one of its processes holds open, e.g. `/dev/watchdog`.
        package var device: String?

        package init(unit: UnitName, canFreeze: Bool, watchdogSeconds: Int = 0, device: String? = nil) {
            self.unit = unit
            self.canFreeze = canFreeze
            self.watchdogSeconds = watchdogSeconds
            self.device = device
        }
    }

    /// Of all units before the first one is frozen, so that there is never a half freeze; nil if nothing is in the way.
    package static func refusal(of units: [Facts], expectsReset: Bool) -> NodeFailure? {
        if let unit = units.first(where: { !$0.canFreeze }) {
            return NodeFailure(
                .serviceFailed, "this host cannot freeze \"\(unit.unit)\"",
                detail: "systemd freezes through control groups version 2, and this host does not have them alone "
                    + "(systemctl(1), \"freeze\"). Nothing was frozen.",
                hint: "Boot it with \"systemd.unified_cgroup_hierarchy=1\" on the kernel's command line.")
        }
        guard !expectsReset else { return nil }
        if let unit = units.first(where: { $0.device != nil }), let device = unit.device {
            return NodeFailure(
                .preflightFailed, "a watchdog would reset this host",
                detail:
                    "A process of \"\(unit.unit)\" holds \"\(device)\" open, and could not feed it while it is frozen.",
                hint:
                    "Set \"watchdog: mode: off\" for Patroni, or add \"--expect-reset\" if the reset is what you want.")
        }
        if let unit = units.first(where: { $0.watchdogSeconds > 0 }) {
            // systemd before 258 counts on while the unit is frozen, and leaves it dead and frozen (systemd#38517).
            return NodeFailure(
                .preflightFailed, "systemd would kill \"\(unit.unit)\" while it is frozen",
                detail: "It has a watchdog of \(unit.watchdogSeconds) s (WatchdogSec=).",
                hint: "Take it out of the unit's drop-in, or add \"--expect-reset\".")
        }
        return nil
    }
}
