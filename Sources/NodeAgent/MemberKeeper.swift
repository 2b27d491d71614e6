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
    private var evidence: EvidenceReader { EvidenceReader(context: context, role: role) }

    func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await followPostmaster() }
            group.addTask { await mark.keep() }
            group.addTask {
                for await sight in await board.sights() { await refuseSecondLeader(sight) }
            }
            group.addTask {
                while await context.beat(.seconds(1)) { await refuseSecondLeader(await board.sight) }
            }
            if context.cluster.lease == .short {
                group.addTask { await LeaseKeeper(context: context, board: board, processes: processes).run() }
            }
            group.addTask { await PatroniNudge(context: context, board: board, processes: processes).run() }
            group.addTask { await WriteWatch(context: context, board: board, role: role).run() }
            group.addTask { await PatroniDoctor(context: context, board: board, processes: processes).run() }
            group.addTask {
                await HangKeeper(context: context, board: board, processes: processes, replace: replaceHung).run()
            }
        }
    }

    /// Kills a PostgreSQL that takes writes while the leader key is another's: one that was frozen or stopped past its lease and
    /// is woken by whatever means, and one whose Patroni hangs. SIGKILL reaches frozen processes (kernel, cgroup-v2.rst).
    func refuseSecondLeader(_ sight: LeaderSight) async {
        guard case .member(let key) = sight, key.member != role, processes.takesWrites() else { return }
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
        let end: ReleaseEvidence.End = processes.isShutDownCleanly() ? .shutdown : .crash
        for _ in 0..<20 {
            switch await release(end, elapsed) {
            case .done, .unneeded: return
            case .left(.notLeader): return
            case .left(let refusal): return context.ports.events.record(AgentEvents.leftToPatroni(role, refusal))
            case .again: break
            }
            guard await context.pause(.milliseconds(end == .shutdown ? 20 : 50)) else { return }
        }
    }

    /// Why it was left as it is; nil if it was replaced, or if that could not be found out.
    @Sendable
    func replaceHung(after age: Duration) async -> HangKeeper.Outcome {
        let elapsed = context.machine.clock.stopwatch()
        for _ in 0..<20 {
            switch await release(.hang, { age + elapsed() }) {
            case .done, .unneeded: return .replaced
            case .left(let refusal): return .left(refusal)
            case .again: guard await context.pause(.milliseconds(50)) else { return .failed }
            }
        }
        return .failed
    }

    private enum Progress {
        case done, again
        /// PostgreSQL runs again.
        case unneeded
        case left(ReleaseRules.Refusal)
    }

    private func release(_ end: ReleaseEvidence.End, _ elapsed: () -> Duration) async -> Progress {
        do throws(NodeFailure) {
            let state = try await context.machine.services.state(of: unit)
            let age = context.machine.clock.stopwatch()
            var found = try await evidence.read(end, state, processes)
            if end == .shutdown, found.patroni == .alive {
                // A restart through Patroni looks like this, and so does a switchover that is only about to be seen.
                return processes.postmaster() != nil ? .unneeded : .again
            }
            if let refusal = ReleaseRules.refusalBeforeFence(found, in: context.cluster) { return .left(refusal) }
            if end != .shutdown {
                // What was read so long ago may be true no more: this process may have been stopped in between.
                guard age() < .milliseconds(500) else { return .again }
                try await fence(state.controlGroup, end)
            }
            found = try await evidence.readAgain(found, processes)
            if found.key?.version == 0, found.key?.text == role.text {
                try await markNow()
                found = try await evidence.readAgain(found, processes)
            }
            switch ReleaseRules.answer(found, in: context.cluster) {
            case .refuse(let refusal): return .left(refusal)
            case .release(let key, let marks):
                let deletion = KeyRelease(context: context, member: role, keyVersion: key, marksVersion: marks)
                guard try await deletion.perform() else { return .again }
                context.ports.events.record(
                    AgentEvents.released(role, end, elapsed(), loss: loss(found)))
                return .done
            }
        } catch {
            context.ports.events.record(AgentEvents.complaint(error))
            return .again
        }
    }

    /// Bytes; nil where nothing that was acknowledged can be lost.
    private func loss(_ evidence: ReleaseEvidence) -> Int64? {
        guard context.cluster.durability == .asynchronous, evidence.end != .shutdown else { return nil }
        return ReleaseRules.possibleLoss(evidence)
    }

    private func fence(_ group: String, _ end: ReleaseEvidence.End) async throws(NodeFailure) {
        if processes.processes(in: group) != [] { context.ports.events.record(AgentEvents.fence(role, end)) }
        try await MemberFence(context: context, processes: processes).kill(group)
    }

    private func markNow() async throws(NodeFailure) {
        let key = try await context.ports.coordination.node(
            at: context.path("leader"), isFresh: false, within: .seconds(2))
        if let key, key.data == Array(role.text.utf8) { _ = try await mark.set(key) }
    }
}
