import CLinux
import ClusterModel
import Glibc
import HostPorts

/// execve(2) on this machine, in the surroundings that the program asks for.
package struct LinuxProcessReplacement: ProcessReplacement {
    package init() {}

    package func replace(with program: ReplacementProgram) throws(NodeFailure) -> ReplacementRefusal {
        let name = program.command.first ?? ""
        let account = try Self.account(program.account)
        var environment = program.environment
        if let file = program.secretFile {
            environment.append("\(file.variable)=\(try Self.inMemory(file.contents, owner: account?.user))")
        }
        if let process = program.mountNamespaceOf { try Self.joinMountNamespace(of: process) }
        if let directory = program.directory {
            guard chdir(directory) == 0 else { throw Self.failure("change to directory \"\(directory)\"") }
        }
        if let mask = program.fileCreationMask { umask(mode_t(mask)) }
        if let account { try Self.become(account) }
        if program.forbidsNewPrivileges, pgha_forbid_new_privileges() != 0 {
            throw Self.failure("forbid new privileges")
        }
        Self.resetSignals()
        return Self.execute(name, program.command, environment)
    }

    private struct Numbers {
        var user: uid_t
        var group: gid_t
        var groups: [gid_t]
    }

    private static func account(_ account: ReplacementProgram.Account) throws(NodeFailure) -> Numbers? {
        switch account {
        case .ours: return nil
        case .numbers(let user, let group, let groups): return Numbers(user: user, group: group, groups: groups)
        case .named(let name):
            guard let entry = getpwnam(name)?.pointee else {
                throw NodeFailure(.notFound, "user \"\(name)\" does not exist")
            }
            var count: Int32 = 256
            var groups = [gid_t](repeating: 0, count: Int(count))
            guard getgrouplist(name, entry.pw_gid, &groups, &count) >= 0 else {
                throw NodeFailure(.commandFailed, "could not find the groups of user \"\(name)\"")
            }
            return Numbers(user: entry.pw_uid, group: entry.pw_gid, groups: Array(groups.prefix(Int(count))))
        }
    }

    /// A file without a name that ends with the last process that has it open (memfd_create(2)); returns what opens it.
    private static func inMemory(_ contents: [UInt8], owner: uid_t?) throws(NodeFailure) -> String {
        // Open across execve(2) on purpose: the program is the one that reads it.
        let descriptor = memfd_create("pgha", 0)
        guard descriptor >= 0 else { throw failure("make a file in memory") }
        // It begins with mode 0777 (memfd_create(2)).
        guard fchmod(descriptor, 0o400) == 0, fchown(descriptor, owner ?? geteuid(), gid_t.max) == 0,
            write(descriptor, contents, contents.count) == contents.count
        else { throw failure("write a file in memory") }
        return "/proc/self/fd/\(descriptor)"
    }

    private static func joinMountNamespace(of process: UInt32) throws(NodeFailure) {
        let descriptor = open("/proc/\(process)/ns/mnt", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("look into process \(process)") }
        defer { close(descriptor) }
        // A thread that shares its root and working directory with others may not change its mounts (setns(2)).
        guard unshare(CLONE_FS) == 0, setns(descriptor, CLONE_NEWNS) == 0 else {
            throw failure("enter the mounts of process \(process)")
        }
    }

    /// Groups first: after setuid(2) nothing of this is permitted any more. As root it sets the saved number as well.
    private static func become(_ account: Numbers) throws(NodeFailure) {
        guard setgroups(account.groups.count, account.groups) == 0,
            setgid(account.group) == 0, setuid(account.user) == 0
        else { throw failure("become user \(account.user)") }
    }

    /// What is ignored or blocked stays so across execve(2) (signal(7)).
    private static func resetSignals() {
        for number in 1..<lastSignal where number != SIGKILL && number != SIGSTOP { signal(number, SIG_DFL) }
        var none = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, nil)
    }

    /// One above the last real-time signal (signal(7)).
    private static let lastSignal: Int32 = 65

    private static func execute(
        _ name: String, _ command: [String], _ environment: [String]
    ) -> ReplacementRefusal {
        let arguments = command.map { strdup($0) } + [nil]
        let variables = environment.map { strdup($0) } + [nil]
        defer { for pointer in arguments + variables { free(pointer) } }
        var reason = ENOENT
        for path in candidates(for: name, environment) {
            execve(path, arguments, variables)
            // As execvp(3): what may not be run is remembered, and the next directory of PATH is tried.
            if errno == ENOENT || errno == ENOTDIR { continue }
            reason = errno
            if reason != EACCES { break }
        }
        return reason == ENOENT ? .notFound(name) : .cannotRun(name, String(cString: strerror(reason)))
    }

    private static func candidates(for name: String, _ environment: [String]) -> [String] {
        if name.isEmpty { return [] }
        if name.contains("/") { return [name] }
        let path = environment.first { $0.hasPrefix("PATH=") }?.dropFirst("PATH=".count) ?? "/usr/bin:/bin"
        return path.split(separator: ":").map { "\($0)/\(name)" }
    }

    private static func failure(_ doing: String) -> NodeFailure {
        let code: NodeFailure.Code = errno == EPERM || errno == EACCES ? .notPermitted : .commandFailed
        return NodeFailure(code, "could not \(doing): \(String(cString: strerror(errno)))")
    }
}
