import ClusterModel

/// The ports that only the agent needs.
package struct AgentPorts: Sendable {
    package var notifier: any ServiceNotifier
    package var coordination: any CoordinationService
    package var processes: any ProcessWatcher
    package var events: any EventLog
    package var server: any StatusServer
    package var peers: any PeerNetwork

    package init(
        notifier: any ServiceNotifier, coordination: any CoordinationService, processes: any ProcessWatcher,
        events: any EventLog, server: any StatusServer, peers: any PeerNetwork
    ) {
        self.notifier = notifier
        self.coordination = coordination
        self.processes = processes
        self.events = events
        self.server = server
        self.peers = peers
    }
}

/// systemd, as the service that it has started talks to it (sd_notify(3)).
package protocol ServiceNotifier: Sendable {
    /// Assignments such as `READY=1`; nothing happens where no systemd listens.
    func notify(_ assignments: [String])
    /// How often the service must give a sign of life; nil where nobody waits for it (sd_watchdog_enabled(3)).
    var watchdogInterval: Duration? { get }
}

package protocol ProcessWatcher: Sendable {
    /// Returns when the process has ended (pidfd_open(2)), at once if there is none of that number, or when the task is cancelled.
    func waitForEnd(of process: Int32) async
    /// Sends SIGKILL to a single process; false if there is none.
    func kill(_ process: Int32) -> Bool
}

/// A record of the journal, with fields that programs can ask for.
package struct AgentEvent: Equatable, Sendable {
    /// syslog's: 3 error, 4 warning, 5 notice, 6 information (syslog(3)).
    package var priority: Int
    /// 128 bits in hexadecimal, the same for ever for the same kind of event (sd_journal_print(3), "MESSAGE_ID=").
    package var identifier: String
    package var message: String
    /// Names in upper case, `PGHA_…`.
    package var fields: [String: String]

    package init(priority: Int, identifier: String, message: String, fields: [String: String] = [:]) {
        self.priority = priority
        self.identifier = identifier
        self.message = message
        self.fields = fields
    }
}

package protocol EventLog: Sendable {
    func record(_ event: AgentEvent)
}
