import ClusterModel
import ConfigFiles
import HostPorts

/// Lets new connections to the entry point of this host wait while the leader changes, so that they do not fail.
///
/// Whoever waits is let go by the route to the new leader, or by HAProxy itself after some seconds.
struct SwitchoverHold: Sendable {
    let context: AgentContext
    let board: LeaderBoard
    let role: RoleName

    /// A leader has let go of its key, or has died, and nobody has it yet; HAProxy's checks would notice in seconds.
    ///
    /// Called by whoever leads HAProxy to the next leader, before that, so that the one never undoes the other.
    func leaderIsGone() async {
        guard await board.sight == .nobody else { return }
        await hold(for: HAProxyWait.seconds)
        context.ports.events.record(AgentEvents.routeHeld(role))
    }

    /// A leader whose session has ended although it serves on, as in failsafe mode (patroni/ha.py): nobody is to wait for
    /// another. With stock Patroni new connections go on to it; one that is stopping, dead or hung does not answer.
    func letGo(if member: RoleName) async {
        guard await context.isWritable(member, within: .seconds(1)), await board.sight == .nobody else { return }
        await hold(for: 0)
    }

    /// Patroni writes /failover when a switchover is asked for, and removes it when that is over (patroni/ha.py).
    func followRequests() async {
        var from: String?
        for await event in context.ports.coordination.events(of: context.path("failover")) {
            guard event == .mayHaveChanged else { continue }
            let request = await request()
            if let request {
                from = request
                await hold(for: HAProxyWait.seconds)
                context.ports.events.record(AgentEvents.routeHeld(role))
                // It may be over by now, and whoever would have let them go was earlier.
                if await board.sight.member?.text != request { await hold(for: 0) }
            } else if let before = from {
                from = nil
                // Refused or given up: the leader leads on.
                if await board.sight.member?.text == before { await hold(for: 0) }
            }
        }
    }

    /// The member that is asked to hand over now; nil if none is.
    func request() async -> String? {
        guard let request = try? await context.record("failover", as: FailoverRecord.self, within: .seconds(1)),
            request.scheduled_at == nil, let leader = request.leader, await board.sight.member?.text == leader
        else { return nil }
        return leader
    }

    private func hold(for seconds: Int) async {
        _ = try? await context.machine.network.exchange(
            HAProxyWait.command(holdingFor: seconds), withSocket: HAProxyPaths.socket(of: role), within: .seconds(1))
    }
}
