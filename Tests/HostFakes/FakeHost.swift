import ClusterModel
import HostPorts

/// A journal with entries by unit.
package final class FakeJournal: JournalReader {
    private let entries = Locked<[UnitName: [JournalEntry]]>([:])

    package init() {}

    package func add(_ message: String, of unit: UnitName, identifier: String = "test", time: UInt64 = 0) {
        let entry = JournalEntry(time: time, message: message, identifier: identifier)
        entries.withLock { $0[unit, default: []].append(entry) }
    }

    package func tail(of unit: UnitName, count: Int) async throws(NodeFailure) -> [JournalEntry] {
        entries.withLock { ($0[unit] ?? []).suffix(count) }
    }
}

/// A machine's kernel: root on x86_64 with a synchronised clock, unless a test says otherwise.
package final class FakeSystem: SystemProbe {
    private struct State {
        var userID: UInt32 = 0
        var architecture = "x86_64"
        var hostName = "host1"
        var now = 1_800_000_000.0
        var synchronisation = ClockSynchronisation(isSynchronised: true, estimatedError: .milliseconds(1))
        var nextByte: UInt8 = 0
        var openFiles: [Int32: [String]] = [:]
    }

    private let state = Locked(State())

    package init() {}

    package var userID: UInt32 { state.withLock { $0.userID } }
    package var architecture: String { state.withLock { $0.architecture } }
    package var hostName: String { state.withLock { $0.hostName } }

    package func set(userID: UInt32) { state.withLock { $0.userID = userID } }
    package func set(architecture: String) { state.withLock { $0.architecture = architecture } }
    package func set(hostName: String) { state.withLock { $0.hostName = hostName } }
    package func set(now: Double) { state.withLock { $0.now = now } }
    package func set(isSynchronised: Bool) { state.withLock { $0.synchronisation.isSynchronised = isSynchronised } }

    package let programPath = "/usr/local/bin/pgha-node"
    package func set(openFiles paths: [String], of process: Int32) {
        state.withLock { $0.openFiles[process] = paths }
    }
    package func openFiles(of process: Int32) -> [String] { state.withLock { $0.openFiles[process] ?? [] } }

    package func now() -> Double { state.withLock { $0.now } }

    package func clockSynchronisation() -> ClockSynchronisation { state.withLock { $0.synchronisation } }

    /// 0, 1, 2 … and on over all calls: never the same secret twice, always the same ones in the same order.
    package func randomBytes(_ count: Int) -> [UInt8] {
        state.withLock { state in
            (0..<count).map { _ in
                defer { state.nextByte &+= 1 }
                return state.nextByte
            }
        }
    }
}

/// A machine of fakes, each in reach of the test.
package struct FakeMachine: Sendable {
    package let files: InMemoryFileStore
    package let commands = FakeCommandRunner()
    package let services: FakeServiceManager
    package let journal = FakeJournal()
    package let network: FakeNetwork
    package let patroni = FakePatroni()
    package let postgres = FakePostgres()
    package let system = FakeSystem()
    package let clock = ImmediateClock()
    package let logs = FakeLogs()
    package let replacement = FakeReplacement()
    package let units = FakeUnits()
    package let connections = FakeConnections()

    /// Unit files that are written to `files` are known to `services` after `reloadUnitFiles`.
    package init(address: String = "10.0.0.1", files: [String: String] = [:]) {
        let store = InMemoryFileStore(files)
        self.files = store
        self.services = FakeServiceManager(files: store)
        self.network = FakeNetwork(addresses: [address])
    }

    package var machine: Machine {
        Machine(
            files: files, commands: commands, services: services, journal: journal, network: network,
            patroni: patroni, postgres: postgres, system: system, clock: clock,
            observation: ObservationPorts(
                logs: logs, patterns: FakePatterns(), replacement: replacement, units: units, connections: connections))
    }
}
