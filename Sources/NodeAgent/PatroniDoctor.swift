import ClusterModel
import Decisions
import HostOperations
import HostPorts

/// Kills a leader's Patroni that hangs while its PostgreSQL serves. Its lease would run out under a primary that takes writes;
/// a Patroni that is started anew takes over the running PostgreSQL, and clients notice nothing.
struct PatroniDoctor: Sendable {
    let context: AgentContext
    let board: LeaderBoard
    let processes: MemberProcesses

    private var role: RoleName { processes.role }

    func run() async {
        guard let port = context.host.roles.first(where: { $0.role == role })?.patroniPort else { return }
        let elapsed = context.machine.clock.stopwatch()
        var silence: Duration?
        while await context.beat(.seconds(2)) {
            guard await board.sight.member == role, processes.postmaster() != nil, await !answers(port) else {
                silence = nil
                continue
            }
            let since = silence ?? elapsed()
            silence = since
            let age = elapsed() - since
            guard PatroniSilence.isHang(age, in: context.cluster), await isAloneAtFault() else { continue }
            await kill(after: age)
            silence = nil
        }
    }

    /// Whatever it says: a page for which it asks neither PostgreSQL nor ZooKeeper (Patroni documentation, "Patroni REST API"), and
    /// without all that a client library does for a request, which was a tenth of what the agent takes at rest.
    private func answers(_ port: Int) async -> Bool {
        let answer = await context.machine.network.exchange(
            "GET /liveness HTTP/1.0\r\n\r\n", with: context.host.address, port: port, within: .seconds(2))
        return answer?.hasPrefix("HTTP/") == true
    }

    /// A frozen unit hangs because somebody wants it to, and where PostgreSQL does not answer either, more is wrong.
    private func isAloneAtFault() async -> Bool {
        guard let state = try? await context.machine.services.state(of: processes.unit), !state.isFrozen else {
            return false
        }
        return await context.isWritable(role, within: .seconds(1))
    }

    private func kill(after age: Duration) async {
        _ = await context.killPatroni(
            of: role, AgentEvents.patroniHangs(role, seconds: Int(age.components.seconds)))
    }
}
