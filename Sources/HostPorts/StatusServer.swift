import ClusterModel

/// An answer of the agent's HTTP server.
package struct StatusAnswer: Equatable, Sendable {
    /// The HTTP status.
    package var status: Int
    package var contentType: String
    package var body: String

    package init(status: Int, contentType: String = "text/plain; charset=utf-8", body: String) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }
}

/// Answers GET and HEAD over HTTP, and changes nothing.
package protocol StatusServer: Sendable {
    /// Serves until the task is cancelled. `answer` gets a path such as `/ready`, and says nil for one that it does not know.
    ///
    /// Throws `.conflict` if the port cannot be had.
    func serve(
        on address: String, port: Int, _ answer: @escaping @Sendable (String) async -> StatusAnswer?
    ) async throws(NodeFailure)
}
