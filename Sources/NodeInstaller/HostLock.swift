import ClusterModel
import HostPorts

/// One installation at a time on a host.
package struct HostLock: Sendable {
    package static let path = "/run/pgha-node.lock"

    private let held: any FileLock

    /// Waits up to `limit` for the lock and says who holds it; `description` is what whoever comes next is told of us.
    package static func take(
        _ description: String, on machine: Machine, waiting limit: Duration,
        notify: @Sendable (String) -> Void
    ) async throws(NodeFailure) -> HostLock {
        var waited = Duration.zero
        while true {
            if let held = try machine.files.lock(path, holder: description) { return HostLock(held: held) }
            let said = (try machine.files.text(path) ?? "").prefix { !$0.isNewline }
            let holder = said.isEmpty ? "a process that has not said who it is" : String(said)
            guard waited < limit else {
                throw NodeFailure(
                    .conflict, "another pgha-node is at work on this host",
                    detail: "The lock is held by \(holder).",
                    hint: "Wait until it has ended, or add \"--wait-lock 60\" to wait for it.")
            }
            if waited == .zero { notify("waiting for the lock of this host, held by \(holder)") }
            waited += .milliseconds(500)
            do {
                try await machine.clock.sleep(for: .milliseconds(500))
            } catch {
                throw NodeFailure(.interrupted, "interrupted while waiting for the lock of this host")
            }
        }
    }
}
