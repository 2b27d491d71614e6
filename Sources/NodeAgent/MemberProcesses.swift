import ClusterModel
import HostPorts

/// The processes of a member on this host, as the kernel shows them.
struct MemberProcesses: Sendable {
    let machine: Machine
    let role: RoleName
    /// PGDATA.
    let directory: String

    var unit: UnitName { ServiceKind.patroni.unit(for: role) }

    /// The postmaster's number, from the first line of postmaster.pid; nil if it has none that lives.
    func postmaster() -> Int32? {
        postmaster(in: postmasterLines())
    }

    private func postmaster(in lines: [Substring]) -> Int32? {
        guard let process = lines.first.flatMap({ Int32($0) }), process > 1, isPostgres(process) else { return nil }
        return process
    }

    private func postmasterLines() -> [Substring] {
        let text = try? machine.files.text("\(directory)/postmaster.pid")
        return text?.split(separator: "\n", omittingEmptySubsequences: false) ?? []
    }

    /// Numbers of the unit's PostgreSQL processes; nil if it cannot be known. A group that is gone has none.
    func postgres(in group: String) -> [Int32]? { processes(in: group)?.filter(isPostgres) }

    /// Numbers of all processes of the unit's control group (cgroups(7), cgroup.procs).
    func processes(in group: String) -> [Int32]? {
        guard !group.isEmpty else { return [] }
        do throws(NodeFailure) {
            guard let text = try machine.files.text("/sys/fs/cgroup\(group)/cgroup.procs") else { return [] }
            return text.split(separator: "\n").compactMap { Int32($0) }
        } catch {
            return nil
        }
    }

    private func isPostgres(_ process: Int32) -> Bool { postgresState(of: process) != nil }

    /// The letter of proc_pid_stat(5), e.g. `S`; nil for another program's process, one that is gone, and one that is only not
    /// reaped yet.
    func postgresState(of process: Int32) -> Character? {
        guard let line = try? machine.files.read("/proc/\(process)/stat"),
            let open = line.firstIndex(of: UInt8(ascii: "(")), let end = line.lastIndex(of: UInt8(ascii: ")")),
            open < end,
            line[(open + 1)..<end].starts(with: "postgres".utf8),
            let state = line[(end + 1)...].first(where: { $0 != UInt8(ascii: " ") })
        else { return nil }
        return state == UInt8(ascii: "Z") || state == UInt8(ascii: "X") ? nil : Character(Unicode.Scalar(state))
    }

    /// Whether PostgreSQL has been shut down in good order, from pg_control.
    ///
    /// `ControlFileData.state` follows 16 bytes of identifier and versions; 1 is DB_SHUTDOWNED, 2 the same of a replica
    /// (PostgreSQL, src/include/catalog/pg_control.h).
    func isShutDownCleanly() -> Bool { [1, 2].contains(controlState()) }

    /// Whether PostgreSQL runs and takes writes: 6 is DB_IN_PRODUCTION, which no replica is in.
    ///
    /// After a crash pg_control says so until recovery begins, and that is after all files have been synchronised
    /// (xlog.c, StartupXLOG), which takes minutes where there are many; a copy of a leader's data has its leader's pg_control until
    /// then. So the postmaster's own word is asked too: line 8 of postmaster.pid (src/include/utils/pidfile.h). While that is
    /// "starting" there are no sessions, and before it is there neither (postmaster.c, PostmasterMain). In any other case there
    /// may be, and where line 8 has not come for a minute as well: that it could not be written ends no postmaster
    /// (miscinit.c, AddToDataDirLockFile).
    func takesWrites() -> Bool {
        guard controlState() == 6 else { return false }
        let lines = postmasterLines()
        guard let postmaster = postmaster(in: lines) else { return false }
        let status = lines.count > 7 ? lines[7].prefix { $0 != " " } : ""
        return status.isEmpty ? !isYoung(postmaster) : status != "starting"
    }

    /// Whether a process is known to have begun less than a minute ago: field 22 of proc_pid_stat(5), of which there are 100 in a
    /// second (time(7), USER_HZ).
    private func isYoung(_ process: Int32) -> Bool {
        guard let stat = try? machine.files.text("/proc/\(process)/stat"), let end = stat.lastIndex(of: ")"),
            let uptime = (try? machine.files.text("/proc/uptime")).flatMap({ Double($0.prefix { $0 != " " }) })
        else { return false }
        let fields = stat[stat.index(after: end)...].split(separator: " ")
        guard fields.count > 19, let began = Double(fields[19]) else { return false }
        return (0..<60).contains(uptime - began / 100)
    }

    private func controlState() -> UInt32? {
        guard let bytes = try? machine.files.read("\(directory)/global/pg_control"), bytes.count >= 20 else {
            return nil
        }
        return bytes[16..<20].enumerated().reduce(0) { $0 | UInt32($1.element) << (8 * UInt32($1.offset)) }
    }
}
