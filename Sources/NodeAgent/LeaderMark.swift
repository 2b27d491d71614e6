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
            guard case .member(let key) = sight, key.member == role else { continue }
            // Until it is done: Patroni's own node of the member may be so new that it proves nothing yet, and where the others
            // are to release the key of a host that is lost, nobody could mark it any more.
            while await board.sight == sight, await !isMarked(key.node) {
                guard await context.pause(.seconds(1)) else { return }
            }
        }
    }

    /// Marks it if it has no mark. Also true where the key is another by now.
    private func isMarked(_ key: CoordinationNode) async -> Bool {
        do throws(NodeFailure) {
            let found = try await context.ports.coordination.node(
                at: context.path("leader"), isFresh: false, within: .seconds(2))
            guard let found, found.created == key.created, found.version == 0 else { return true }
            return try await set(found)
        } catch {
            return false
        }
    }

    /// Whether the key as it was seen has its mark now.
    ///
    /// The mark writes this member's name, and another member's new key has version 0 as well: one that comes late must not
    /// write into that. So Patroni's own node of this member is checked too. It ends with the session, and Patroni writes to it
    /// when the member's role or state changes, which it does before it lets go of a key (patroni/ha.py, `touch_member`). Not
    /// covered: a Patroni that was started anew meanwhile and whose node has come to the very same version.
    func set(_ key: CoordinationNode) async throws(NodeFailure) -> Bool {
        let coordination = context.ports.coordination
        var marks = try await coordination.node(at: context.marksPath, isFresh: false, within: .seconds(2))
        if marks == nil {
            _ = try await coordination.create(context.marksPath, data: [], within: .seconds(2))
            marks = try await coordination.node(at: context.marksPath, isFresh: true, within: .seconds(2))
        }
        guard let marks else { return false }
        let own = try await coordination.node(at: context.path("members/\(role)"), isFresh: true, within: .seconds(2))
        // One that was just created has a version that every other new one has.
        guard let own, own.owner == key.owner, own.version > 0 else { return false }
        // After its node: what is no longer the key that was seen is not touched.
        let now = try await coordination.node(at: context.path("leader"), isFresh: false, within: .seconds(2))
        guard now == key else { return false }
        let nodes = try await coordination.transaction(
            [
                .check(CoordinationGuard(path: context.path("members/\(role)"), version: own.version)),
                .set(CoordinationGuard(path: context.path("leader"), version: key.version), data: key.data),
                .set(CoordinationGuard(path: context.marksPath, version: marks.version), data: []),
            ], within: .seconds(2))
        return nodes.flatMap { $0.count == 3 ? $0[1]?.created : nil } == key.created
    }
}
