import ClusterModel
import HostPorts

/// Patroni's REST API of other members, by `address:port`. Where nothing is set, nobody answers.
package final class FakePatroni: PatroniAPI {
    private struct State {
        var statuses: [String: PatroniStatus] = [:]
        var clusters: [String: PatroniCluster] = [:]
        var effects: [String: @Sendable (inout PatroniStatus) -> Void] = [:]
        var configuration = Array("{}".utf8)
        var calls: [String] = []
    }

    package typealias Answer = @Sendable (PatroniChange) -> PatroniReply

    private let state = Locked(State())
    private let answer = Locked<Answer?>(nil)

    package init() {}

    package func set(_ address: String, _ port: Int, _ status: PatroniStatus?, members: [PatroniMember] = []) {
        let endpoint = Cluster.endpoint(address, port)
        state.withLock {
            $0.statuses[endpoint] = status
            $0.clusters[endpoint] = status == nil ? nil : PatroniCluster(members: members)
        }
    }

    package func set(_ address: String, _ port: Int, _ cluster: PatroniCluster?) {
        state.withLock { $0.clusters[Cluster.endpoint(address, port)] = cluster }
    }

    /// What a member says from now on.
    package func change(_ address: String, _ port: Int, _ effect: (inout PatroniStatus) -> Void) {
        state.withLock { state in
            guard var status = state.statuses[Cluster.endpoint(address, port)] else { return }
            effect(&status)
            state.statuses[Cluster.endpoint(address, port)] = status
        }
    }

    /// What a member says after the next time it is asked.
    package func afterNextLook(
        at address: String, _ port: Int, _ effect: @escaping @Sendable (inout PatroniStatus) -> Void
    ) {
        state.withLock { $0.effects[Cluster.endpoint(address, port)] = effect }
    }

    /// Whether the member at that address calls itself primary.
    package func leads(_ address: String) -> Bool {
        state.withLock { state in
            state.statuses.contains { $0.key.hasPrefix("\(address):") && $0.value.role == "primary" }
        }
    }

    package func set(configuration json: String) {
        state.withLock { $0.configuration = Array(json.utf8) }
    }

    /// What is said to each change; without it, yes. May change what the members show.
    package func onChange(_ answer: @escaping Answer) {
        self.answer.withLock { $0 = answer }
    }

    /// Requests, in no certain order, e.g. `status 10.0.0.2:8009`, `restart 10.0.0.1:8008`.
    package var calls: [String] { state.withLock { $0.calls } }

    package func status(
        of address: String, port: Int, within limit: Duration
    ) async throws(NodeFailure) -> PatroniStatus {
        let endpoint = Cluster.endpoint(address, port)
        let status = state.withLock { state in
            state.calls.append("status \(endpoint)")
            let status = state.statuses[endpoint]
            if let effect = state.effects.removeValue(forKey: endpoint), var next = status {
                effect(&next)
                state.statuses[endpoint] = next
            }
            return status
        }
        guard let status else { throw Self.silent(endpoint) }
        return status
    }

    package func cluster(
        seenBy address: String, port: Int, within limit: Duration
    ) async throws(NodeFailure) -> PatroniCluster {
        let endpoint = Cluster.endpoint(address, port)
        let cluster = state.withLock { state in
            state.calls.append("cluster \(endpoint)")
            return state.clusters[endpoint]
        }
        guard let cluster else { throw Self.silent(endpoint) }
        return cluster
    }

    package func configuration(
        seenBy address: String, port: Int, within limit: Duration
    ) async throws(NodeFailure) -> [UInt8] {
        let endpoint = Cluster.endpoint(address, port)
        return try state.withLock { state throws(NodeFailure) in
            state.calls.append("configuration \(endpoint)")
            guard state.clusters[endpoint] != nil else { throw Self.silent(endpoint) }
            return state.configuration
        }
    }

    package func change(
        _ change: PatroniChange, at address: String, port: Int, password: String, within limit: Duration
    ) async throws(NodeFailure) -> PatroniReply {
        let endpoint = Cluster.endpoint(address, port)
        try state.withLock { state throws(NodeFailure) in
            state.calls.append("\(Self.line(change)) \(endpoint)")
            guard state.clusters[endpoint] != nil else { throw Self.silent(endpoint) }
        }
        let answer = answer.withLock { $0 }
        return answer?(change) ?? PatroniReply(status: 200, text: "done")
    }

    private static func line(_ change: PatroniChange) -> String {
        switch change {
        case .switchover(let from, let to): "switchover \(from) \(to ?? "any")"
        case .failover(let to): "failover \(to)"
        case .reinitialise: "reinitialise"
        case .configuration(let json): "configuration \(json)"
        case .restart: "restart"
        case .reload: "reload"
        }
    }

    private static func silent(_ endpoint: String) -> NodeFailure {
        NodeFailure(.unreachable, "no answer from Patroni at \(endpoint)")
    }
}

/// PostgreSQL with scripted answers. A statement without a script finds nobody who answers: `.unreachable`.
package final class FakePostgres: PostgresConnector {
    package typealias Script = @Sendable (PostgresTarget) throws(NodeFailure) -> [[String?]]

    private struct State {
        var scripts: [String: Script] = [:]
        var calls: [String] = []
        var knock = PostgresKnock.answered
    }

    private let state = Locked(State())

    package init() {}

    package func on(_ statement: String, do script: @escaping Script) {
        state.withLock { $0.scripts[statement] = script }
    }

    package func on(_ statement: String, rows: [[String?]]) {
        on(statement) { _ in rows }
    }

    /// A session whose statements are those of the scripts.
    package func open(
        at target: PostgresTarget, within limit: Duration
    ) async throws(NodeFailure) -> any PostgresSession {
        _ = try await query("open", at: target, within: limit)
        return FakePostgresSession(server: self, target: target)
    }

    package func set(knock: PostgresKnock) { state.withLock { $0.knock = knock } }

    package func knock(at directory: String, port: Int, within limit: Duration) async -> PostgresKnock {
        state.withLock { state in
            state.calls.append("knock at \(directory):\(port)")
            return state.knock
        }
    }

    /// Statements with their targets, oldest first, e.g. `postgres@10.0.0.1:5433/postgres: select 1`.
    package var calls: [String] { state.withLock { $0.calls } }

    package func query(
        _ statement: String, at target: PostgresTarget, within limit: Duration
    ) async throws(NodeFailure) -> [[String?]] {
        let script = state.withLock { state in
            state.calls.append("\(target): \(statement)")
            return state.scripts[statement]
        }
        guard let script else { throw NodeFailure(.unreachable, "could not connect to \(target)") }
        return try script(target)
    }
}

private struct FakePostgresSession: PostgresSession {
    let server: FakePostgres
    let target: PostgresTarget

    func query(_ statement: String, within limit: Duration) async throws(NodeFailure) -> [[String?]] {
        try await server.query(statement, at: target, within: limit)
    }
}
