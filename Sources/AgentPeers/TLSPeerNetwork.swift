import AgentServer
import AsyncHTTPClient
import ClusterModel
import HTTPTypes
import HostPorts
import Hummingbird
import HummingbirdTLS
import Logging
import NIOCore
import NIOHTTP1
import TLSCredentials

/// Agents among themselves: HTTP over TLS 1.3, with a certificate of the cluster's authority on either side.
///
/// Nothing of a request is read before BoringSSL has verified both.
package struct TLSPeerNetwork: PeerNetwork {
    /// Of an answer; a peer says little.
    private static let limit = 4 << 20

    /// nil: a new connection for each question.
    private let kept: PeerClients?

    /// `keepsConnections`: for a process that asks again and again, and holds this for as long as it lives.
    package init(keepsConnections: Bool = false) {
        kept = keepsConnections ? PeerClients() : nil
    }

    package func serve(
        on address: String, port: Int, as credentials: PeerCredentials,
        _ answer: @escaping @Sendable (PeerRequest) async -> StatusAnswer?
    ) async throws(NodeFailure) {
        let configuration = try credentials.serverTLS()
        let router = Router(context: PeerContext.self)
        for (method, asked) in [(HTTPRequest.Method.get, PeerRequest.Method.get), (.post, .post)] {
            router.on("**", method: method) { request, context in
                let found: StatusAnswer
                if let asker = await context.host() {
                    found =
                        await answer(PeerRequest(asked, request.uri.path, by: asker))
                        ?? StatusAnswer(status: 404, body: "not found\n")
                } else {
                    found = StatusAnswer(status: 403, body: "the certificate is of no host, or has expired\n")
                }
                return Response(
                    status: .init(code: found.status), headers: [.contentType: found.contentType],
                    body: .init(byteBuffer: ByteBuffer(string: found.body)))
            }
        }
        var logger = Logger(label: "agent.peers")
        // A stranger at the door is no reason to write into the journal as often as he likes.
        logger.logLevel = .critical
        do {
            let application = Application(
                router: router, server: try .tls(.http1(), tlsConfiguration: configuration),
                configuration: .init(address: .hostname(address, port: port), serverName: "pgha-agent"),
                eventLoopGroupProvider: ServingApplication.eventLoop, logger: logger)
            try await ServingApplication.run(application, logger: logger)
        } catch is CancellationError {
            return
        } catch {
            throw NodeFailure(
                .conflict, "the agent cannot answer its peers on port \(port)", detail: "\(error)",
                hint: "Run \"ss -ltnp 'sport = :\(port)'\" to see who has it.")
        }
    }

    package func ask(
        _ request: PeerRequest, of address: String, port: Int, as credentials: PeerCredentials, within limit: Duration
    ) async throws(NodeFailure) -> StatusAnswer {
        let endpoint = Cluster.endpoint(address, port)
        let client = if let kept { try await kept.client(credentials) } else { try PeerClients.make(credentials) }
        let result: Result<StatusAnswer, NodeFailure>
        do {
            let seconds = limit.components.seconds * 1000 + limit.components.attoseconds / 1_000_000_000_000_000
            var question = HTTPClientRequest(url: "https://\(endpoint)\(request.path)")
            question.method = HTTPMethod(rawValue: request.method.rawValue)
            let response = try await client.execute(question, timeout: .milliseconds(seconds))
            let body = try await response.body.collect(upTo: Self.limit)
            result = .success(
                StatusAnswer(
                    status: Int(response.status.code),
                    contentType: response.headers.first(name: "content-type") ?? "", body: String(buffer: body)))
        } catch {
            result = .failure(
                NodeFailure(
                    .unreachable, "the agent at \(endpoint) does not answer", detail: "\(error)",
                    hint: "Run \"pgha-node certs\" on both hosts, and \"systemctl status pgha-agent\" on that one."))
        }
        if kept == nil { try? await client.shutdown() }
        return try result.get()
    }
}
