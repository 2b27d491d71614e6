import ClusterModel
import Decisions
import HostPorts

/// Gathers what the rules of release want to know.
struct EvidenceReader: Sendable {
    let context: AgentContext
    let role: RoleName

    /// Before anything is done. Throws where ZooKeeper does not answer: then nothing is.
    func read(
        _ end: ReleaseEvidence.End, _ state: UnitState, _ processes: MemberProcesses
    ) async throws(NodeFailure) -> ReleaseEvidence {
        try await read(end) { patroni(end, state, $0, processes) }
    }

    /// Of a member whose host is lost.
    func readLost() async throws(NodeFailure) -> ReleaseEvidence {
        var evidence = try await read(.lost) { _ in .dead }
        try await readNodes(&evidence)
        return evidence
    }

    private func read(
        _ end: ReleaseEvidence.End, patroni: (FailoverRecord?) -> ReleaseEvidence.Patroni
    ) async throws(NodeFailure) -> ReleaseEvidence {
        // First, because it makes the server catch up for the others.
        let key = try await node("leader", isFresh: true)
        let failover = try await record("failover", as: FailoverRecord.self)
        let sync = try await record("sync", as: SyncRecord.self)
        let config = try await record("config", as: ConfigRecord.self)
        let position = end == .shutdown ? nil : try await record("status", as: StatusRecord.self)?.optime
        return ReleaseEvidence(
            member: role, end: end, walPosition: position, keyBefore: key, marks: nil, key: key, memberNode: nil,
            postgresProcesses: nil, patroni: patroni(failover), candidates: await candidates(sync?.members ?? []),
            isPaused: config?.pause ?? false)
    }

    func keyNow() async throws(NodeFailure) -> ReleaseEvidence.Node? {
        let config = try await record("config", as: ConfigRecord.self)
        // Whoever has switched maintenance on has taken the responsibility.
        return config?.pause == true ? nil : try await node("leader", isFresh: true)
    }

    /// After a fence, and right before the key is deleted.
    func readAgain(
        _ evidence: ReleaseEvidence, _ processes: MemberProcesses
    ) async throws(NodeFailure) -> ReleaseEvidence {
        var evidence = evidence
        try await readNodes(&evidence)
        // Last, and with the group as it is now: what was dead a while ago may have been started anew.
        let group = try await context.machine.services.state(of: processes.unit).controlGroup
        let isDead = processes.processes(in: group) == [] && processes.postmaster() == nil
        if isDead { evidence.patroni = .dead } else if evidence.patroni == .dead { evidence.patroni = .alive }
        evidence.postgresProcesses = processes.postgres(in: group).map {
            max($0.count, processes.postmaster() == nil ? 0 : 1)
        }
        return evidence
    }

    private func readNodes(_ evidence: inout ReleaseEvidence) async throws(NodeFailure) {
        // In this order: a mark that comes between the two makes the deletion fail, and not the next key disappear.
        evidence.marks = try await node(at: context.marksPath, isFresh: true)
        evidence.key = try await node("leader", isFresh: false)
        evidence.memberNode = try await node("members/\(role)", isFresh: false)
    }

    /// Patroni itself writes /failover for a switchover and deletes it when it is over (patroni/ha.py).
    private func patroni(
        _ end: ReleaseEvidence.End, _ state: UnitState, _ failover: FailoverRecord?, _ processes: MemberProcesses
    ) -> ReleaseEvidence.Patroni {
        if processes.processes(in: state.controlGroup) == [] { return .dead }
        guard end == .shutdown else { return .alive }
        if state.active == "deactivating" { return .stopping }
        if let failover, failover.leader == role.text { return .demoting(to: failover.member.flatMap { RoleName($0) }) }
        return .alive
    }

    private func candidates(_ synchronous: Set<String>) async -> [ReleaseEvidence.Candidate] {
        await withTaskGroup(of: ReleaseEvidence.Candidate?.self) { group in
            for placement in context.cluster.placements(of: .patroni) where placement.role != role {
                guard placement.assignment.patroniPort != nil else { continue }
                group.addTask {
                    let status = await context.patroniStatus(of: placement.role, within: .milliseconds(500))
                    return ReleaseEvidence.Candidate(
                        role: placement.role, isSynchronous: synchronous.contains(placement.role.text),
                        isRunning: status?.state == "running", walPosition: status?.walPosition)
                }
            }
            return await group.reduce(into: []) { if let candidate = $1 { $0.append(candidate) } }
        }
    }

    private func record<Record: Decodable>(
        _ name: String, as type: Record.Type
    ) async throws(NodeFailure) -> Record? {
        try await context.record(name, as: type, within: .seconds(2))
    }

    private func node(_ name: String, isFresh: Bool) async throws(NodeFailure) -> ReleaseEvidence.Node? {
        try await node(at: context.path(name), isFresh: isFresh)
    }

    private func node(at path: String, isFresh: Bool) async throws(NodeFailure) -> ReleaseEvidence.Node? {
        let node = try await context.ports.coordination.node(at: path, isFresh: isFresh, within: .seconds(2))
        return node.map {
            ReleaseEvidence.Node(
                text: String(decoding: $0.data, as: UTF8.self), created: $0.created, version: $0.version,
                owner: $0.owner)
        }
    }
}
