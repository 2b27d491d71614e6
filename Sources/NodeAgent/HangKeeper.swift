import ClusterModel
import Decisions
import HostOperations
import HostPorts

/// Watches whether PostgreSQL of a leader on this host lives. One that hangs is worse than one that is dead: Patroni's session goes
/// on in a thread of its own, so that the lease never ends, and nobody else leads.
struct HangKeeper: Sendable {
    let context: AgentContext
    let board: LeaderBoard
    let processes: MemberProcesses
    let replace: @Sendable (_ after: Duration) async -> Outcome

    enum Outcome: Equatable {
        case replaced
        /// It was not touched.
        case left(ReleaseRules.Refusal)
        /// ZooKeeper or systemd did not do their part, which is in the journal.
        case failed
    }

    private var role: RoleName { processes.role }
    /// While in doubt.
    private static let pace = Duration.milliseconds(100)
    /// While it lives. Costs no time in a hang: what had no processor between two looks had none since the first of them.
    private static let calmPace = Duration.milliseconds(250)
    /// While there is no leader on this host.
    private static let idlePace = Duration.milliseconds(500)

    func run() async {
        let elapsed = context.machine.clock.stopwatch()
        let reader = LifeReader(context: context, processes: processes)
        let knocks = Knocks()
        var subject: (process: Int32, group: String)?
        var watch = Self.watch(context)
        var episode = Episode()
        var pace = Self.idlePace
        var looks = 0
        while await (pace == Self.pace ? context.pause(pace) : context.beat(pace)) {
            looks += 1
            // Whether postmaster.pid names another one by now; that it is gone shows at once.
            let known = looks % 4 == 0 ? nil : subject?.process
            guard await board.sight.member == role, let process = known ?? processes.postmaster() else {
                (subject, pace) = (nil, Self.idlePace)
                continue
            }
            pace = Self.pace
            if subject?.process != process {
                watch = Self.watch(context)
                episode.end()
                let state = try? await context.machine.services.state(of: processes.unit)
                subject = (process, state?.controlGroup ?? "")
            }
            let knock = await knocks.result(at: elapsed()) { await reader.knock() }
            guard let group = subject?.group, let signs = reader.signs(of: process, in: group, knock: knock) else {
                subject = nil
                continue
            }
            switch watch.handle(signs, at: elapsed()) {
            case .alive:
                pace = Self.calmPace
                episode.end()
            case .suspected(let cause, let age):
                if episode.begin() { context.ports.events.record(AgentEvents.suspected(role, cause, age)) }
            case .hung(let cause, let age):
                guard !isObserved(signs), episode.mayAct(at: elapsed()) else { continue }
                await act(cause, age, &episode, elapsed())
            }
        }
    }

    private func act(
        _ cause: HangWatch.Cause, _ age: Duration, _ episode: inout Episode, _ now: Duration
    ) async {
        if episode.isFirst { context.ports.events.record(AgentEvents.hung(role, cause, age)) }
        let outcome = await replace(age)
        if case .left(let refusal) = outcome, episode.refusal != refusal {
            context.ports.events.record(AgentEvents.leftToPatroni(role, refusal))
        }
        episode.note(outcome, at: now)
    }

    private static func watch(_ context: AgentContext) -> HangWatch {
        HangWatch(suspicion: .milliseconds(context.cluster.agent.suspicion))
    }

    /// Frozen by `pgha-node freeze --observe`.
    private func isObserved(_ signs: LifeSigns) -> Bool {
        signs.isFrozen && FreezeStamp.isObserved(PlacedService(.patroni, of: role), on: context.machine)
    }
}

/// One hang from its first suspicion to its end, so that each thing is said and done once.
struct Episode {
    private var limit = FenceLimit()
    private var isBegun = false
    private var next = Duration.zero
    private(set) var isFirst = true
    private(set) var refusal: ReleaseRules.Refusal?

    /// true the first time.
    mutating func begin() -> Bool {
        defer { isBegun = true }
        return !isBegun
    }

    mutating func end() {
        isBegun = false
        isFirst = true
        refusal = nil
        next = .zero
    }

    /// Who was left alone is looked at again each two seconds: a replica may have come up meanwhile.
    func mayAct(at now: Duration) -> Bool { now >= next && limit.allows(at: now) }

    mutating func note(_ outcome: HangKeeper.Outcome, at now: Duration) {
        isFirst = false
        next = now + .seconds(2)
        refusal = if case .left(let refusal) = outcome { refusal } else { nil }
        if outcome == .replaced { limit.note(at: now) }
    }
}

/// A knock each two seconds, which must not hold up the looks in between.
private actor Knocks {
    private var last: PostgresKnock?
    private var isUnderway = false
    /// For each of them PostgreSQL makes a process.
    private static let pace = Duration.seconds(2)
    private var next = Knocks.pace

    /// What has come since the last call, each answer once.
    func result(at now: Duration, _ knock: @escaping @Sendable () async -> PostgresKnock) -> PostgresKnock? {
        defer { last = nil }
        if !isUnderway, now >= next {
            isUnderway = true
            next = now + Self.pace
            Task { self.came(await knock()) }
        }
        return last
    }

    private func came(_ result: PostgresKnock) {
        last = result
        isUnderway = false
    }
}
