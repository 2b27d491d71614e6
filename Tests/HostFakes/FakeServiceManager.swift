import ClusterModel
import Glibc
import HostPorts

/// systemd with units in a table. What is not in the table is `not-found`, and cannot be started or enabled.
///
/// Where it is given a file store, unit files below /etc/systemd/system are known too, but only from the next
/// `reloadUnitFiles` on, as with the real one; a link to /dev/null is a masked unit. Enabling makes the links there.
package final class FakeServiceManager: ServiceManager {
    struct State {
        var version = "252 (252.39-1~deb12u1)"
        var units: [UnitName: UnitState] = [:]
        var templates: Set<String> = []
        /// Those of `units` that are there because of a file, and not because a test has set them.
        var fromFiles: Set<UnitName> = []
        var failures: [String: NodeFailure] = [:]
        var calls: [String] = []
        var timers: [TransientTimer] = []
        var kill = KillPoint()
    }

    private let state = Locked(State())
    private let killEffect = Locked<(@Sendable (inout UnitState) -> Void)?>(nil)
    private let files: InMemoryFileStore?

    package init(files: InMemoryFileStore? = nil) {
        self.files = files
    }

    package func set(_ unit: String, _ new: UnitState) {
        state.withLock { $0.units[UnitName(unit)] = new }
    }

    /// A unit of that file state, e.g. `enabled`, running or not.
    package func set(_ unit: String, active: Bool, fileState: String = "enabled") {
        set(
            unit,
            UnitState(
                load: fileState == "masked" ? "masked" : "loaded", active: active ? "active" : "inactive",
                sub: active ? "running" : "dead", fileState: fileState))
    }

    /// What becomes of a unit that is killed, besides that its processes are gone.
    package func onKill(_ effect: @escaping @Sendable (inout UnitState) -> Void) {
        killEffect.withLock { $0 = effect }
    }

    package func setVersion(_ version: String) {
        state.withLock { $0.version = version }
    }

    /// Every later call of that line, e.g. `start pgha-patroni@pg1.service`, throws `failure`; nil ends that.
    package func fail(_ line: String, with failure: NodeFailure?) {
        state.withLock { $0.failures[line] = failure }
    }

    /// The call after the next `count` calls that change something is the last one of a run that is killed.
    package func die(afterCalls count: Int, _ moment: KillMoment) {
        state.withLock { $0.kill = KillPoint(afterCalls: count, moment) }
    }

    /// Calls that change something, oldest first, e.g. `enable pgha.target`, `reload-unit-files`.
    package var calls: [String] { state.withLock { $0.calls } }

    /// All known units, sorted, e.g. `pgha.target loaded active enabled`; for comparing two moments.
    package var units: [String] {
        state.withLock { state in
            state.units.map { "\($0.key) \($0.value.load) \($0.value.active) \($0.value.fileState)" }.sorted()
        }
    }

    package func version() async throws(NodeFailure) -> String {
        try state.withLock { state throws(NodeFailure) in
            if let failure = state.failures["version"] { throw failure }
            return state.version
        }
    }

    package func state(of unit: UnitName) async throws(NodeFailure) -> UnitState {
        try state.withLock { state throws(NodeFailure) in
            if let failure = state.failures["state \(unit)"] { throw failure }
            return Self.find(unit, in: state) ?? UnitState(load: "not-found", active: "inactive", sub: "dead")
        }
    }

    package func unitFiles(matching patterns: [String]) async throws(NodeFailure) -> [UnitFile] {
        try state.withLock { state throws(NodeFailure) in
            if let failure = state.failures["unit-files"] { throw failure }
            return state.units
                .filter { unit, known in
                    !known.fileState.isEmpty && patterns.contains { fnmatch($0, unit.text, 0) == 0 }
                }
                .map { UnitFile(unit: $0.key, state: $0.value.fileState) }
                .sorted { $0.unit < $1.unit }
        }
    }

    package func start(_ unit: UnitName, within limit: Duration) async throws(NodeFailure) {
        try change("start", unit) {
            $0.active = "active"; $0.sub = "running"
        }
    }

    package func stop(_ unit: UnitName, within limit: Duration) async throws(NodeFailure) {
        try change("stop", unit) {
            $0.active = "inactive"; $0.sub = "dead"
        }
    }

    package func restart(_ unit: UnitName, within limit: Duration) async throws(NodeFailure) {
        try change("restart", unit) {
            $0.active = "active"; $0.sub = "running"
        }
    }

    package func begin(_ job: UnitJob, _ unit: UnitName) async throws(NodeFailure) {
        try change("begin \(job.rawValue) of", unit) {
            $0.active = "active"; $0.sub = "running"
        }
    }

    package func reload(_ unit: UnitName, within limit: Duration) async throws(NodeFailure) {
        try change("reload", unit) { _ in }
    }

    package func freeze(_ unit: UnitName) async throws(NodeFailure) {
        try change("freeze", unit) {
            $0.freezer = "frozen"
            if $0.isFrozenByKernel != nil { $0.isFrozenByKernel = true }
        }
    }

    package func thaw(_ unit: UnitName) async throws(NodeFailure) {
        try change("thaw", unit) {
            $0.freezer = "running"
            if $0.isFrozenByKernel != nil { $0.isFrozenByKernel = false }
        }
    }

    package func kill(_ unit: UnitName) async throws(NodeFailure) {
        let effect = killEffect.withLock { $0 }
        try change("kill", unit) {
            $0.controlGroup = ""
            effect?(&$0)
        }
    }

    /// Timers that wait.
    package var timers: [TransientTimer] { state.withLock { $0.timers } }

    package func startTimer(_ timer: TransientTimer) async throws(NodeFailure) {
        try state.withLock { state throws(NodeFailure) in
            try Self.record("start \(timer.name).timer", in: &state) { $0.timers.append(timer) }
        }
    }

    package func stopTimer(_ name: String) async throws(NodeFailure) {
        try state.withLock { state throws(NodeFailure) in
            guard state.timers.contains(where: { $0.name == name }) else { return }
            try Self.record("stop \(name).timer", in: &state) { $0.timers.removeAll { $0.name == name } }
        }
    }

    package func enable(_ units: [UnitName]) async throws(NodeFailure) {
        for unit in units {
            try change("enable", unit) {
                $0.fileState = "enabled"
                files?.linkUnit(unit)
            }
        }
    }

    package func disable(_ units: [UnitName]) async throws(NodeFailure) {
        for unit in units {
            try change("disable", unit) {
                $0.fileState = "disabled"
                files?.unlinkUnit(unit)
            }
        }
    }

    /// A unit that is not known has no failed state to forget; that is no error.
    package func resetFailed(_ unit: UnitName) async throws(NodeFailure) {
        try state.withLock { state throws(NodeFailure) in
            try Self.record("reset-failed \(unit)", in: &state) { state in
                if state.units[unit]?.active == "failed" { state.units[unit]?.active = "inactive" }
            }
        }
    }

    package func reloadUnitFiles() async throws(NodeFailure) {
        let found = files?.unitFiles ?? [:]
        try state.withLock { state throws(NodeFailure) in
            try Self.record("reload-unit-files", in: &state) { $0.read(found) }
        }
    }

    private func change(
        _ verb: String, _ unit: UnitName, _ effect: (inout UnitState) -> Void
    ) throws(NodeFailure) {
        try state.withLock { state throws(NodeFailure) in
            try Self.record("\(verb) \(unit)", in: &state) { state throws(NodeFailure) in
                guard var known = Self.find(unit, in: state) else {
                    throw NodeFailure(.serviceFailed, "could not \(verb) \"\(unit)\": Unit \(unit) not found.")
                }
                if known.load == "masked", verb == "start" || verb == "restart" || verb == "enable" {
                    throw NodeFailure(.serviceFailed, "could not \(verb) \"\(unit)\": Unit \(unit) is masked.")
                }
                effect(&known)
                if state.units[unit] == nil { state.fromFiles.insert(unit) }
                state.units[unit] = known
            }
        }
    }

    private static func record(
        _ line: String, in state: inout State, _ effect: (inout State) throws(NodeFailure) -> Void
    ) throws(NodeFailure) {
        state.calls.append(line)
        let kill = state.kill.next()
        if kill == .before { throw KillPoint.failure }
        if let failure = state.failures[line] { throw failure }
        try effect(&state)
        if kill == .after { throw KillPoint.failure }
    }

    private static func find(_ unit: UnitName, in state: State) -> UnitState? {
        if let known = state.units[unit] { return known }
        guard let template = unit.template, state.templates.contains(template) else { return nil }
        return UnitState(load: "loaded", active: "inactive", sub: "dead", fileState: "disabled")
    }
}
