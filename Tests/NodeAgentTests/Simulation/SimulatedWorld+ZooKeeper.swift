import ClusterModel
import HostPorts
import SeededRandom
import Synchronization

/// ZooKeeper, as the agent sees it.
extension SimulatedWorld: CoordinationService {
    func node(at path: String, isFresh: Bool, within limit: Duration) async throws(NodeFailure) -> CoordinationNode? {
        step()
        return try state.withLock { state throws(NodeFailure) in
            if Int.random(in: 0..<40, using: &state.random) == 0 {
                throw NodeFailure(.unreachable, "ZooKeeper does not answer")
            }
            let name = path.split(separator: "/").last.map(String.init) ?? ""
            switch name {
            case "leader": return Self.shown(state.key)
            case "marks": return Self.shown(state.marks)
            case "failover":
                return state.request.map {
                    Self.shown(Node(text: "{\"leader\":\"\($0)\"}", created: 1, version: 0, owner: 0))
                } ?? nil
            case "sync": return Self.shown(Node(text: #"{"sync_standby":"pg2,pg3"}"#, created: 1, version: 0, owner: 0))
            default: return Self.shown(state.memberNodes[name])
            }
        }
    }

    private static func shown(_ node: Node?) -> CoordinationNode? {
        node.map {
            CoordinationNode(
                data: Array($0.text.utf8), created: $0.created, modified: $0.created, version: $0.version,
                owner: $0.owner)
        }
    }

    func create(_ path: String, data: [UInt8], within limit: Duration) async throws(NodeFailure) -> Bool {
        step()
        return state.withLock { state in
            guard state.marks == nil else { return false }
            state.next += 1
            state.marks = Node(text: "", created: state.next, version: 0, owner: 0)
            return true
        }
    }

    func transaction(
        _ steps: [CoordinationStep], within limit: Duration
    ) async throws(NodeFailure) -> [CoordinationNode?]? {
        step()
        let done = state.withLock { state in Self.perform(steps, &state, blindness) }
        step()
        // The answer may be lost after the deed.
        let isLost = state.withLock { Int.random(in: 0..<20, using: &$0.random) == 0 }
        if isLost { throw NodeFailure(.unreachable, "ZooKeeper does not answer") }
        return done
    }

    private static func perform(
        _ steps: [CoordinationStep], _ state: inout State, _ blindness: Blindness
    ) -> [CoordinationNode?]? {
        for step in steps {
            let isMarks = step.node.path.hasSuffix("/marks")
            if step.node.path.contains("/members/") {
                guard blindness.ignoresMembers || state.memberNodes["pg1"]?.version == step.node.version else {
                    return nil
                }
                continue
            }
            guard let node = isMarks ? state.marks : state.key else { return nil }
            if isMarks, blindness.ignoresMarks || blindness.ignoresVersions { continue }
            guard blindness.ignoresVersions || node.version == step.node.version else { return nil }
        }
        return steps.map { step in
            switch step {
            case .check: return nil
            case .set(let node, let data):
                if !node.path.hasSuffix("/marks"), state.key?.text != String(decoding: data, as: UTF8.self) {
                    state.violations.append("\(state.now) the key of \(state.key?.text ?? "") gets another name")
                }
                if node.path.hasSuffix("/marks") {
                    state.marks?.version += 1
                    return shown(state.marks)
                }
                state.key?.version += 1
                return shown(state.key)
            case .delete:
                judge(&state)
                state.key = nil
                state.releases += 1
                race(&state)
                return nil
            }
        }
    }

    /// The invariants, in the moment in which the agent of pg1 deletes the key.
    private static func judge(_ state: inout State) {
        if let key = state.key, key.text != "pg1" {
            state.violations.append("\(state.now) the key of \(key.text) is deleted by the agent of pg1")
        }
        if state.members["pg1"]?.postgres == .primary {
            state.violations.append("\(state.now) the key of pg1 is deleted while its PostgreSQL takes writes")
        }
        state.history.append("\(state.now) the agent releases the key")
    }

    func children(of path: String, within limit: Duration) async throws(NodeFailure) -> [String]? { [] }
    nonisolated func events(of path: String) -> AsyncStream<CoordinationEvent> { AsyncStream { $0.finish() } }
    func close() async {}
}
