import ClusterModel
import HTTPTypes
import HostPorts
import Hummingbird
import Logging

/// The agent's HTTP server.
package struct HummingbirdStatusServer: StatusServer {
    package init() {}

    package func serve(
        on address: String, port: Int, _ answer: @escaping @Sendable (String) async -> StatusAnswer?
    ) async throws(NodeFailure) {
        let router = Router()
        for method in [HTTPRequest.Method.get, .head] {
            router.on("**", method: method) { request, _ in await Self.response(to: request, answer) }
        }
        var logger = Logger(label: "agent.http")
        logger.logLevel = .error
        let application = Application(
            router: router, configuration: .init(address: .hostname(address, port: port), serverName: "pgha-agent"),
            eventLoopGroupProvider: ServingApplication.eventLoop, logger: logger)
        do {
            try await ServingApplication.run(application, logger: logger)
        } catch is CancellationError {
            return
        } catch {
            throw NodeFailure(
                .conflict, "the agent cannot answer on port \(port)", detail: "\(error)",
                hint: "Run \"ss -ltnp 'sport = :\(port)'\" to see who has it.")
        }
    }

    private static func response(
        to request: Request, _ answer: @Sendable (String) async -> StatusAnswer?
    ) async -> Response {
        let found =
            await answer(request.uri.path)
            ?? StatusAnswer(status: 404, body: "not found; try /health, /ready, /status or /metrics\n")
        return Response(
            status: .init(code: found.status), headers: [.contentType: found.contentType],
            body: .init(byteBuffer: ByteBuffer(string: found.body)))
    }
}
