import ClusterModel
import Decisions
import HostPorts

/// Freezes services of this host and thaws them so that no old leader answers a write.
package struct ServiceFreezer: Sendable {
    private let machine: Machine
    private let cluster: Cluster
    private let notify: @Sendable (String) -> Void

    package init(machine: Machine, cluster: Cluster, notify: @escaping @Sendable (String) -> Void) {
        self.machine = machine
        self.cluster = cluster
        self.notify = notify
    }

    /// Stops all processes of the unit where they are; what it was doing it goes on with after a thaw.
    ///
    /// Not for what is frozen already: the time of that would be forgotten.
    /// With `seconds`, a timer of systemd runs `command` with the service's name after that time, whatever becomes of us.
    /// With `isObserved`, the agent keeps its hands off, so that one can watch what the lease alone does.
    package func freeze(
        _ placed: PlacedService, forSeconds seconds: Int? = nil, thenRun command: [String] = [],
        isObserved: Bool = false
    ) async throws(NodeFailure) {
        notify("freezing \(placed.unit)" + (seconds.map { ", to be thawed in \(TimeSpan.text(ofSeconds: $0))" } ?? ""))
        // Before, so that a thaw never takes a long freeze for a short one.
        try FreezeStamp.write(placed, forSeconds: seconds, isObserved: isObserved, on: machine)
        do throws(NodeFailure) {
            // Before as well: a freeze without the timer would last for ever, a timer without the freeze does nothing.
            if let seconds { try await setTimer(for: placed, seconds, command) }
            try await machine.services.freeze(placed.unit)
        } catch {
            try? FreezeStamp.remove(placed, on: machine)
            try? await machine.services.stopTimer(Self.timer(of: placed))
            throw error
        }
    }

    private func setTimer(
        for placed: PlacedService, _ seconds: Int, _ command: [String]
    ) async throws(NodeFailure) {
        try await machine.services.stopTimer(Self.timer(of: placed))
        try await machine.services.startTimer(
            TransientTimer(
                name: Self.timer(of: placed), description: "Thaws \(placed.unit)", command: command + [placed.name],
                after: .seconds(seconds)))
    }

    /// Throws before anything is frozen if one of the services cannot be, or a watchdog stands behind it.
    package func check(_ services: [PlacedService], expectsReset: Bool) async throws(NodeFailure) {
        var facts: [FreezeGuard.Facts] = []
        for placed in services {
            let state = try await machine.services.state(of: placed.unit)
            guard state.isActive, !state.isFrozen else { continue }
            let processes = try machine.files.text("/sys/fs/cgroup\(state.controlGroup)/cgroup.procs") ?? ""
            let device = processes.split(separator: "\n").compactMap { Int32($0) }
                .flatMap { machine.system.openFiles(of: $0) }.first { $0.hasPrefix("/dev/watchdog") }
            facts.append(
                FreezeGuard.Facts(
                    unit: placed.unit, canFreeze: state.canFreeze, watchdogSeconds: state.watchdogSeconds,
                    device: device))
        }
        if let refusal = FreezeGuard.refusal(of: facts, expectsReset: expectsReset) { throw refusal }
    }

    private static func timer(of placed: PlacedService) -> String {
        "pgha-thaw-\(placed.role)-\(placed.service.rawValue)"
    }

    /// Whether it was killed first; then systemd starts it anew.
    @discardableResult
    package func thaw(_ placed: PlacedService) async throws(NodeFailure) -> Bool {
        guard try await machine.services.state(of: placed.unit).isFrozen else {
            // It runs; nothing of it may be killed.
            try FreezeStamp.remove(placed, on: machine)
            try await correctSystemd(placed.unit)
            return false
        }
        var isKilled = false
        if placed.service == .patroni {
            let decision = ThawDecision(for: placed.role, await facts(of: placed), ttl: cluster.patroni.ttl)
            if case .killFirst(let reason) = decision {
                notify("killing \(placed.unit) before it wakes up: \(reason)")
                try await Self.kill(placed.unit, on: machine)
                isKilled = true
            }
        }
        notify("thawing \(placed.unit)")
        do throws(NodeFailure) {
            try await machine.services.thaw(placed.unit)
        } catch {
            // systemd may have seen the end of what was killed already, by us or by somebody else, and starts it anew: nothing
            // is left to thaw.
            let state = try await machine.services.state(of: placed.unit)
            guard !state.isActive || !state.isFrozen else { throw error }
        }
        try FreezeStamp.remove(placed, on: machine)
        try await machine.services.stopTimer(Self.timer(of: placed))
        try await correctSystemd(placed.unit)
        return isKilled
    }

    /// What was killed while frozen and is started anew may still be called frozen by systemd; it takes a thaw only when the
    /// unit is active again, and that is some seconds later (RestartSec=).
    private func correctSystemd(_ unit: UnitName) async throws(NodeFailure) {
        for _ in 0..<50 {
            let state = try await machine.services.state(of: unit)
            if !state.isCalledFrozen { return }
            if state.isActive { try? await machine.services.thaw(unit) }
            do {
                try await machine.clock.sleep(for: .milliseconds(100))
            } catch {
                return
            }
        }
    }

    /// Kills while frozen, and thaws only when no process is left that could answer (cgroup v2, "cgroup.freeze": a frozen
    /// process dies of SIGKILL at once).
    package static func kill(_ unit: UnitName, on machine: Machine) async throws(NodeFailure) {
        let group = try await machine.services.state(of: unit).controlGroup
        try await machine.services.kill(unit)
        for _ in 0..<200 {
            let processes = try machine.files.text("/sys/fs/cgroup\(group)/cgroup.procs") ?? ""
            if processes.isEmpty { return }
            do {
                try await machine.clock.sleep(for: .milliseconds(50))
            } catch {
                break
            }
        }
        throw NodeFailure(
            .serviceFailed, "\"\(unit)\" was killed and does not die",
            detail: "It stays frozen, because as it is it could answer as a leader that it may no longer be.",
            hint: "Look at the processes in \"/sys/fs/cgroup\(group)/cgroup.procs\", then thaw again.")
    }

    private func facts(of placed: PlacedService) async -> ThawDecision.Facts {
        let data = cluster.directories.postgres(of: placed.role)
        // PostgreSQL's documentation, "standby.signal"; "promote" is what pg_ctl leaves for a replica to be promoted.
        let follows = (try? machine.files.exists("\(data)/standby.signal")) == true
        let isPromoted = (try? machine.files.exists("\(data)/promote")) != false
        return ThawDecision.Facts(
            leaders: await leaders(seenByOthersThan: placed.role), isReplica: follows && !isPromoted,
            frozenSeconds: FreezeStamp.seconds(of: placed, on: machine))
    }

    private func leaders(seenByOthersThan role: RoleName) async -> [RoleName?] {
        let machine = machine
        return await withTaskGroup(of: (hasAnswered: Bool, leader: RoleName?).self) { group in
            for member in cluster.placements(of: .patroni) where member.role != role {
                guard let port = member.assignment.patroniPort else { continue }
                group.addTask {
                    let members = try? await machine.patroni.members(
                        seenBy: member.host.address, port: port, within: .seconds(2))
                    let leader = members?.first { $0.role == "leader" }
                    return (members != nil, leader.flatMap { RoleName($0.name) })
                }
            }
            return await group.reduce(into: []) { if $1.hasAnswered { $0.append($1.leader) } }
        }
    }
}

