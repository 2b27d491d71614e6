import ClusterModel
import Decisions
import Foundation
import HostPorts

/// Gathers what the rules of release want to know.
struct EvidenceReader: Sendable {
    let context: AgentContext
    let role: RoleName
    let processes: MemberProcesses

    /// Before anything is done. Throws where ZooKeeper does not answer: then nothing is.
    func read(_ end: ReleaseEvidence.End, _ state: UnitState) async throws(NodeFailure) -> ReleaseEvidence {
        let failover = try await json("failover", as: Failover.self)
        return try await read(end, patroni(end, state, failover))
    }

    /// Of a member whose host is lost.
    func readLost() async throws(NodeFailure) -> ReleaseEvidence {
        var evidence = try await read(.lost, .dead)
        try await readNodes(&evidence)
        return evidence
    }

    private func read(
        _ end: ReleaseEvidence.End, _ patroni: ReleaseEvidence.Patroni
    ) async throws(NodeFailure) -> ReleaseEvidence {
        let key = try await node("leader", isFresh: true)
        let sync = try await json("sync", as: Synchronous.self)
        let config = try await json("config", as: Configuration.self)
        let position = end == .shutdown ? nil : try await json("status", as: Position.self)?.optime
        let synchronous = Set((sync?.sync_standby ?? "").split(separator: ",").map(String.init))
        return ReleaseEvidence(
            member: role, end: end, walPosition: position, keyBefore: key, marks: nil, key: key, memberNode: nil,
            postgresProcesses: nil, patroni: patroni, candidates: await candidates(synchronous),
            isPaused: config?.pause ?? false)
    }

    func keyNow() async throws(NodeFailure) -> ReleaseEvidence.Node? {
        let config = try await json("config", as: Configuration.self)
        // Whoever has switched maintenance on has taken the responsibility.
        return config?.pause == true ? nil : try await node("leader", isFresh: true)
    }

    /// After a fence, and right before the key is deleted.
    func readAgain(_ evidence: ReleaseEvidence) async throws(NodeFailure) -> ReleaseEvidence {
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
    private func patroni(_ end: ReleaseEvidence.End, _ state: UnitState, _ failover: Failover?)
        -> ReleaseEvidence.Patroni
    {
        if processes.processes(in: state.controlGroup) == [] { return .dead }
        guard end == .shutdown else { return .alive }
        if state.active == "deactivating" { return .stopping }
        if let failover, failover.leader == role.text { return .demoting(to: failover.member.flatMap { RoleName($0) }) }
        return .alive
    }

    private func candidates(_ synchronous: Set<String>) async -> [ReleaseEvidence.Candidate] {
        await withTaskGroup(of: ReleaseEvidence.Candidate?.self) { group in
            for placement in context.cluster.placements(of: .patroni) where placement.role != role {
                guard let port = placement.assignment.patroniPort else { continue }
                group.addTask {
                    let status = try? await context.machine.patroni.status(
                        of: placement.host.address, port: port, within: .milliseconds(500))
                    return ReleaseEvidence.Candidate(
                        role: placement.role, isSynchronous: synchronous.contains(placement.role.text),
                        isRunning: status?.state == "running", walPosition: status?.walPosition)
                }
            }
            return await group.reduce(into: []) { if let candidate = $1 { $0.append(candidate) } }
        }
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

    private func json<Value: Decodable>(_ name: String, as type: Value.Type) async throws(NodeFailure) -> Value? {
        let node = try await context.ports.coordination.node(
            at: context.path(name), isFresh: false, within: .seconds(2))
        return node.flatMap { try? JSONDecoder().decode(type, from: Data($0.data)) }
    }
}

// Patroni's nodes, with its own names (patroni/dcs/__init__.py).
private struct Failover: Decodable {
    var leader: String?
    var member: String?
}

private struct Synchronous: Decodable {
    var sync_standby: String?
}

private struct Position: Decodable {
    var optime: Int64?
}

private struct Configuration: Decodable {
    var pause: Bool?
}
