import ClusterModel
import HostPorts

/// Who holds Patroni's leader key, as far as this agent knows.
package enum LeaderSight: Equatable, Sendable {
    /// No server of ZooKeeper answers, or none was asked yet.
    case unknown
    case nobody
    case member(LeaderKey)

    package var member: RoleName? {
        if case .member(let key) = self { return key.member }
        return nil
    }
}

/// Patroni's leader key as it was read.
package struct LeaderKey: Equatable, Sendable {
    package var member: RoleName
    package var node: CoordinationNode

    /// The same key, although it may have been marked meanwhile: that is no news to anybody.
    package static func == (left: LeaderKey, right: LeaderKey) -> Bool {
        left.member == right.member && left.node.created == right.node.created
    }
}

/// The latest word on the leader, for all parts of the agent.
actor LeaderBoard {
    private(set) var sight = LeaderSight.unknown
    private var listeners: [Int: AsyncStream<LeaderSight>.Continuation] = [:]
    private var last = 0

    /// true if it is news.
    @discardableResult
    func post(_ new: LeaderSight) -> Bool {
        guard new != sight else { return false }
        sight = new
        for listener in listeners.values { listener.yield(new) }
        return true
    }

    /// The present sight first; only the newest is kept for a slow listener.
    func sights() -> AsyncStream<LeaderSight> {
        last += 1
        let number = last
        let (stream, continuation) = AsyncStream<LeaderSight>.makeStream(bufferingPolicy: .bufferingNewest(1))
        continuation.yield(sight)
        continuation.onTermination = { _ in Task { await self.forget(number) } }
        listeners[number] = continuation
        return stream
    }

    private func forget(_ number: Int) { listeners[number] = nil }
}

/// Keeps the board true: reads the key at every word of ZooKeeper, and again each few seconds, because a watch can be lost.
struct LeaderWatch: Sendable {
    let context: AgentContext
    let board: LeaderBoard

    func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await follow() }
            group.addTask {
                while await context.beat(.seconds(2)) { await read() }
            }
        }
    }

    private func follow() async {
        for await event in context.ports.coordination.events(of: context.path("leader")) {
            switch event {
            case .mayHaveChanged: await read()
            case .disconnected: await board.post(.unknown)
            }
        }
    }

    private func read() async { await post(await context.leaderInZooKeeper(within: .seconds(2))) }

    private func post(_ sight: LeaderSight) async {
        let before = await board.sight
        guard await board.post(sight), before.member != sight.member else { return }
        switch sight {
        case .member(let key): context.ports.events.record(AgentEvents.leaderKey(key.member, before.member))
        case .nobody: context.ports.events.record(AgentEvents.noLeaderKey(before.member))
        case .unknown: break
        }
    }
}

extension AgentContext {
    /// Read now; `.unknown` if no server has answered in time.
    func leaderInZooKeeper(within limit: Duration) async -> LeaderSight {
        do throws(NodeFailure) {
            let node = try await ports.coordination.node(at: path("leader"), isFresh: false, within: limit)
            guard let node, let member = RoleName(String(decoding: node.data, as: UTF8.self)) else { return .nobody }
            return .member(LeaderKey(member: member, node: node))
        } catch {
            return .unknown
        }
    }
}
