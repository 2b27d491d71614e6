import ClusterModel
import Decisions
import HostPorts

/// What became of one service.
package struct ServiceOutcome: Codable, Equatable, Sendable {
    package var role: String
    package var service: String
    package var unit: String
    package var outcome: Outcome
    /// What was found when it served again; nil where nobody waited for that.
    package var state: String?

    package enum Outcome: String, Codable, Sendable {
        case started, stopped, restarted, frozen, thawed
        /// Killed while it was frozen, thawed, and started anew by systemd.
        case fenced
        /// Another member was made leader before this one's restart.
        case handedOver
        /// It was so already.
        case unchanged
        /// Told to systemd, and not waited for.
        case queued
        /// Only in a dry run: it would be done.
        case pending
    }
}

/// Starts, stops, restarts, freezes and thaws services of this host through systemd, and waits until they serve.
package struct ServiceOperator: Sendable {
    package enum Verb: String, Sendable {
        case start, stop, restart, freeze, thaw
    }

    package struct Options: Sendable {
        package var isDryRun = false
        package var waits = true
        package var force = false
        /// Whether all services of the host are meant: then a restart goes in turns.
        package var isWholeHost = false
        /// For a freeze: after so many seconds a timer of systemd thaws; nil for never.
        package var freezeSeconds: Int?
        /// For a freeze: the agent leaves it so.
        package var isObserved = false
        /// For a freeze: also where a watchdog will reset the host.
        package var expectsReset = false
        /// What the timer runs, without the name of the service, e.g. `/usr/local/bin/pgha-node thaw`.
        package var thawCommand: [String] = []
        /// For each service: for systemd's job, and again for the service to answer.
        package var limit: Duration

        package init(limit: Duration) {
            self.limit = limit
        }
    }

    let machine: Machine
    private let cluster: Cluster
    private let host: ClusterHost
    private let secrets: Secrets
    private let wait: ClusterWait
    private let freezer: ServiceFreezer
    private let notify: @Sendable (String) -> Void

    package init(
        machine: Machine, cluster: Cluster, host: ClusterHost, secrets: Secrets,
        notify: @escaping @Sendable (String) -> Void
    ) {
        self.machine = machine
        self.cluster = cluster
        self.host = host
        self.secrets = secrets
        self.wait = ClusterWait(machine: machine, cluster: cluster, host: host, secrets: secrets, notify: notify)
        self.freezer = ServiceFreezer(machine: machine, cluster: cluster, notify: notify)
        self.notify = notify
    }

    /// `services` in start order; they are stopped in the reverse of it. Throws at the first that fails, and says so;
    /// what was done until then stays done.
    package func run(
        _ verb: Verb, _ services: [PlacedService], _ options: Options
    ) async throws(NodeFailure) -> [ServiceOutcome] {
        if verb == .stop || verb == .freeze, !options.force {
            let sight = await StopGuard.look(at: cluster, from: machine)
            if let refusal = sight.refusal(toStop: services, on: host, of: cluster) { throw refusal }
        }
        if verb == .freeze { try await freezer.check(services, expectsReset: options.expectsReset) }
        if verb == .restart, options.isWholeHost {
            let rolling = RollingRestart(
                machine: machine, cluster: cluster, host: host, secrets: secrets, operation: self, notify: notify)
            return try await rolling.run(services, options)
        }
        var outcomes: [ServiceOutcome] = []
        for placed in verb.isDownward ? services.reversed() : services {
            outcomes.append(try await run(verb, placed, options))
        }
        return outcomes
    }

    func run(
        _ verb: Verb, _ placed: PlacedService, _ options: Options
    ) async throws(NodeFailure) -> ServiceOutcome {
        let state = try await machine.services.state(of: placed.unit)
        guard state.load != "not-found" else {
            throw NodeFailure(
                .notFound, "\"\(placed.unit)\" is not installed",
                hint: "Run \"pgha-node install --role \(placed.role)\" first.")
        }
        var outcome = ServiceOutcome(
            role: placed.role.text, service: placed.service.rawValue, unit: placed.unit.text, outcome: .unchanged)
        if try verb.isDone(by: placed.unit, in: state) {
            // Thawed by another program: what was remembered of the freeze is not true any more.
            if verb == .thaw, !options.isDryRun { try FreezeStamp.remove(placed, on: machine) }
            return outcome
        }
        if options.isDryRun {
            outcome.outcome = .pending
            return outcome
        }
        outcome.outcome = try await perform(verb, placed, state, options)
        if !verb.isDownward, options.waits, let assignment = host.roles.first(where: { $0.role == placed.role }) {
            outcome.state = try await wait.untilServing(placed.service, of: assignment, within: options.limit)
        }
        return outcome
    }

    private func perform(
        _ verb: Verb, _ placed: PlacedService, _ state: UnitState, _ options: Options
    ) async throws(NodeFailure) -> ServiceOutcome.Outcome {
        // What is frozen cannot end: depending on its version, systemd refuses such a stop or waits in vain.
        if state.isFrozen, verb == .stop || verb == .restart { try await freezer.thaw(placed) }
        switch verb {
        case .start, .stop, .restart: return try await job(verb, placed.unit, options)
        case .freeze:
            try await freezer.freeze(
                placed, forSeconds: options.freezeSeconds, thenRun: options.thawCommand,
                isObserved: options.isObserved)
            return verb.outcome
        case .thaw: return try await freezer.thaw(placed) ? .fenced : .thawed
        }
    }

    /// A job of systemd, which is followed to its end unless `options` say otherwise.
    func job(
        _ verb: Verb, _ unit: UnitName, _ options: Options
    ) async throws(NodeFailure) -> ServiceOutcome.Outcome {
        notify("\(verb.participle) \(unit)")
        let limit = options.waits ? options.limit : .zero
        do throws(NodeFailure) {
            if verb != .stop { try await machine.services.resetFailed(unit) }
            switch verb {
            case .start: try await machine.services.start(unit, within: limit)
            case .restart: try await machine.services.restart(unit, within: limit)
            case .stop: try await machine.services.stop(unit, within: limit)
            case .freeze, .thaw: break
            }
        } catch  where error.code == .timeout && !options.waits {
            return .queued
        }
        return verb.outcome
    }
}

