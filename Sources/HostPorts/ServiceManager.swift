import ClusterModel

/// A unit as systemd shows it; the words are systemd's own.
package struct UnitState: Equatable, Sendable {
    /// e.g. `loaded`, `not-found`, `masked`.
    package var load: String
    /// e.g. `active`, `inactive`, `failed`, `activating`.
    package var active: String
    /// e.g. `running`, `dead`, `auto-restart`.
    package var sub: String
    /// e.g. `enabled`, `disabled`, `masked`; empty for a unit without a file.
    package var fileState: String
    /// e.g. `running`, `frozen`.
    package var freezer: String
    /// e.g. `success`, `exit-code`.
    package var result: String
    /// Microseconds since 1970 when the unit entered its active state; 0 if it never did.
    package var activeSince: UInt64
    /// 0 if there is none.
    package var mainPID: UInt32
    /// Below the root of cgroup v2, e.g. `/pgha.slice/pgha-patroni@pg1.service`; empty while nothing of it runs.
    package var controlGroup = ""
    /// Whether systemd can freeze it: a kernel with cgroup v2 alone, and a unit with processes.
    package var canFreeze = true
    /// Seconds after which systemd kills a service that says nothing (WatchdogSec=); 0 without.
    package var watchdogSeconds = 0

    package init(
        load: String,
        active: String,
        sub: String,
        fileState: String = "",
        freezer: String = "running",
        result: String = "success",
        activeSince: UInt64 = 0,
        mainPID: UInt32 = 0
    ) {
        self.load = load
        self.active = active
        self.sub = sub
        self.fileState = fileState
        self.freezer = freezer
        self.result = result
        self.activeSince = activeSince
        self.mainPID = mainPID
    }

    package var isActive: Bool { active == "active" }
    /// Whether nothing of it runs or is about to.
    package var isDown: Bool { ["inactive", "failed"].contains(active) }
    /// Also one that has started and does not call itself ready yet.
    package var isUp: Bool { ["active", "activating", "reloading"].contains(active) }
    /// What the kernel says of the unit's processes (cgroup.events, "frozen"); nil where it was not asked.
    package var isFrozenByKernel: Bool?

    /// Freezing and thawing count as frozen; systemd has no word at all where the kernel has no freezer.
    ///
    /// The kernel's word counts: systemd 252 calls a unit frozen for ever that was killed while frozen and has been
    /// started anew (systemd#37569).
    package var isFrozen: Bool { isFrozenByKernel ?? isCalledFrozen }
    /// systemd's own word.
    package var isCalledFrozen: Bool { !freezer.isEmpty && freezer != "running" }
    package var isEnabled: Bool { fileState.hasPrefix("enabled") }
}

/// A unit file that systemd knows, whether loaded or not.
package struct UnitFile: Equatable, Sendable {
    package var unit: UnitName
    /// e.g. `enabled`, `disabled`, `masked`.
    package var state: String

    package init(unit: UnitName, state: String) {
        self.unit = unit
        self.state = state
    }
}

/// A command that systemd runs later (systemd-run(1), "--on-active").
package struct TransientTimer: Equatable, Sendable {
    /// Of its units, without the suffix.
    package var name: String
    package var description: String
    /// An absolute path and its arguments.
    package var command: [String]
    package var after: Duration

    package init(name: String, description: String, command: [String], after: Duration) {
        self.name = name
        self.description = description
        self.command = command
        self.after = after
    }
}

/// What systemd can be told to do with a unit without being waited for.
package enum UnitJob: String, Sendable {
    case start
    case restart
}

/// systemd's manager. Each of start, stop, restart and reload returns when its job has ended.
package protocol ServiceManager: Sendable {
    /// Its version as the manager says it, e.g. `252 (252.39-1~deb12u1)`.
    func version() async throws(NodeFailure) -> String
    func state(of unit: UnitName) async throws(NodeFailure) -> UnitState
    /// Unit files whose name matches one of the patterns (glob(7)).
    func unitFiles(matching patterns: [String]) async throws(NodeFailure) -> [UnitFile]
    /// Throws `.serviceFailed` if the job ends otherwise than `done`, `.timeout` if it has not ended within the limit.
    func start(_ unit: UnitName, within limit: Duration) async throws(NodeFailure)
    func stop(_ unit: UnitName, within limit: Duration) async throws(NodeFailure)
    func restart(_ unit: UnitName, within limit: Duration) async throws(NodeFailure)
    /// Queues a job and does not wait for its end.
    func begin(_ job: UnitJob, _ unit: UnitName) async throws(NodeFailure)
    /// Reloads the unit's configuration, or restarts it where it cannot reload.
    func reload(_ unit: UnitName, within limit: Duration) async throws(NodeFailure)
    /// Returns when no process of the unit runs any more until `thaw`. Throws `.serviceFailed` where systemd cannot.
    func freeze(_ unit: UnitName) async throws(NodeFailure)
    func thaw(_ unit: UnitName) async throws(NodeFailure)
    /// Sends SIGKILL to all processes of the unit, frozen or not, whatever its KillMode; does not wait for their end.
    func kill(_ unit: UnitName) async throws(NodeFailure)
    /// A timer of systemd's own that runs a command once and leaves nothing behind; it is lost at a reboot.
    /// Throws `.conflict` if one of that name is waiting.
    func startTimer(_ timer: TransientTimer) async throws(NodeFailure)
    /// Ends a timer that waits; no error if none does.
    func stopTimer(_ name: String) async throws(NodeFailure)
    func enable(_ units: [UnitName]) async throws(NodeFailure)
    func disable(_ units: [UnitName]) async throws(NodeFailure)
    /// Makes systemd read all unit files again (`systemctl daemon-reload`).
    func reloadUnitFiles() async throws(NodeFailure)
    /// Forgets a failed state, so that a start is not refused by its rate limit.
    func resetFailed(_ unit: UnitName) async throws(NodeFailure)
}

/// A line of the journal.
package struct JournalEntry: Equatable, Sendable {
    /// Microseconds since 1970.
    package var time: UInt64
    package var message: String
    package var identifier: String

    package init(time: UInt64, message: String, identifier: String) {
        self.time = time
        self.message = message
        self.identifier = identifier
    }
}

package protocol JournalReader: Sendable {
    /// The last `count` entries of a unit, oldest first; empty where the journal has none.
    func tail(of unit: UnitName, count: Int) async throws(NodeFailure) -> [JournalEntry]
}
