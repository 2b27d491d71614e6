import ClusterModel
import HostPorts
import Synchronization

/// Takes everything.
final class RecordHeap: LogSink {
    private let state = Mutex<(records: [LogRecord], complaints: [NodeFailure])>(([], []))

    var records: [LogRecord] { state.withLock { $0.records } }
    var complaints: [NodeFailure] { state.withLock { $0.complaints } }
    func take(_ records: [LogRecord]) -> Bool {
        state.withLock { $0.records += records }
        return true
    }
    func isOpen() -> Bool { true }
    func complain(of failure: NodeFailure) { state.withLock { $0.complaints.append(failure) } }
}
