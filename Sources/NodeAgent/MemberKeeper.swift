import ClusterModel
import Decisions
import HostOperations
import HostPorts

/// Watches the postmaster of a member on this host. When a leader's ends, another member leads at once instead of when the
/// lease has run out: here the death is known, elsewhere it could only be suspected (DESIGN.md, section 7).
struct MemberKeeper: Sendable {
    let context: AgentContext
    let board: LeaderBoard
    let role: RoleName

    private var processes: MemberProcesses {
        MemberProcesses(
            machine: context.machine, role: role, directory: context.cluster.directories.postgres(of: role))
    }
    private var unit: UnitName { ServiceKind.patroni.unit(for: role) }
    private var mark: LeaderMark { LeaderMark(context: context, board: board, role: role) }
    private var evidence: EvidenceReader { EvidenceReader(context: context, role: role, processes: processes) }

    func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await followPostmaster() }
            group.addTask { await mark.keep() }
            group.addTask {
                for await sight in await board.sights() { await refuseSecondLeader(sight) }
            }
            group.addTask {
                while await context.pause(.seconds(1)) { await refuseSecondLeader(await board.sight) }
            }
            group.addTask { await PatroniDoctor(context: context, board: board, processes: processes).run() }
        }
    }

    /// Kills a PostgreSQL that takes writes while the leader key is another's: one that was frozen or stopped past its lease and
    /// is woken by whatever means, and one whose Patroni hangs. SIGKILL reaches frozen processes (kernel, cgroup-v2.rst).
    func refuseSecondLeader(_ sight: LeaderSight) async {
        guard case .member(let key) = sight, key.member != role, processes.isInProduction(),
            processes.postmaster() != nil
        else { return }
        do throws(NodeFailure) {
            let found = try await evidence.keyNow()
            guard let found, found.text != role.text, RoleName(found.text) != nil else { return }
            context.ports.events.record(AgentEvents.secondLeader(role, found.text))
            let state = try await context.machine.services.state(of: unit)
            // systemd first, which is one message; then what it may not know of.
            try await context.machine.services.kill(unit)
            for process in processes.postgres(in: state.controlGroup) ?? [] {
                _ = context.ports.processes.kill(process)
            }
        } catch {
            context.ports.events.record(AgentEvents.complaint(error))
        }
    }

    private func followPostmaster() async {
        repeat {
            guard let postmaster = processes.postmaster() else { continue }
            await context.ports.processes.waitForEnd(of: postmaster)
            if Task.isCancelled { return }
            await postmasterEnded()
        } while await context.pause(.milliseconds(100))
    }

    func postmasterEnded() async {
        // A replica's end is Patroni's to mend. The board may be seconds old, or know nothing because ZooKeeper was silent for a
        // moment; the key is read again before anything is done.
        if case .member(let key) = await board.sight, key.member != role { return }
        let elapsed = context.machine.clock.stopwatch()
        let isClean = processes.isShutDownCleanly()
        var left = 20
        while left > 0, await !release(isClean, elapsed) {
            left -= 1
            guard await context.pause(.milliseconds(isClean ? 20 : 50)) else { return }
        }
    }

    /// true if there is nothing more to do.
    private func release(_ isClean: Bool, _ elapsed: () -> Duration) async -> Bool {
        do throws(NodeFailure) {
            let state = try await context.machine.services.state(of: unit)
            var found = try await evidence.read(isClean, state)
            if isClean, found.patroni == .alive {
                // A restart through Patroni looks like this, and so does a switchover that is only about to be seen.
                return processes.postmaster() != nil
            }
            if let refusal = ReleaseRules.refusalBeforeFence(found, in: context.cluster) { return left(refusal) }
            if !isClean { try await fence(state.controlGroup) }
            found = try await evidence.readAgain(found, state.controlGroup)
            if found.key?.version == 0, found.key?.text == role.text {
                try await markNow()
                found = try await evidence.readAgain(found, state.controlGroup)
            }
            switch ReleaseRules.answer(found, in: context.cluster) {
            case .refuse(let refusal): return left(refusal)
            case .release(let key, let marks):
                return try await delete(key, marks, isClean, elapsed())
            }
        } catch {
            context.ports.events.record(AgentEvents.complaint(error))
            return false
        }
    }

    private func left(_ refusal: ReleaseRules.Refusal) -> Bool {
        context.ports.events.record(AgentEvents.leftToPatroni(role, refusal))
        return true
    }

    /// SIGKILL to the whole unit until nothing of it is left; systemd starts Patroni anew a second later.
    private func fence(_ group: String) async throws(NodeFailure) {
        let elapsed = context.machine.clock.stopwatch()
        if processes.processes(in: group) != [] { context.ports.events.record(AgentEvents.fence(role)) }
        while processes.processes(in: group) != [] {
            guard elapsed() < .milliseconds(800) else {
                throw NodeFailure(.timeout, "processes of \"\(unit)\" are left after SIGKILL")
            }
            try await context.machine.services.kill(unit)
            guard await context.pause(.milliseconds(5)) else { return }
        }
    }

    private func markNow() async throws(NodeFailure) {
        let key = try await context.ports.coordination.node(
            at: context.path("leader"), isFresh: false, within: .seconds(2))
        if let key, key.data == Array(role.text.utf8) { _ = try await mark.set(key) }
    }

    private func delete(
        _ keyVersion: Int32, _ marksVersion: Int32, _ isClean: Bool, _ age: Duration
    ) async throws(NodeFailure) -> Bool {
        let done = try await context.ports.coordination.transaction(
            [
                .check(CoordinationGuard(path: context.marksPath, version: marksVersion)),
                .delete(CoordinationGuard(path: context.path("leader"), version: keyVersion)),
            ], within: .milliseconds(500))
        guard done != nil else { return false }
        context.ports.events.record(AgentEvents.released(role, isClean, age))
        return true
    }
}
