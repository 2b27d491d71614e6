import ClusterModel
import Decisions
import HostOperations
import HostPorts

/// Looks at a postmaster of this host, without asking it anything that costs it much.
struct LifeReader: Sendable {
    let context: AgentContext
    let processes: MemberProcesses

    /// nil where nothing can be said: the process is gone, or is not PostgreSQL's any more.
    func signs(of process: Int32, in group: String, knock: PostgresKnock?) -> LifeSigns? {
        guard let state = processes.postgresState(of: process), let switches = switches(of: process) else { return nil }
        let events = (try? context.machine.files.read("/sys/fs/cgroup\(group)/cgroup.events")) ?? []
        let answer: LifeSigns.Answer =
            switch knock {
            case .answered: .answered
            case .silent: .silent
            case .impossible, nil: .unknown
            }
        return LifeSigns(
            state: state, switches: switches,
            isFrozen: events.split(separator: UInt8(ascii: "\n")).contains { $0.elementsEqual("frozen 1".utf8) },
            answer: answer)
    }

    /// How often it got a processor: the third number of schedstat (kernel, scheduler/sched-stats.rst), which is made in a
    /// fraction of the time that proc_pid_status(5) takes. A kernel without CONFIG_SCHED_INFO says 0 there, which no process that
    /// has run can have.
    private func switches(of process: Int32) -> Int64? {
        let files = context.machine.files
        let numbers = try? files.text("/proc/\(process)/schedstat")?.split(whereSeparator: \.isWhitespace)
        if let numbers, numbers.count == 3, let count = Int64(numbers[2]), count > 0 { return count }
        return (try? files.text("/proc/\(process)/status")).map(Self.switches(in:))
    }

    /// `voluntary_ctxt_switches` and `nonvoluntary_ctxt_switches`.
    private static func switches(in status: String) -> Int64 {
        status.split(separator: "\n").filter { $0.contains("voluntary_ctxt_switches:") }
            .compactMap { $0.split(whereSeparator: \.isWhitespace).last.flatMap { Int64($0) } }.reduce(0, +)
    }

    func knock() async -> PostgresKnock {
        guard let port = context.host.roles.first(where: { $0.role == processes.role })?.postgresPort,
            let directory = socketDirectory
        else { return .impossible }
        return await context.machine.postgres.knock(at: directory, port: port, within: .milliseconds(700))
    }

    /// The first of PostgreSQL's unix_socket_directories; nil where cluster.yml wants none.
    private var socketDirectory: String? {
        let parameters = context.cluster.postgres.parameters
        let own = parameters.first { $0.name.lowercased() == "unix_socket_directories" }?.value
        let directories = (own ?? "/run/postgresql").split(separator: ",").map { $0.filter { $0 != " " && $0 != "\"" } }
        return directories.first { $0.hasPrefix("/") }
    }
}
