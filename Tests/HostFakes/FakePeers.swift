import ClusterModel
import HostPorts

/// Patroni's REST API of other members, by `address:port`. Where nothing is set, nobody answers.
package final class FakePatroni: PatroniAPI {
    private struct State {
        var statuses: [String: PatroniStatus] = [:]
        var members: [String: [PatroniMember]] = [:]
        var calls: [String] = []
    }

    private let state = Locked(State())

    package init() {}

    package func set(_ address: String, _ port: Int, _ status: PatroniStatus?, members: [PatroniMember] = []) {
        let endpoint = Cluster.endpoint(address, port)
        state.withLock {
            $0.statuses[endpoint] = status
            $0.members[endpoint] = status == nil ? nil : members
        }
    }

    /// Requests, in no certain order, e.g. `status 10.0.0.2:8009`.
    package var calls: [String] { state.withLock { $0.calls } }

    package func status(
        of address: String, port: Int, within limit: Duration
    ) async throws(NodeFailure) -> PatroniStatus {
        let endpoint = Cluster.endpoint(address, port)
        let status = state.withLock { state in
            state.calls.append("status \(endpoint)")
            return state.statuses[endpoint]
        }
        guard let status else { throw Self.silent(endpoint) }
        return status
    }

    package func members(
        seenBy address: String, port: Int, within limit: Duration
    ) async throws(NodeFailure) -> [PatroniMember] {
        let endpoint = Cluster.endpoint(address, port)
        let members = state.withLock { state in
            state.calls.append("members \(endpoint)")
            return state.members[endpoint]
        }
        guard let members else { throw Self.silent(endpoint) }
        return members
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
    }

    private let state = Locked(State())

    package init() {}

    package func on(_ statement: String, do script: @escaping Script) {
        state.withLock { $0.scripts[statement] = script }
    }

    package func on(_ statement: String, rows: [[String?]]) {
        on(statement) { _ in rows }
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
