import ClusterModel

/// The surroundings of a service's main process, read from /proc/PID (proc(5)), for a command that joins it.
package enum ServiceEnvironment {
    /// What is between systemd and that one process, or is its own (sd_notify(3), sd_listen_fds(3), systemd.exec(5)).
    private static let own: Set<String> = [
        "NOTIFY_SOCKET", "INVOCATION_ID", "JOURNAL_STREAM", "MAINPID", "MANAGERPID", "SYSTEMD_EXEC_PID",
        "CREDENTIALS_DIRECTORY", "TERM", "PWD", "OLDPWD", "SHLVL", "_",
    ]

    /// `NAME=value` lines from `/proc/PID/environ`, with the caller's TERM.
    package static func variables(_ environ: [UInt8], terminal: String?) -> [String] {
        var variables = environ.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }.filter { variable in
            let name = String(variable.prefix { $0 != "=" })
            return !own.contains(name) && !name.hasPrefix("WATCHDOG_") && !name.hasPrefix("LISTEN_")
        }
        if !variables.contains(where: { $0.hasPrefix("PATH=") }) {
            variables.append("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
        }
        if let terminal { variables.append("TERM=\(terminal)") }
        return variables
    }

    package struct Identity: Equatable, Sendable {
        package var user: UInt32
        package var group: UInt32
        package var groups: [UInt32]
        package var fileCreationMask: UInt16?
        package var forbidsNewPrivileges: Bool
    }

    /// From `/proc/PID/status`; nil if it does not say whose the process is. The effective numbers count.
    package static func identity(_ status: String) -> Identity? {
        var fields: [Substring: [Substring]] = [:]
        for line in status.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2 { fields[parts[0]] = parts[1].split(whereSeparator: \.isWhitespace) }
        }
        guard let users = fields["Uid"], let groups = fields["Gid"], users.count > 1, groups.count > 1,
            let user = UInt32(users[1]), let group = UInt32(groups[1])
        else { return nil }
        return Identity(
            user: user, group: group, groups: (fields["Groups"] ?? []).compactMap { UInt32($0) },
            fileCreationMask: fields["Umask"]?.first.flatMap { UInt16($0, radix: 8) },
            forbidsNewPrivileges: fields["NoNewPrivs"] == ["1"])
    }
}
