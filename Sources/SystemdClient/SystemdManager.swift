import CSystemd
import ClusterModel
import Dispatch
import Glibc
import HostPorts
import Synchronization

/// systemd's manager over D-Bus (org.freedesktop.systemd1(5)).
///
/// Each call opens a connection of its own on a thread of its own: a bus handle is for one thread at a time and its calls
/// block, and a call that waits for a job must not hold up another one.
package struct SystemdManager: ServiceManager {
    package init() {}

    package func version() async throws(NodeFailure) -> String {
        try await onBus { bus throws(NodeFailure) in
            try bus.property("Version", of: "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager") {
                message throws(NodeFailure) in
                try BusMessage.text("s", from: message)
            }
        }
    }

    package func state(of unit: UnitName) async throws(NodeFailure) -> UnitState {
        try await onBus { bus throws(NodeFailure) in try bus.state(of: unit) }
    }

    package func unitFiles(matching patterns: [String]) async throws(NodeFailure) -> [UnitFile] {
        try await onBus { bus throws(NodeFailure) in try bus.unitFiles(matching: patterns) }
    }

    package func start(_ unit: UnitName, within limit: Duration) async throws(NodeFailure) {
        try await job("StartUnit", "start", unit, within: limit)
    }

    package func stop(_ unit: UnitName, within limit: Duration) async throws(NodeFailure) {
        try await job("StopUnit", "stop", unit, within: limit)
    }

    package func restart(_ unit: UnitName, within limit: Duration) async throws(NodeFailure) {
        try await job("RestartUnit", "restart", unit, within: limit)
    }

    package func begin(_ job: UnitJob, _ unit: UnitName) async throws(NodeFailure) {
        let method = job == .start ? "StartUnit" : "RestartUnit"
        try await onBus { bus throws(NodeFailure) in
            try bus.call(
                BusMethod(method), to: "\(job.rawValue) \"\(unit)\"",
                arguments: { message throws(NodeFailure) in
                    try BusMessage.append(unit.text, to: message)
                    try BusMessage.append("replace", to: message)
                },
                read: { _ throws(NodeFailure) in })
        }
    }

    package func reload(_ unit: UnitName, within limit: Duration) async throws(NodeFailure) {
        try await job("ReloadOrRestartUnit", "reload", unit, within: limit)
    }

    package func freeze(_ unit: UnitName) async throws(NodeFailure) {
        try await order("FreezeUnit", "freeze", unit)
    }

    package func thaw(_ unit: UnitName) async throws(NodeFailure) {
        try await order("ThawUnit", "thaw", unit)
    }

    package func kill(_ unit: UnitName) async throws(NodeFailure) {
        try await order("KillUnit", "kill", unit) { message throws(NodeFailure) in
            try BusMessage.append("all", to: message)
            try BusMessage.append(SIGKILL, to: message)
        }
    }

    package func startTimer(_ timer: TransientTimer) async throws(NodeFailure) {
        // The service of an earlier timer that failed would still have the name.
        try await resetFailed(UnitName("\(timer.name).service"))
        try await onBus { bus throws(NodeFailure) in try bus.startTimer(timer) }
    }

    package func stopTimer(_ name: String) async throws(NodeFailure) {
        try await onBus { bus throws(NodeFailure) in try bus.stopTimer(name) }
    }

    package func enable(_ units: [UnitName]) async throws(NodeFailure) {
        try await onBus { bus throws(NodeFailure) in
            try bus.call(
                BusMethod("EnableUnitFiles"), to: "enable \(units.map(\.text))",
                arguments: { message throws(NodeFailure) in
                    try BusMessage.append(units.map(\.text), to: message)
                    try BusMessage.append(false, to: message)
                    try BusMessage.append(true, to: message)
                }, read: { _ throws(NodeFailure) in })
        }
    }

    package func disable(_ units: [UnitName]) async throws(NodeFailure) {
        try await onBus { bus throws(NodeFailure) in
            try bus.call(
                BusMethod("DisableUnitFiles"), to: "disable \(units.map(\.text))",
                arguments: { message throws(NodeFailure) in
                    try BusMessage.append(units.map(\.text), to: message)
                    try BusMessage.append(false, to: message)
                }, read: { _ throws(NodeFailure) in })
        }
    }

    package func reloadUnitFiles() async throws(NodeFailure) {
        try await onBus { bus throws(NodeFailure) in
            // Reload answers only when all units have been read again, which takes seconds on a busy host.
            try bus.call(
                BusMethod("Reload"), to: "reload unit files", timeout: .seconds(90), read: { _ throws(NodeFailure) in })
        }
    }

    package func resetFailed(_ unit: UnitName) async throws(NodeFailure) {
        try await onBus { bus throws(NodeFailure) in
            do throws(NodeFailure) {
                try bus.call(
                    BusMethod("ResetFailedUnit"), to: "reset \(unit)",
                    arguments: { message throws(NodeFailure) in try BusMessage.append(unit.text, to: message) },
                    read: { _ throws(NodeFailure) in })
            } catch  where error.code == .notFound {
                // A unit that is not loaded has no failed state to forget.
            }
        }
    }

    /// A method that answers when it is done, and makes no job.
    private func order(
        _ method: String, _ verb: String, _ unit: UnitName,
        more: @escaping @Sendable (OpaquePointer) throws(NodeFailure) -> Void = { _ throws(NodeFailure) in }
    ) async throws(NodeFailure) {
        try await onBus { bus throws(NodeFailure) in
            try bus.call(
                BusMethod(method), to: "\(verb) \"\(unit)\"",
                arguments: { message throws(NodeFailure) in
                    try BusMessage.append(unit.text, to: message)
                    try more(message)
                }, read: { _ throws(NodeFailure) in })
        }
    }

    private func job(
        _ method: String, _ verb: String, _ unit: UnitName, within limit: Duration
    ) async throws(NodeFailure) {
        // The thread that waits is not the task's, so it is told by a flag that the task was cancelled.
        let cancellation = CancellationFlag()
        let result: Result<Void, NodeFailure> = await withTaskCancellationHandler {
            await busResult { bus throws(NodeFailure) in
                try bus.runJob(method, verb, unit, within: limit) { cancellation.isSet }
            }
        } onCancel: {
            cancellation.set()
        }
        try result.get()
    }

    func onBus<Answer: Sendable>(
        _ work: @escaping @Sendable (borrowing BusConnection) throws(NodeFailure) -> Answer
    ) async throws(NodeFailure) -> Answer {
        try await busResult(work).get()
    }

    private func busResult<Answer: Sendable>(
        _ work: @escaping @Sendable (borrowing BusConnection) throws(NodeFailure) -> Answer
    ) async -> Result<Answer, NodeFailure> {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(returning: Self.perform(work))
            }
        }
    }

    private static func perform<Answer>(
        _ work: (borrowing BusConnection) throws(NodeFailure) -> Answer
    ) -> Result<Answer, NodeFailure> {
        do throws(NodeFailure) {
            let bus = try BusConnection()
            return .success(try work(bus))
        } catch {
            return .failure(error)
        }
    }
}

private final class CancellationFlag: Sendable {
    private let flag = Atomic(false)

    var isSet: Bool { flag.load(ordering: .relaxed) }
    func set() { flag.store(true, ordering: .relaxed) }
}
