/// A text that a component writes, what it is a sign of, and the sentence that it means.
///
/// In a text, `{name}` stands for anything up to what follows it; the sentence can use the names, and `{member}` and `{host}`.
package struct SignalRule: Sendable {
    package var speaker: Speaker
    package var kind: SignalKind
    package var text: String
    package var meaning: String
    /// The versions whose source has this text.
    package var versions: String

    init(_ speaker: Speaker, _ kind: SignalKind, _ text: String, _ meaning: String, _ versions: String) {
        self.speaker = speaker
        self.kind = kind
        self.text = text
        self.meaning = meaning
        self.versions = versions
    }

    /// The first that fits counts.
    package static let all: [SignalRule] = postgres + patroni + zookeeper + haproxy + others

    private static let postgres = [
        SignalRule(
            .postgres, .shutdownRequested, "LOG:  received {mode} shutdown request",
            "PostgreSQL of {member} is asked to shut down ({mode})", "9.0 to 17, postmaster.c"),
        SignalRule(
            .postgres, .shutDown, "LOG:  database system is shut down", "PostgreSQL of {member} has shut down",
            "9.0 to 17, xlog.c"),
        SignalRule(
            .postgres, .processCrashed, "LOG:  {what} (PID {pid}) was terminated by signal {signal}",
            "a process of PostgreSQL of {member} was killed by signal {signal}: {what}", "9.0 to 17, postmaster.c"),
        SignalRule(
            .postgres, .postmasterGone, "FATAL:  terminating connection due to unexpected postmaster exit",
            "the postmaster of {member} is gone without a goodbye", "12 to 17, latch.c"),
        SignalRule(
            .postgres, .diskFull, "PANIC:  could not {what}: No space left on device",
            "PostgreSQL of {member} stops: no space is left on the disk", "9.0 to 17, xlog.c"),
        SignalRule(
            .postgres, .diskFull, "FATAL:  could not {what}: No space left on device",
            "PostgreSQL of {member} stops: no space is left on the disk", "9.0 to 17"),
        SignalRule(
            .postgres, .panicked, "PANIC:  {reason}", "PostgreSQL of {member} panics: {reason}", "9.0 to 17, elog.c"),
        SignalRule(
            .postgres, .interrupted, "LOG:  database system was interrupted",
            "PostgreSQL of {member} begins after a crash", "9.0 to 17, xlog.c"),
        SignalRule(
            .postgres, .interrupted, "LOG:  database system was not properly shut down",
            "PostgreSQL of {member} recovers from a crash", "9.0 to 17, xlogrecovery.c"),
        SignalRule(
            .postgres, .acceptsReads, "LOG:  database system is ready to accept read-only connections",
            "PostgreSQL of {member} answers reads", "14 to 17, postmaster.c"),
        SignalRule(
            .postgres, .acceptsConnections, "LOG:  database system is ready to accept connections",
            "PostgreSQL of {member} takes connections", "9.0 to 17, postmaster.c"),
        SignalRule(
            .postgres, .promotionRequested, "LOG:  received promote request", "PostgreSQL of {member} is promoted",
            "9.1 to 17, xlogrecovery.c"),
        SignalRule(
            .postgres, .lastCommit, "LOG:  last completed transaction was at log time {at}",
            "the last commit that {member} received is of {at}", "9.0 to 17, xlogrecovery.c"),
        SignalRule(
            .postgres, .newTimeline, "LOG:  selected new timeline ID: {timeline}",
            "{member} begins timeline {timeline}",
            "9.0 to 17, xlog.c"),
        SignalRule(
            .postgres, .streams, "LOG:  started streaming WAL from primary at {lsn} on timeline {timeline}",
            "{member} streams on timeline {timeline} from {lsn}", "9.2 to 17, walreceiver.c"),
        SignalRule(
            .postgres, .streams, "LOG:  restarted WAL streaming at {lsn} on timeline {timeline}",
            "{member} streams on timeline {timeline} from {lsn}", "9.3 to 17, walreceiver.c"),
        SignalRule(
            .postgres, .streamEnded, "LOG:  replication terminated by primary server",
            "the primary of {member} has ended its stream", "9.2 to 17, walreceiver.c"),
        SignalRule(
            .postgres, .streamEnded, "FATAL:  could not receive data from WAL stream: {reason}",
            "the stream of {member} broke off: {reason}", "9.2 to 17, libpqwalreceiver.c"),
        SignalRule(
            .postgres, .streamEnded, "FATAL:  terminating walreceiver {reason}",
            "the stream of {member} was ended: {reason}", "9.2 to 17, walreceiver.c"),
        SignalRule(
            .postgres, .standbyTimedOut, "LOG:  terminating walsender process due to replication timeout",
            "{member} has heard nothing of a replica for wal_sender_timeout", "9.1 to 17, walsender.c"),
        SignalRule(
            .postgres, .standbyConfirms, "LOG:  standby \"{standby}\" is now a synchronous standby ",
            "commits on {member} wait for {standby} from now on", "9.6 to 17, syncrep.c"),
    ]

    private static let patroni = [
        SignalRule(
            .patroni, .keyTaken, "promoted self to leader by acquiring session lock", "{member} takes the leader key",
            "1.0 to 4.1, ha.py"),
        SignalRule(
            .patroni, .keyTaken, "acquired session lock as a leader", "{member} takes the leader key again",
            "1.0 to 4.1, ha.py"),
        SignalRule(
            .patroni, .keyReleased, "INFO: Leader key released", "Patroni of {member} releases the leader key",
            "1.0 to 4.1, ha.py"),
        SignalRule(
            .patroni, .demoting, "INFO: Demoting self ({reason})", "Patroni of {member} demotes it ({reason})",
            "2.0 to 4.1, ha.py"),
        SignalRule(
            .patroni, .standbyDropped, "INFO: Updating synchronous privilege temporarily from [{standbys}] to [",
            "Patroni of {member} takes {standbys} off the synchronous replicas", "3.3 to 4.1, ha.py"),
        SignalRule(
            .patroni, .switchoverRequested,
            "received {verb} request with leader={leader} candidate={candidate} scheduled_at={at}",
            "Patroni of {member} is asked for a {verb} from {leader} to {candidate}", "1.0 to 4.1, api.py"),
        SignalRule(
            .patroni, .switchoverRequested, "manual failover: demoting myself",
            "{member} hands over, as it was asked to",
            "1.0 to 4.1, ha.py"),
        SignalRule(
            .patroni, .postgresNotRunning, "WARNING: Postgresql is not running.",
            "Patroni of {member} finds PostgreSQL not running", "2.0 to 4.1, postgresql/__init__.py"),
        SignalRule(
            .patroni, .zooKeeperLost, "WARNING: Connection dropped: {reason}",
            "Patroni of {member} loses its connection to ZooKeeper ({reason})",
            "kazoo 2.2 to 2.10, protocol/connection.py"),
        SignalRule(
            .patroni, .zooKeeperBack, "Zookeeper connection established, state: CONNECTED",
            "Patroni of {member} is connected to ZooKeeper", "kazoo 2.2 to 2.10, protocol/connection.py"),
        SignalRule(
            .patroni, .failsafe,
            "continue to run as a leader because failsafe mode is enabled and all members are accessible",
            "{member} leads on without ZooKeeper: all members have answered it (failsafe mode)", "3.0 to 4.1, ha.py"),
        SignalRule(
            .patroni, .rewinds, "INFO: running pg_rewind from {leader}", "{member} is rewound to fit {leader}",
            "1.5 to 4.1, postgresql/rewind.py"),
        SignalRule(
            .patroni, .watchdogArmed, "{device} activated with {seconds} second timeout, timing slack ",
            "Patroni of {member} arms the watchdog, which resets the host when it has not been fed for {seconds} s",
            "1.4 to 4.1, watchdog/base.py"),
    ]

    private static let zookeeper = [
        SignalRule(
            .zookeeper, .ensembleLooking, ":QuorumPeer] LOOKING", "ZooKeeper of {host} looks for a leader",
            "3.4 to 3.9, QuorumPeer.java"),
        SignalRule(
            .zookeeper, .ensembleLeading, ":QuorumPeer] LEADING", "ZooKeeper of {host} leads the ensemble",
            "3.4 to 3.9, QuorumPeer.java"),
        SignalRule(
            .zookeeper, .ensembleFollowing, ":QuorumPeer] FOLLOWING", "ZooKeeper of {host} follows",
            "3.4 to 3.9, QuorumPeer.java"),
        SignalRule(
            .zookeeper, .sessionExpired, "Expiring session {session}, timeout of {timeout} exceeded",
            "ZooKeeper ends a session of which it has heard nothing for {timeout}", "3.4 to 3.9, ZooKeeperServer.java"),
    ]

    /// HAProxy says each of these twice, to its log and to standard error; these are the latter.
    private static let haproxy = [
        SignalRule(
            .haproxy, .serverUp, ") : Server leader/{member} is UP", "HAProxy of {host} leads to {member}",
            "1.8 to 3.0, server.c"),
        SignalRule(
            .haproxy, .serverDown, ") : Server leader/{member} is DOWN",
            "HAProxy of {host} does not lead to {member} any more",
            "1.8 to 3.0, server.c"),
        SignalRule(
            .haproxy, .noServer, ") : backend 'leader' has no server available",
            "HAProxy of {host} has no way to a leader",
            "1.8 to 3.0, server.c"),
    ]

    private static let others = [
        SignalRule(
            .systemd, .unitSignalled, ": Sent signal {signal} to main process {pid} ({name}) on client request.",
            "systemd was asked to send {signal} to {name} of {member} ({pid})", "252 to 257, unit.c"),
        SignalRule(
            .systemd, .unitSignalled, ": Sending signal {signal} to process {pid} ({name}) on client request.",
            "systemd was asked to send {signal} to {name} of {member} ({pid})", "252 to 257, unit.c"),
        SignalRule(
            .other, .packageUpgrade, " ; USER=root ; COMMAND=/usr/bin/apt{command}",
            "{user} runs \"apt{command}\" with sudo", "1.8 to 1.9, logging.c"),
        SignalRule(
            .other, .packageUpgrade, " ; USER=root ; COMMAND=/usr/bin/dpkg{command}",
            "{user} runs \"dpkg{command}\" with sudo", "1.8 to 1.9, logging.c"),
        SignalRule(
            .other, .packageUpgrade, " ; USER=root ; COMMAND=/usr/bin/unattended-upgrade{command}",
            "{user} runs \"unattended-upgrade{command}\" with sudo", "1.8 to 1.9, logging.c"),
        SignalRule(
            .systemd, .packageUpgrade, "Starting apt-daily-upgrade.service", "the daily upgrade of packages begins",
            "252 to 257, job.c"),
        SignalRule(
            .other, .sudo, " ; USER=root ; COMMAND={command}", "{user} runs \"{command}\" with sudo",
            "1.8 to 1.9, logging.c"),
        SignalRule(
            .other, .outOfMemory, "Out of memory: Killed process {pid} ({name})",
            "the kernel of {host} kills {name} ({pid}): memory is short", "Linux 5 and 6, oom_kill.c"),
        SignalRule(
            .other, .outOfMemory, "Memory cgroup out of memory: Killed process {pid} ({name})",
            "the kernel kills {name} ({pid}) on {host}: its unit has no memory left", "Linux 5 and 6, oom_kill.c"),
        SignalRule(
            .other, .watchdogLeft, "watchdog: {device}: watchdog did not stop!",
            "whoever fed the watchdog of {host} is gone, and it was not disarmed", "Linux 4.1 to 6, watchdog_dev.c"),
        SignalRule(
            .other, .watchdogFired, "softdog: Initiating system reboot", "the watchdog resets {host}",
            "Linux 3.4 to 6, softdog.c"),
    ]
}

/// The identifiers of systemd's own records, which are the same in all versions (systemd, sd-messages.h).
enum ManagerRecords {
    static let kinds: [String: (SignalKind, String)] = [
        "7d4958e842da4a758f6c1cdc7b36dcc5": (.unitStarting, "systemd starts {unit}"),
        "39f53479d3a045ac8e11786248231fbf": (.unitStarted, "{unit} has started"),
        "de5b426a63be47a7b6ac3eaac82e2f6f": (.unitStopping, "systemd stops {unit}"),
        "9d1aaa27d60140bd96365438aad20286": (.unitStopped, "{unit} has stopped"),
        "98e322203f7a4ed290d09fe03c09fe15": (.mainExited, "the main process of {unit} has ended ({code} {status})"),
        "fe6faa94e7774663a0da52717891d8ef": (.outOfMemory, "a process of {unit} was killed because memory was short"),
        "f77379a8490b408bbe5f6940505a777b": (.hostBegan, "{host} boots"),
        "d93fb3c9c24d451a97cea615ce59c00b": (.hostEnded, "{host} shuts down"),
    ]
}
