import ClusterModel
import Decisions
import HostPorts

/// Starts a Patroni anew that takes a leader for the leader which is proved to be dead.
///
/// A leader that cannot reach ZooKeeper, but all members, leads on, and tells them so (failsafe mode). Whoever was told takes it
/// for the leader until `ttl` later wherever ZooKeeper names none (patroni/ha.py, `Failsafe` and `load_cluster_from_dcs`). If the
/// leader dies within that time, nobody races for its key. Patroni knows no way to forget it but its own end; PostgreSQL runs on
/// meanwhile, and the Patroni that systemd starts takes it over, about two seconds later.
struct FailsafeMemory: Sendable {
    let context: AgentContext
    let processes: MemberProcesses

    private var role: RoleName { processes.role }

    /// true if it was started anew.
    func forget() async -> Bool {
        guard !processes.takesWrites(), processes.postmaster() != nil,
            await context.patroniStatus(of: role, within: .seconds(1))?.isFailsafeActive == true
        else { return false }
        do throws(NodeFailure) {
            // Just before the kill, and after everything else that takes time.
            guard let dead = try await released(), dead != role else { return false }
            return await context.killPatroni(of: role, AgentEvents.failsafeOutlived(role, dead))
        } catch {
            return false
        }
    }

    private func released() async throws(NodeFailure) -> RoleName? {
        let coordination = context.ports.coordination
        guard
            let marks = try await coordination.node(at: context.marksPath, isFresh: true, within: .seconds(1)),
            let parent = try await coordination.node(at: context.clusterPath, isFresh: false, within: .seconds(1))
        else { return nil }
        return ReleaseProof.member(
            marks: String(decoding: marks.data, as: UTF8.self), marksModified: marks.modified,
            childrenChanged: parent.childrenChanged)
    }
}

extension AgentContext {
    /// Kills the main process of a member's unit alone: systemd starts it anew, and PostgreSQL runs on.
    ///
    /// false if there is none.
    func killPatroni(of role: RoleName, _ record: AgentEvent) async -> Bool {
        guard let state = try? await machine.services.state(of: ServiceKind.patroni.unit(for: role)),
            let process = Int32(exactly: state.mainPID), process > 1
        else { return false }
        ports.events.record(record)
        return ports.processes.kill(process)
    }
}
