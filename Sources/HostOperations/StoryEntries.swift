import ClusterModel
import HostPorts

/// What is read of a journal besides the services' own entries, to find out what happened.
package enum StoryEntries {
    /// Matches of sd_journal_add_match(3): one of the groups must fit.
    package static let groups: [[String]] = [
        // journald's own first and last words of a boot (sd-messages.h).
        ["MESSAGE_ID=f77379a8490b408bbe5f6940505a777b"],
        ["MESSAGE_ID=d93fb3c9c24d451a97cea615ce59c00b"],
        // The kernel, where it is at least an error: kills for want of memory, disks.
        ["_TRANSPORT=kernel", "PRIORITY=0", "PRIORITY=1", "PRIORITY=2", "PRIORITY=3"],
        ["SYSLOG_IDENTIFIER=sudo"],
        // Debian's daily upgrade, which may restart what it likes.
        ["_PID=1", "UNIT=apt-daily-upgrade.service"],
        ["PGHA_EVENT=operator"],
    ]

    package static let fields = [
        "MESSAGE_ID", "PGHA_EVENT", "PGHA_MEMBER", "PGHA_BEFORE", "PGHA_ROLE", "PGHA_LEADER", "PGHA_REASON",
        "PGHA_DURATION_MS", "PGHA_LOSS_BYTES", "PGHA_VERB", "PGHA_TARGET", "PGHA_USER", "PGHA_PEER", "JOB_TYPE",
        "EXIT_CODE", "EXIT_STATUS", "_BOOT_ID",
    ]
}

extension StoryEntries {
    /// The same for journals that have not been asked by an index, e.g. those of a file.
    package static func isPart(_ record: LogRecord) -> Bool {
        if !record.unit.place.service.isEmpty || record.identifier == "sudo" { return true }
        if record.unit.text == "apt-daily-upgrade.service", record.identifier == "systemd" { return true }
        if let event = record.text("PGHA_EVENT"), event == "operator" { return true }
        if let identifier = record.text("MESSAGE_ID"), groups.contains(["MESSAGE_ID=\(identifier)"]) { return true }
        return record.identifier == "kernel" && record.priority ?? 7 <= 3
    }
}