/// Since when a service is frozen, until when, and whether the agent shall leave it so; systemd does not remember.
package enum FreezeStamp {
    private static let observed = "observed"

    static func write(
        _ placed: PlacedService, forSeconds seconds: Int?, isObserved: Bool, on machine: Machine
    ) throws(NodeFailure) {
        guard let now = uptime(of: machine) else {
            throw NodeFailure(.internalError, "could not read \"/proc/uptime\"")
        }
        _ = try machine.files.makeDirectory("/run/pgha/\(placed.role)", owner: .root, mode: 0o755)
        let until = (seconds.map { " \(now + $0)" } ?? "") + (isObserved ? " \(observed)" : "")
        _ = try machine.files.write(Array("\(now)\(until)\n".utf8), to: path(of: placed), owner: .root, mode: 0o644)
    }

    static func remove(_ placed: PlacedService, on machine: Machine) throws(NodeFailure) {
        _ = try machine.files.remove(path(of: placed))
    }

    /// nil where it was not `pgha-node freeze` that froze it.
    static func seconds(of placed: PlacedService, on machine: Machine) -> Int? {
        guard let since = numbers(of: placed, on: machine).first, let now = uptime(of: machine) else { return nil }
        return max(0, now - since)
    }

    /// Until its timer thaws it; nil where none will.
    static func secondsLeft(of placed: PlacedService, on machine: Machine) -> Int? {
        let numbers = numbers(of: placed, on: machine)
        guard numbers.count == 2, let now = uptime(of: machine) else { return nil }
        return max(0, numbers[1] - now)
    }

    /// Whether it was frozen to see what the cluster does without its agent.
    package static func isObserved(_ placed: PlacedService, on machine: Machine) -> Bool {
        words(of: placed, on: machine).contains(observed)
    }

    private static func numbers(of placed: PlacedService, on machine: Machine) -> [Int] {
        words(of: placed, on: machine).compactMap { Int($0) }
    }

    private static func words(of placed: PlacedService, on machine: Machine) -> [String] {
        let text = (try? machine.files.text(path(of: placed))) ?? ""
        return text.split(whereSeparator: \.isWhitespace).map(String.init)
    }

    private static func path(of placed: PlacedService) -> String {
        "/run/pgha/\(placed.role)/\(placed.service.rawValue).frozen"
    }

    /// Whole seconds since the boot: a clock that nobody sets (proc_uptime(5)).
    private static func uptime(of machine: Machine) -> Int? {
        (try? machine.files.text("/proc/uptime")).flatMap { Int($0.prefix { $0.isNumber }) }
    }
}
