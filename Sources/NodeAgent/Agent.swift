import ClusterModel
import Decisions
import HostPorts

/// The daemon of a host: observes, decides, acts, until it is told to end.
package struct Agent: Sendable {
    private let context: AgentContext
    package let pulse = Pulse()

    package init(_ context: AgentContext) {
        self.context = context
    }

    /// Runs until the task is cancelled.
    package func run() async {
        await withTaskGroup(of: Void.self) { group in
            for work in parts() { group.addTask { await work() } }
            await group.waitForAll()
        }
        await context.ports.coordination.close()
    }

    private func parts() -> [@Sendable () async -> Void] {
        let board = LeaderBoard()
        let peers = PeerBoard()
        let witness = WitnessBoard(context)
        let pages = StatusPages(context: context, pulse: pulse, board: board, peers: peers)
        var parts: [@Sendable () async -> Void] = [
            { await ReadinessKeeper(context: context, pulse: pulse, board: board).run() },
            { await Watchdog(context: context, pulse: pulse).run() },
            { await pages.run() },
            { await PeerKeeper(context: context, pages: pages, peers: peers, witness: witness).run() },
            { await LeaderWatch(context: context, board: board).run() },
        ]
        guard !context.handsOff else { return parts }
        if context.cluster.lease == .short {
            parts.append { await WitnessKeeper(context: context, board: board, witness: witness).run() }
        }
        for assignment in context.host.roles where assignment.services.contains(.haproxy) {
            parts.append { await RouteKeeper(context: context, board: board, role: assignment.role).run() }
        }
        for assignment in context.host.roles where assignment.services.contains(.patroni) {
            parts.append { await MemberKeeper(context: context, board: board, role: assignment.role).run() }
            parts.append { await ReplicaKeeper(context: context, board: board, role: assignment.role).run() }
        }
        return parts
    }

    /// Waits while systemd is stopping services of this host, for which the agent is of use to the last.
    package func untilServicesHaveStopped() async {
        while true {
            var isStopping = false
            for placed in context.host.placedServices {
                let state = try? await context.machine.services.state(of: placed.unit)
                if state?.active == "deactivating" { isStopping = true }
            }
            guard isStopping, await context.pause(.milliseconds(100)) else { return }
        }
    }
}

/// Passes the agent's sign of life on to systemd, while there is one.
struct Watchdog: Sendable {
    let context: AgentContext
    let pulse: Pulse

    func run() async {
        guard let interval = context.ports.notifier.watchdogInterval else { return }
        while await context.pause(interval / 4) {
            // A look at services that hang takes its time; each of its questions has a limit of a few seconds.
            if let age = await pulse.age, age > interval { continue }
            context.ports.notifier.notify(["WATCHDOG=1"])
        }
    }
}
