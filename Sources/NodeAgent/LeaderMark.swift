import ClusterModel
import HostPorts

/// Marks the leader key of a member of this host, so that it can be told from every other one (`ReleaseRules.Answer`).
struct LeaderMark: Sendable {
    let context: AgentContext
    let board: LeaderBoard
    let role: RoleName

    /// Soon after the member has got its key, so that nothing has to be written when it is to be released.
    func keep() async {
        for await sight in await board.sights() {
            guard case .member(let key) = sight, key.member == role, key.node.version == 0 else { continue }
            // One that fails is tried again before a release.
            _ = try? await set(key.node)
        }
    }

    /// Whether the key as it was seen has its mark now.
    func set(_ key: CoordinationNode) async throws(NodeFailure) -> Bool {
        let coordination = context.ports.coordination
        var marks = try await coordination.node(at: context.marksPath, isFresh: false, within: .seconds(2))
        if marks == nil {
            _ = try await coordination.create(context.marksPath, data: [], within: .seconds(2))
            marks = try await coordination.node(at: context.marksPath, isFresh: true, within: .seconds(2))
        }
        guard let marks else { return false }
        let nodes = try await coordination.transaction(
            [
                .set(CoordinationGuard(path: context.path("leader"), version: key.version), data: key.data),
                .set(CoordinationGuard(path: context.marksPath, version: marks.version), data: []),
            ], within: .seconds(2))
        return nodes?.first??.created == key.created
    }
}
