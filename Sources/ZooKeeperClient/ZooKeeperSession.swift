import ClusterModel
import HostPorts

package struct ZooKeeperSession: CoordinationService {
    package init(servers: [(host: String, port: Int)], timeout: Duration) {}
    package func node(at path: String, isFresh: Bool, within limit: Duration) async throws(NodeFailure)
        -> CoordinationNode?
    { nil }
    package func children(of path: String, within limit: Duration) async throws(NodeFailure) -> [String]? { nil }
    package func delete(_ node: CoordinationGuard, guardedBy guards: [CoordinationGuard], within limit: Duration)
        async throws(NodeFailure) -> Bool
    { false }
    package func events(of path: String) -> AsyncStream<CoordinationEvent> { AsyncStream { _ in } }
    package func close() async {}
}
