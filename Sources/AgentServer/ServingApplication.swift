import Hummingbird
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// How the agent's HTTP servers begin and end.
package enum ServingApplication {
    /// Connections that are open when the server is to end have this long to get their answers.
    private static let grace = Duration.seconds(1)

    /// One event loop for a server: it has little to do, and a connection that was accepted is then in the hands of the
    /// server in the same tick, before the listening socket can be closed.
    package static var eventLoop: EventLoopGroupProvider { .shared(MultiThreadedEventLoopGroup.singleton.any()) }

    /// Runs until the task is cancelled; the server then closes its listening socket first.
    ///
    /// Cancelling the server itself ends the whole process if a connection has been accepted and not been looked at
    /// (swift-nio issue 2637: the buffered channel is dropped unfinished, and NIOAsyncWriter traps).
    /// - Throws: what the server says if it cannot listen.
    package static func run(_ application: some ApplicationProtocol, logger: Logger) async throws {
        var configuration = ServiceGroupConfiguration(services: [application], logger: logger)
        configuration.maximumGracefulShutdownDuration = grace
        let group = ServiceGroup(configuration: configuration)
        // Not a child of this task, which would hand the cancellation down.
        let serving = Task { try await group.run() }
        try await withTaskCancellationHandler {
            try await serving.value
        } onCancel: {
            Task { await group.triggerGracefulShutdown() }
        }
    }
}
