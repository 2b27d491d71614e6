import ClusterModel
import HostPorts

extension Machine {
    /// A machine on which every effect ends the test run with the port's name; a test replaces what it means to use.
    package static func unusable() -> Machine {
        Machine(
            files: UnusableFileStore(), commands: UnusableCommandRunner(), services: UnusableServiceManager(),
            journal: UnusableJournalReader(), network: UnusableNetworkProbe(), patroni: UnusablePatroniAPI(),
            postgres: UnusablePostgresConnector(), system: UnusableSystemProbe(), clock: ManualClock(),
            observation: .unusable)
    }
}

func unusable(_ port: String, _ call: String = #function) -> Never {
    fatalError("a test touched the port \(port), which it did not replace: \(call)")
}

private struct UnusableFileStore: FileStore {
    func read(_ path: String) throws(NodeFailure) -> [UInt8]? { unusable("files") }
    func write(_ contents: [UInt8], to path: String, owner: FileOwner, mode: UInt16) throws(NodeFailure) -> WriteOutcome
    {
        unusable("files")
    }
    func makeDirectory(_ path: String, owner: FileOwner, mode: UInt16) throws(NodeFailure) -> WriteOutcome {
        unusable("files")
    }
    func link(_ path: String, to target: String) throws(NodeFailure) -> WriteOutcome { unusable("files") }
    func attributes(_ path: String) throws(NodeFailure) -> FileAttributes? { unusable("files") }
    func names(in directory: String) throws(NodeFailure) -> [String] { unusable("files") }
    func remove(_ path: String) throws(NodeFailure) -> Bool { unusable("files") }
    func space(at path: String) throws(NodeFailure) -> FileSystemSpace { unusable("files") }
    func syncLatency(in directory: String, samples: Int) throws(NodeFailure) -> Duration { unusable("files") }
    func lock(_ path: String, holder: String) throws(NodeFailure) -> (any FileLock)? { unusable("files") }
}

private struct UnusableCommandRunner: CommandRunner {
    func run(_ command: Command) async throws(NodeFailure) -> CommandResult { unusable("commands") }
}

private struct UnusableServiceManager: ServiceManager {
    func version() async throws(NodeFailure) -> String { unusable("services") }
    func state(of unit: UnitName) async throws(NodeFailure) -> UnitState { unusable("services") }
    func unitFiles(matching patterns: [String]) async throws(NodeFailure) -> [UnitFile] { unusable("services") }
    func start(_ unit: UnitName, within limit: Duration) async throws(NodeFailure) { unusable("services") }
    func stop(_ unit: UnitName, within limit: Duration) async throws(NodeFailure) { unusable("services") }
    func restart(_ unit: UnitName, within limit: Duration) async throws(NodeFailure) { unusable("services") }
    func begin(_ job: UnitJob, _ unit: UnitName) async throws(NodeFailure) { unusable("services") }
    func reload(_ unit: UnitName, within limit: Duration) async throws(NodeFailure) { unusable("services") }
    func freeze(_ unit: UnitName) async throws(NodeFailure) { unusable("services") }
    func thaw(_ unit: UnitName) async throws(NodeFailure) { unusable("services") }
    func kill(_ unit: UnitName) async throws(NodeFailure) { unusable("services") }
    func startTimer(_ timer: TransientTimer) async throws(NodeFailure) { unusable("services") }
    func stopTimer(_ name: String) async throws(NodeFailure) { unusable("services") }
    func enable(_ units: [UnitName]) async throws(NodeFailure) { unusable("services") }
    func disable(_ units: [UnitName]) async throws(NodeFailure) { unusable("services") }
    func reloadUnitFiles() async throws(NodeFailure) { unusable("services") }
    func resetFailed(_ unit: UnitName) async throws(NodeFailure) { unusable("services") }
}

private struct UnusableJournalReader: JournalReader {
    func tail(of unit: UnitName, count: Int) async throws(NodeFailure) -> [JournalEntry] { unusable("journal") }
}

private struct UnusableNetworkProbe: NetworkProbe {
    func localAddresses() throws(NodeFailure) -> [String] { unusable("network") }
    func listeningPorts() throws(NodeFailure) -> [ListeningPort] { unusable("network") }
    func connect(to address: String, port: Int, within limit: Duration) async -> ConnectOutcome { unusable("network") }
    func exchange(_ request: String, with address: String, port: Int, within limit: Duration) async -> String? {
        unusable("network")
    }
    func exchange(
        _ request: String, withSocket path: String, within limit: Duration
    ) async throws(NodeFailure) -> String {
        unusable("network")
    }
    func resolve(_ name: String) async -> [String] { unusable("network") }
}

private struct UnusablePatroniAPI: PatroniAPI {
    func status(of address: String, port: Int, within limit: Duration) async throws(NodeFailure) -> PatroniStatus {
        unusable("patroni")
    }
    func cluster(seenBy address: String, port: Int, within limit: Duration) async throws(NodeFailure) -> PatroniCluster
    {
        unusable("patroni")
    }
    func configuration(seenBy address: String, port: Int, within limit: Duration) async throws(NodeFailure) -> [UInt8] {
        unusable("patroni")
    }
    func change(
        _ change: PatroniChange, at address: String, port: Int, password: String, within limit: Duration
    ) async throws(NodeFailure) -> PatroniReply { unusable("patroni") }
}

private struct UnusablePostgresConnector: PostgresConnector {
    func query(
        _ statement: String, at target: PostgresTarget, within limit: Duration
    ) async throws(NodeFailure) -> [[String?]] { unusable("postgres") }
    func knock(at directory: String, port: Int, within limit: Duration) async -> PostgresKnock { unusable("postgres") }
    func open(at target: PostgresTarget, within limit: Duration) async throws(NodeFailure) -> any PostgresSession {
        unusable("postgres")
    }
}

private struct UnusableSystemProbe: SystemProbe {
    var userID: UInt32 { unusable("system") }
    var architecture: String { unusable("system") }
    var hostName: String { unusable("system") }
    var programPath: String { unusable("system") }
    func openFiles(of process: Int32) -> [String] { unusable("system") }
    func now() -> Double { unusable("system") }
    func clockSynchronisation() -> ClockSynchronisation { unusable("system") }
    func randomBytes(_ count: Int) -> [UInt8] { unusable("system") }
}
