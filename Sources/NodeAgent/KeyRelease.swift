import ClusterModel
import Decisions
import HostPorts

/// Deletes Patroni's leader key as it was seen, or nothing (`ReleaseRules.Answer`).
struct KeyRelease: Sendable {
    let context: AgentContext
    let member: RoleName
    let keyVersion: Int32
    let marksVersion: Int32

    /// false if something was not as it was seen.
    func perform() async throws(NodeFailure) -> Bool { try await perform([]) }

    /// Also Patroni's node of the member, as when its session ends: others do not ask a host that is lost before they promote
    /// themselves (patroni/ha.py, `fetch_nodes_statuses` asks all members that have a node, and waits for 2 s). If Patroni has
    /// written it meanwhile, the host is not lost, and nothing is done.
    func performWithMemberNode(version: Int32) async throws(NodeFailure) -> Bool {
        try await perform([.delete(CoordinationGuard(path: context.path("members/\(member)"), version: version))])
    }

    private func perform(_ others: [CoordinationStep]) async throws(NodeFailure) -> Bool {
        try await context.ports.coordination.transaction(
            [
                .set(
                    CoordinationGuard(path: context.marksPath, version: marksVersion),
                    data: Array(ReleaseProof.text(of: member).utf8)),
                .delete(CoordinationGuard(path: context.path("leader"), version: keyVersion)),
            ] + others, within: .milliseconds(500)) != nil
    }
}
