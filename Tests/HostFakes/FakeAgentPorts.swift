import ClusterModel
import HostPorts

/// ZooKeeper with nodes in a table.
package final class FakeCoordination: CoordinationService {
    private struct State {
        var nodes: [String: CoordinationNode] = [:]
        var isReachable = true
        var deleted: [String] = []
        var next: Int64 = 100

        mutating func childrenChanged(above path: String) {
            guard let end = path.lastIndex(of: "/") else { return }
            let parent = String(path[..<end])
            nodes[
                parent, default: CoordinationNode(data: [], created: 1, modified: 1, version: 0, owner: 0)
            ].childrenChanged = next
        }
    }

    private let state = Locked(State())
    private let beforeDelete = Locked<(@Sendable () -> Void)?>(nil)

    package init() {}

    /// Creates the node, or sets it anew as a changed one.
    package func set(_ path: String, _ text: String, owner: Int64 = 0) {
        state.withLock { state in
            state.next += 1
            let before = state.nodes[path]
            let isSame = before?.owner == owner
            state.nodes[path] = CoordinationNode(
                data: Array(text.utf8), created: isSame ? before?.created ?? state.next : state.next,
                modified: state.next, version: isSame ? (before?.version ?? -1) + 1 : 0, owner: owner)
            if !isSame { state.childrenChanged(above: path) }
        }
    }

    package func remove(_ path: String) {
        state.withLock { state in
            state.next += 1
            state.nodes[path] = nil
            state.childrenChanged(above: path)
        }
    }
    package func set(isReachable: Bool) { state.withLock { $0.isReachable = isReachable } }
    /// What happens in the moment before a deletion is judged.
    package func onDelete(_ effect: @escaping @Sendable () -> Void) { beforeDelete.withLock { $0 = effect } }
    package var deleted: [String] { state.withLock { $0.deleted } }

    package func node(
        at path: String, isFresh: Bool, within limit: Duration
    ) async throws(NodeFailure) -> CoordinationNode? {
        try state.withLock { state throws(NodeFailure) in
            guard state.isReachable else { throw NodeFailure(.unreachable, "ZooKeeper does not answer") }
            return state.nodes[path]
        }
    }

    package func children(of path: String, within limit: Duration) async throws(NodeFailure) -> [String]? { [] }

    package func create(_ path: String, data: [UInt8], within limit: Duration) async throws(NodeFailure) -> Bool {
        try state.withLock { state throws(NodeFailure) in
            guard state.isReachable else { throw NodeFailure(.unreachable, "ZooKeeper does not answer") }
            guard state.nodes[path] == nil else { return false }
            state.next += 1
            state.nodes[path] = CoordinationNode(
                data: data, created: state.next, modified: state.next, version: 0, owner: 0)
            return true
        }
    }

    package func transaction(
        _ steps: [CoordinationStep], within limit: Duration
    ) async throws(NodeFailure) -> [CoordinationNode?]? {
        if steps.contains(where: { if case .delete = $0 { true } else { false } }) { beforeDelete.withLock { $0 }?() }
        return try state.withLock { state throws(NodeFailure) in
            guard state.isReachable else { throw NodeFailure(.unreachable, "ZooKeeper does not answer") }
            guard steps.allSatisfy({ state.nodes[$0.node.path]?.version == $0.node.version }) else { return nil }
            state.next += 1
            return steps.map { step in
                switch step {
                case .check: return nil
                case .delete(let node):
                    state.nodes[node.path] = nil
                    state.deleted.append(node.path)
                    state.childrenChanged(above: node.path)
                    return nil
                case .set(let node, let data):
                    state.nodes[node.path]?.data = data
                    state.nodes[node.path]?.version += 1
                    state.nodes[node.path]?.modified = state.next
                    return state.nodes[node.path]
                }
            }
        }
    }

    package func events(of path: String) -> AsyncStream<CoordinationEvent> { AsyncStream { $0.finish() } }
    package func close() async {}
}

/// systemd, the journal, the kernel and HTTP, as the agent sees them.
package final class FakeAgentWorld: ServiceNotifier, EventLog, ProcessWatcher, StatusServer, PeerNetwork {
    private let peerAnswers = Locked<[String: StatusAnswer]>([:])

    private let recorded = Locked<[AgentEvent]>([])
    private let said = Locked<[String]>([])
    private let killed = Locked<[Int32]>([])

    package init() {}

    package var events: [String] { recorded.withLock { $0.compactMap { $0.fields["PGHA_EVENT"] } } }
    /// What the agent at that address says to a path; without it, it does not answer.
    package func set(_ path: String, of address: String, _ answer: StatusAnswer?) {
        peerAnswers.withLock { $0["\(address)\(path)"] = answer }
    }

    package func serve(
        on address: String, port: Int, as credentials: PeerCredentials,
        _ answer: @escaping @Sendable (PeerRequest) async -> StatusAnswer?
    ) async throws(NodeFailure) {}

    package func ask(
        _ request: PeerRequest, of address: String, port: Int, as credentials: PeerCredentials, within limit: Duration
    ) async throws(NodeFailure) -> StatusAnswer {
        guard let answer = peerAnswers.withLock({ $0["\(address)\(request.path)"] }) else {
            throw NodeFailure(.unreachable, "the agent at \(address) does not answer", detail: "refused")
        }
        return answer
    }

    package var records: [AgentEvent] { recorded.withLock { $0 } }
    package var notifications: [String] { said.withLock { $0 } }
    package var kills: [Int32] { killed.withLock { $0 } }

    package func record(_ event: AgentEvent) { recorded.withLock { $0.append(event) } }
    package func notify(_ assignments: [String]) { said.withLock { $0 += assignments } }
    package var watchdogInterval: Duration? { nil }
    package func waitForEnd(of process: Int32) async {}
    package func kill(_ process: Int32) -> Bool {
        killed.withLock { $0.append(process) }
        return true
    }
    package func serve(
        on address: String, port: Int, _ answer: @escaping @Sendable (String) async -> StatusAnswer?
    ) async throws(NodeFailure) {}
}
