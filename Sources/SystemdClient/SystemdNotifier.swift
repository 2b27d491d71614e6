import CSystemd
import Glibc
import HostPorts

/// Talks to the systemd that has started this process, and to its journal.
package struct SystemdNotifier: ServiceNotifier, EventLog {
    package init() {}

    package func notify(_ assignments: [String]) {
        _ = sd_notify(0, assignments.joined(separator: "\n"))
    }

    package var watchdogInterval: Duration? {
        var microseconds: UInt64 = 0
        guard sd_watchdog_enabled(0, &microseconds) > 0 else { return nil }
        return .microseconds(Int64(clamping: microseconds))
    }

    package func record(_ event: AgentEvent) {
        if !Self.send(event, as: "pgha-agent") {
            // Without a journal, on a terminal or in a container, stderr has to do.
            _ = "\(event.message)\n".withCString { write(STDERR_FILENO, $0, strlen($0)) }
        }
    }

    /// For a program that a person has started, who needs not be told what they do; false without a journal.
    @discardableResult
    package static func send(_ event: AgentEvent, as identifier: String) -> Bool {
        var lines = [
            "MESSAGE=\(event.message)", "PRIORITY=\(event.priority)", "MESSAGE_ID=\(event.identifier)",
            "SYSLOG_IDENTIFIER=\(identifier)",
        ]
        lines += event.fields.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        let texts = lines.map { strdup($0) }
        defer { for text in texts { free(text) } }
        let vectors = texts.map { iovec(iov_base: $0, iov_len: $0.map { strlen($0) } ?? 0) }
        return sd_journal_sendv(vectors, Int32(vectors.count)) >= 0
    }
}
