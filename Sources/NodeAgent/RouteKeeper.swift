import ClusterModel
import ConfigFiles
import Decisions
import HostOperations
import HostPorts

/// Leads the HAProxy of this host to the leader at once, and away from whoever is not.
///
/// HAProxy's own checks go on and have the last word when the agent is gone: a server's health is set, never its
/// administrative state, which would stay (HAProxy management guide, "set server").
struct RouteKeeper: Sendable {
    let context: AgentContext
    let board: LeaderBoard
    let role: RoleName

    func run() async {
        await withTaskGroup(of: Void.self) { group in
            let hold = SwitchoverHold(context: context, board: board, role: role)
            group.addTask { await hold.followRequests() }
            group.addTask { await followLeaders(hold) }
            group.addTask {
                // A server that HAProxy's check has found up again, and a HAProxy that was started anew.
                while await context.beat(.seconds(1)) { await correct(await board.sight) }
            }
        }
    }

    private func followLeaders(_ hold: SwitchoverHold) async {
        await withDiscardingTaskGroup { looks in
            var last: RoleName?
            for await sight in await board.sights() {
                if sight == .nobody, let last {
                    await hold.leaderIsGone()
                    // Beside the rest: a member whose host is gone takes its time to be silent, and the next leader comes sooner.
                    looks.addTask { await hold.letGo(if: last) }
                }
                last = sight.member
                await settle(sight)
            }
        }
    }

    /// Until the route is as it should be, or the leader is another one.
    private func settle(_ sight: LeaderSight) async {
        guard case .member(let key) = sight else { return }
        let deadline = context.machine.clock.stopwatch()
        while await board.sight == sight, deadline() < .seconds(30) {
            if await correct(sight, proving: true, isNews: deadline() < .seconds(2)) {
                _ = await ask(HAProxyWait.command(holdingFor: 0))
                break
            }
            guard await context.pause(.milliseconds(20)) else { return }
        }
        // The old leader's Patroni may still call itself primary, and a check would bring it back (patroni/api.py).
        for _ in 0..<20 {
            guard await board.sight.member == key.member, await context.pause(.milliseconds(100)) else { return }
            await correct(sight)
        }
    }

    /// true if the leader is reached, and nobody else. `proving`: also where HAProxy's check has opened the route already,
    /// which it does from the moment the member has the key, while PostgreSQL is still in recovery (patroni#2972). `isNews`: the key
    /// was read just now.
    @discardableResult
    func correct(_ sight: LeaderSight, proving: Bool = false, isNews: Bool = false) async -> Bool {
        // Without a word of ZooKeeper, and while the key changes hands, HAProxy's checks decide.
        guard case .member(let key) = sight else { return true }
        guard let answer = await ask(Self.leaderServers) else { return false }
        let servers = HAProxyAnswer.servers(answer).filter { $0.backend == "leader" }
        let wrong = servers.filter { $0.isUp && $0.name != key.member.text }
        if !wrong.isEmpty {
            // An agent that was frozen for a while still knows the leader of then, and HAProxy's checks the one of now.
            guard await isTrue(sight, isNews) else { return false }
            // Its sessions end with it: on-marked-down shutdown-sessions.
            let commands = wrong.map { "set server leader/\($0.name) health down" }
            _ = await ask(commands.joined(separator: ";") + "\n")
            context.ports.events.record(AgentEvents.routeClosed(wrong.map(\.name), role))
        }
        guard let own = servers.first(where: { $0.name == key.member.text }) else { return false }
        if own.isUp, !proving { return true }
        let isWritable = await context.isWritable(key.member, within: .milliseconds(500))
        guard await board.sight == sight else { return false }
        if own.isUp, isWritable { return true }
        guard isWritable else {
            if own.isUp { _ = await ask("set server leader/\(key.member) health down\n") }
            return false
        }
        _ = await ask("set server leader/\(key.member) health up\n")
        context.ports.events.record(AgentEvents.routeOpened(key.member, role))
        return true
    }

    private func isTrue(_ sight: LeaderSight, _ isNews: Bool) async -> Bool {
        if isNews { return true }
        return await context.leaderInZooKeeper(within: .milliseconds(500)) == sight
    }

    /// The servers (4) of one backend, all of them (-1) (HAProxy management guide, "show stat").
    static let leaderServers = "show stat leader 4 -1\n"

    private func ask(_ commands: String) async -> String? {
        try? await context.machine.network.exchange(
            commands, withSocket: HAProxyPaths.socket(of: role), within: .seconds(1))
    }
}
