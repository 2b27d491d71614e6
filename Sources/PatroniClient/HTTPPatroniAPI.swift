import AsyncHTTPClient
import ClusterModel
import HostPorts
import NIOCore
import NIOHTTP1

/// Patroni's REST API over HTTP (patroni docs, "Patroni REST API").
package struct HTTPPatroniAPI: PatroniAPI {
    package init() {}

    package func status(
        of address: String, port: Int, within limit: Duration
    ) async throws(NodeFailure) -> PatroniStatus {
        let answer = try await get("/patroni", address, port, limit)
        guard var status = PatroniJSON.status(answer.body) else { throw Self.foreign(address, port) }
        status.date = answer.date.flatMap(HTTPDate.seconds)
        return status
    }

    package func members(
        seenBy address: String, port: Int, within limit: Duration
    ) async throws(NodeFailure) -> [PatroniMember] {
        let answer = try await get("/cluster", address, port, limit)
        guard let members = PatroniJSON.members(answer.body) else { throw Self.foreign(address, port) }
        return members
    }

    private struct Answer {
        var body: [UInt8]
        var date: String?
    }

    private func get(
        _ path: String, _ address: String, _ port: Int, _ limit: Duration
    ) async throws(NodeFailure) -> Answer {
        let endpoint = Cluster.endpoint(address, port)
        do {
            let deadline = NIODeadline.now() + TimeAmount(limit)
            // Patroni answers 503 with the same body when the member is not running; the status code says nothing more.
            let response = try await HTTPClient.shared.execute(
                HTTPClientRequest(url: "http://\(endpoint)\(path)"), deadline: deadline)
            let body = try await response.body.collect(upTo: 1 << 20)
            return Answer(body: Array(buffer: body), date: response.headers.first(name: "date"))
        } catch {
            throw NodeFailure(.unreachable, "no answer from Patroni at \(endpoint)", detail: "\(error)")
        }
    }

    private static func foreign(_ address: String, _ port: Int) -> NodeFailure {
        NodeFailure(.unreachable, "what answers at \(Cluster.endpoint(address, port)) is not Patroni")
    }
}
