import CLinux
import Dispatch
import Glibc
import HostPorts
import Synchronization

/// Processes of this machine by their numbers.
package struct LinuxProcesses: ProcessWatcher {
    package init() {}

    package func kill(_ process: Int32) -> Bool { process > 1 && Glibc.kill(process, SIGKILL) == 0 }

    package func waitForEnd(of process: Int32) async {
        let descriptor = pgha_pidfd_open(process)
        guard descriptor >= 0 else { return }
        let bell = Bell()
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                // A thread of its own, which sleeps in the kernel: what ends here is what a failover waits for.
                DispatchQueue(label: "end of \(process)").async {
                    var waited = [descriptor, bell.reader].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
                    // Without a bell, which only a process without descriptors left lacks, it looks up each second.
                    let limit: Int32 = bell.reader >= 0 ? -1 : 1000
                    while poll(&waited, 2, limit) <= 0, !bell.hasRung {}
                    close(descriptor)
                    bell.end()
                    continuation.resume()
                }
            }
        } onCancel: {
            bell.ring()
        }
    }
}

/// Wakes a thread that sleeps in poll(2).
private final class Bell: Sendable {
    private struct State {
        var writer: Int32
        var hasRung = false
    }

    /// To be polled; -1 if there is none.
    let reader: Int32
    private let state: Mutex<State>

    init() {
        var ends: [Int32] = [-1, -1]
        let isMade = pipe(&ends) == 0
        for end in ends where isMade { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        reader = isMade ? ends[0] : -1
        state = Mutex(State(writer: isMade ? ends[1] : -1))
    }

    var hasRung: Bool { state.withLock { $0.hasRung } }

    /// What comes too late rings nobody else's.
    func ring() {
        state.withLock { state in
            state.hasRung = true
            if state.writer >= 0 { _ = write(state.writer, [1], 1) }
        }
    }

    func end() {
        state.withLock { state in
            if state.writer >= 0 { close(state.writer) }
            state.writer = -1
        }
        if reader >= 0 { close(reader) }
    }
}
