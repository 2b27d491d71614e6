import ClusterModel
import Decisions
import HostOperations
import HostPorts

/// Sees to it that a replica of this host streams, or says why it does not.
struct ReplicaKeeper: Sendable {
    let context: AgentContext
    let board: LeaderBoard
    let role: RoleName

    /// Patroni's states in which it is at work on nothing; a recovery after a crash ("starting") may take long and shows no progress.
    private static let idle = ["running", "stopped", "crashed", "start failed", "stop failed"]
    private var unit: UnitName { ServiceKind.patroni.unit(for: role) }

    func run() async {
        // Patroni 3.0 does not say whether a replica streams (patroni/api.py), and a guess is no reason to throw data away.
        guard context.cluster.patroni.source != .distribution else { return }
        let elapsed = context.machine.clock.stopwatch()
        var healing = ReplicaHealing()
        while await context.beat(.seconds(2)) {
            for action in healing.handle(await sight(), at: elapsed()) { await perform(action) }
        }
    }

    func sight() async -> ReplicaHealing.Sight {
        var sight = ReplicaHealing.Sight(
            replica: .excused, leaderIsHealthy: false, otherCopies: 0, isInMaintenance: false)
        guard let leader = await board.sight.member, leader != role else { return sight }
        guard let own = await status(of: role), own.role == "replica", Self.idle.contains(own.state) else {
            return sight
        }
        sight.isInMaintenance = own.isPaused
        // The usual case ends here, with one question: the others, and systemd, are asked about one that does not stream.
        guard own.replicationState != "streaming" else {
            sight.replica = .streaming
            return sight
        }
        guard let state = try? await context.machine.services.state(of: unit), state.isActive, !state.isFrozen else {
            return sight
        }
        let others = await runningOthers()
        sight.otherCopies = others.count
        if others[leader]?.role == "primary" {
            sight.leaderIsHealthy = await context.isWritable(leader, within: .seconds(2))
        }
        sight.replica = .silent(position: own.walPosition, timeline: own.timeline)
        return sight
    }

    private func runningOthers() async -> [RoleName: PatroniStatus] {
        await withTaskGroup(of: (RoleName, PatroniStatus?).self) { group in
            for placement in context.cluster.placements(of: .patroni) where placement.role != role {
                group.addTask { (placement.role, await status(of: placement.role)) }
            }
            return await group.reduce(into: [:]) { if $1.1?.state == "running" { $0[$1.0] = $1.1 } }
        }
    }

    private func status(of member: RoleName) async -> PatroniStatus? {
        await context.patroniStatus(of: member, within: .seconds(2))
    }

    func perform(_ action: ReplicaHealing.Action) async {
        context.ports.events.record(AgentEvents.healing(role, action))
        do throws(NodeFailure) {
            switch action {
            case .report, .recovered, .refuseCopy: break
            case .restart: try await context.machine.services.restart(unit, within: .seconds(120))
            case .copy:
                let copy = ReplicaCopy(
                    machine: context.machine, cluster: context.cluster, secrets: context.secrets, notify: { _ in })
                _ = try await copy.run(role, waits: false, within: .seconds(30))
            }
        } catch {
            context.ports.events.record(AgentEvents.complaint(error))
        }
    }
}
