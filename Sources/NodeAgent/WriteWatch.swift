import ClusterModel
import HostOperations
import HostPorts

/// Enters into the journal when a new leader on this host commits its first write. That clients can write again is neither the moment
/// of the promotion nor that of the route: with synchronous durability a commit also waits for a replica that streams again.
struct WriteWatch: Sendable {
    let context: AgentContext
    let board: LeaderBoard
    let role: RoleName

    func run() async {
        var looking: Task<Void, Never>?
        var before: LeaderSight?
        for await sight in await board.sights() {
            // The leader that the agent finds when it begins has written before.
            defer { if sight != .unknown { before = sight } }
            guard let before, before != sight, case .member(let key) = sight else { continue }
            looking?.cancel()
            guard key.member == role else { continue }
            looking = Task { await waitForWrite() }
        }
        looking?.cancel()
    }

    func waitForWrite() async {
        guard let target = context.target(of: role) else { return }
        let elapsed = context.machine.clock.stopwatch()
        while elapsed() < .seconds(30), await board.sight.member == role {
            let rows = try? await context.machine.postgres.query(
                WriteProof.statement, at: target, within: .seconds(5))
            if rows != nil { return context.ports.events.record(AgentEvents.firstWrite(role, after: elapsed())) }
            guard await context.pause(.milliseconds(10)) else { return }
        }
    }
}