extension ServiceOperator.Verb {
    /// Whether a service does less afterwards; then what depends on others goes first.
    fileprivate var isDownward: Bool { self == .stop || self == .freeze }

    /// Whether nothing is left to do. Throws where the verb makes no sense now.
    func isDone(by unit: UnitName, in state: UnitState) throws(NodeFailure) -> Bool {
        switch self {
        case .start where state.isFrozen:
            throw NodeFailure(
                .serviceFailed, "\"\(unit)\" is frozen, not stopped", hint: "Run \"pgha-node thaw\" instead.")
        case .start: return state.isActive
        case .stop: return state.isDown
        case .restart: return false
        case .freeze where !state.isActive:
            throw NodeFailure(
                .serviceFailed, "\"\(unit)\" does not run", detail: "It is \"\(state.active)\".",
                hint: "What does not run cannot be frozen.")
        case .freeze: return state.isFrozen
        // What only systemd calls frozen is to be put right.
        case .thaw: return !state.isFrozen && !state.isCalledFrozen
        }
    }

    fileprivate var participle: String {
        switch self {
        case .start: "starting"
        case .stop: "stopping"
        case .restart: "restarting"
        case .freeze: "freezing"
        case .thaw: "thawing"
        }
    }

    fileprivate var outcome: ServiceOutcome.Outcome {
        switch self {
        case .start: .started
        case .stop: .stopped
        case .restart: .restarted
        case .freeze: .frozen
        case .thaw: .thawed
        }
    }
}

extension UnitState {
    /// Nothing of it runs and nothing is about to: one that waits for its restart is not down yet.
    fileprivate var isDown: Bool { active == "inactive" || active == "failed" }
}
