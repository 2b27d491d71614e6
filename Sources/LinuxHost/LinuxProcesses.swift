import CLinux
import Dispatch
import Glibc
import HostPorts
import Synchronization

/// Processes of this machine by their numbers.
package struct LinuxProcesses: ProcessWatcher {
    private final class Mark: Sendable {
        let isSet = Atomic(false)
    }

    package init() {}

    package func kill(_ process: Int32) -> Bool { process > 1 && Glibc.kill(process, SIGKILL) == 0 }

    package func waitForEnd(of process: Int32) async {
        let descriptor = pgha_pidfd_open(process)
        guard descriptor >= 0 else { return }
        let mark = Mark()
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                // A thread of its own, which sleeps in the kernel: what ends here is what a failover waits for.
                DispatchQueue(label: "end of \(process)").async {
                    var waited = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                    while poll(&waited, 1, 1000) <= 0, !mark.isSet.load(ordering: .relaxed) {}
                    close(descriptor)
                    continuation.resume()
                }
            }
        } onCancel: {
            mark.isSet.store(true, ordering: .relaxed)
        }
    }
}
