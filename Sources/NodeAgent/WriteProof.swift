import ClusterModel
import HostOperations
import HostPorts

/// Whether leaders on this host take writes, asked over a connection that stays: to be let in costs both sides more than all the
/// rest of a look at the host (SCRAM, 4096 rounds of SHA-256). That new connections are answered is `HangKeeper`'s to see.
actor WriteProof {
    /// A transaction that writes WAL and waits as a commit does: for the disk, and for a synchronous replica.
    static let statement = "SELECT pg_logical_emit_message(true, 'pgha', '')"

    private let context: AgentContext
    private var sessions: [RoleName: any PostgresSession] = [:]

    init(_ context: AgentContext) {
        self.context = context
    }

    /// One for each that does not; who leads no more has no connection left.
    func reasons(against leaders: [RoleName]) async -> [String] {
        sessions = sessions.filter { leaders.contains($0.key) }
        var reasons: [String] = []
        for leader in leaders {
            if let reason = await reason(against: leader) { reasons.append(reason) }
        }
        return reasons
    }

    private func reason(against member: RoleName) async -> String? {
        guard let target = context.target(of: member) else { return nil }
        if let session = sessions.removeValue(forKey: member), await commits(session) == nil {
            sessions[member] = session
            return nil
        }
        // One that was closed meanwhile says nothing of the next one.
        do throws(NodeFailure) {
            let session = try await context.machine.postgres.open(at: target, within: .seconds(3))
            if let failure = await commits(session) { throw failure }
            sessions[member] = session
            return nil
        } catch {
            return "\(member): a write does not commit (\(error.detail ?? error.message))"
        }
    }

    private func commits(_ session: any PostgresSession) async -> NodeFailure? {
        do throws(NodeFailure) {
            _ = try await session.query(Self.statement, within: .seconds(3))
            return nil
        } catch {
            return error
        }
    }
}
