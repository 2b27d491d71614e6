import ClusterModel
import HostPorts

/// A network where every address refuses every port, unless a test says otherwise.
package final class FakeNetwork: NetworkProbe {
    private struct State {
        var addresses: [String] = []
        var listening: [ListeningPort] = []
        var outcomes: [String: ConnectOutcome] = [:]
        var answers: [String: String] = [:]
        var socketFailures: [String: NodeFailure] = [:]
        var names: [String: [String]] = [:]
        var calls: [String] = []
    }

    private let state = Locked(State())

    package init(addresses: [String] = []) {
        state.withLock { $0.addresses = addresses }
    }

    package func set(addresses: [String]) {
        state.withLock { $0.addresses = addresses }
    }

    package func set(listening: [ListeningPort]) {
        state.withLock { $0.listening = listening }
    }

    package func set(_ address: String, _ port: Int, _ outcome: ConnectOutcome) {
        state.withLock { $0.outcomes[Cluster.endpoint(address, port)] = outcome }
    }

    /// What that port answers to a request, e.g. `srvr`; it accepts connections from then on.
    package func set(_ address: String, _ port: Int, answer: String, to request: String) {
        let endpoint = Cluster.endpoint(address, port)
        state.withLock {
            $0.outcomes[endpoint] = .accepted
            $0.answers["\(request) \(endpoint)"] = answer
        }
    }

    package func set(_ name: String, resolvesTo addresses: [String]) {
        state.withLock { $0.names[name] = addresses }
    }

    /// Attempts, in no certain order, e.g. `connect 10.0.0.2:2888`.
    package var calls: [String] { state.withLock { $0.calls } }

    package func localAddresses() throws(NodeFailure) -> [String] { state.withLock { $0.addresses } }

    package func listeningPorts() throws(NodeFailure) -> [ListeningPort] { state.withLock { $0.listening } }

    package func connect(to address: String, port: Int, within limit: Duration) async -> ConnectOutcome {
        let endpoint = Cluster.endpoint(address, port)
        return state.withLock { state in
            state.calls.append("connect \(endpoint)")
            return state.outcomes[endpoint] ?? .refused
        }
    }

    package func exchange(
        _ request: String, with address: String, port: Int, within limit: Duration
    ) async -> String? {
        let endpoint = Cluster.endpoint(address, port)
        return state.withLock { state in
            state.calls.append("exchange \(endpoint)")
            guard state.outcomes[endpoint] == .accepted else { return nil }
            return state.answers["\(request) \(endpoint)"] ?? ""
        }
    }

    /// What the socket answers to a request; without it, there is no such socket.
    package func set(socket path: String, answer: String, to request: String) {
        state.withLock { $0.answers["\(request) \(path)"] = answer }
    }

    package func set(socket path: String, failure: NodeFailure) {
        state.withLock { $0.socketFailures[path] = failure }
    }

    package func exchange(
        _ request: String, withSocket path: String, within limit: Duration
    ) async throws(NodeFailure) -> String {
        try state.withLock { state throws(NodeFailure) in
            state.calls.append("exchange \(path)")
            if let failure = state.socketFailures[path] { throw failure }
            guard let answer = state.answers["\(request) \(path)"] else {
                throw NodeFailure(.notFound, "could not connect to the socket \"\(path)\": No such file or directory")
            }
            return answer
        }
    }

    package func resolve(_ name: String) async -> [String] {
        state.withLock { state in
            state.calls.append("resolve \(name)")
            return state.names[name] ?? []
        }
    }
}
