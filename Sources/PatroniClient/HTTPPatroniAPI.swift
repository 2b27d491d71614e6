import AsyncHTTPClient
import ClusterModel
import HostPorts
import NIOCore
import NIOHTTP1
import NIOPosix

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

    package func cluster(
        seenBy address: String, port: Int, within limit: Duration
    ) async throws(NodeFailure) -> PatroniCluster {
        let answer = try await get("/cluster", address, port, limit)
        guard let cluster = PatroniJSON.cluster(answer.body) else { throw Self.foreign(address, port) }
        return cluster
    }

    package func configuration(
        seenBy address: String, port: Int, within limit: Duration
    ) async throws(NodeFailure) -> [UInt8] {
        let answer = try await get("/config", address, port, limit)
        guard answer.status == 200 else { throw Self.foreign(address, port) }
        return answer.body
    }

    package func change(
        _ change: PatroniChange, at address: String, port: Int, password: String, within limit: Duration
    ) async throws(NodeFailure) -> PatroniReply {
        let body = try change.body
        var request = HTTPClientRequest(url: "http://\(Cluster.endpoint(address, port))\(change.path)")
        request.method = change.method
        request.setBasicAuth(username: Self.user, password: password)
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: body))
        }
        let answer = try await send(request, to: Cluster.endpoint(address, port), limit)
        let text = String(decoding: answer.body, as: UTF8.self).split(whereSeparator: \.isNewline).joined(
            separator: " ")
        return PatroniReply(status: answer.status, text: text)
    }

    /// As patroni.yml names it (`restapi.authentication`).
    private static let user = "patroni"

    private struct Answer {
        var status: Int
        var body: [UInt8]
        var date: String?
    }

    private func get(
        _ path: String, _ address: String, _ port: Int, _ limit: Duration
    ) async throws(NodeFailure) -> Answer {
        let endpoint = Cluster.endpoint(address, port)
        return try await send(HTTPClientRequest(url: "http://\(endpoint)\(path)"), to: endpoint, limit)
    }

    private func send(
        _ request: HTTPClientRequest, to endpoint: String, _ limit: Duration
    ) async throws(NodeFailure) -> Answer {
        // A client for each request, whose connections end with it. Patroni's API has five threads, a silent connection holds
        // one of them, and a Patroni that is told to stop waits for it (patroni/api.py, RestApiServer.shutdown). A pool keeps such
        // connections: those that came about after their request had been given up, as with a host that is booting.
        var configuration = HTTPClient.Configuration()
        configuration.timeout.connect = TimeAmount(limit)
        let client = HTTPClient(
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton, configuration: configuration)
        let answer: Result<Answer, any Error>
        do {
            let deadline = NIODeadline.now() + TimeAmount(limit)
            // Patroni answers 503 with the same body when the member is not running; the status code says nothing more.
            let response = try await client.execute(request, deadline: deadline)
            let body = try await response.body.collect(upTo: 1 << 20)
            answer = .success(
                Answer(
                    status: Int(response.status.code), body: Array(buffer: body),
                    date: response.headers.first(name: "date")))
        } catch {
            answer = .failure(error)
        }
        // Nothing to be done about one that fails: what was asked has its answer.
        try? await client.shutdown()
        do {
            return try answer.get()
        } catch {
            throw NodeFailure(.unreachable, "no answer from Patroni at \(endpoint)", detail: "\(error)")
        }
    }

    private static func foreign(_ address: String, _ port: Int) -> NodeFailure {
        NodeFailure(.unreachable, "what answers at \(Cluster.endpoint(address, port)) is not Patroni")
    }
}
