/// What an entry of a journal means for the cluster.
package enum SignalKind: String, CaseIterable, Codable, Sendable {
    // What people do.
    case operatorVerb = "operator"
    case sudo
    /// Somebody, or the daily service, upgrades packages.
    case packageUpgrade = "package-upgrade"

    // What systemd and the kernel do.
    case unitStopping = "unit-stopping"
    case unitStopped = "unit-stopped"
    case unitStarting = "unit-starting"
    case unitStarted = "unit-started"
    case unitSignalled = "unit-signalled"
    case mainExited = "main-exited"
    case outOfMemory = "out-of-memory"
    case hostBegan = "host-began"
    case hostEnded = "host-ended"
    /// Whoever fed the watchdog is gone without a word to it, so that it goes on counting.
    case watchdogLeft = "watchdog-left"
    case watchdogFired = "watchdog-fired"

    // What PostgreSQL says.
    case shutdownRequested = "shutdown-requested"
    case shutDown = "shut-down"
    case processCrashed = "process-crashed"
    case postmasterGone = "postmaster-gone"
    case panicked
    case diskFull = "disk-full"
    case interrupted
    case acceptsConnections = "accepts-connections"
    case acceptsReads = "accepts-reads"
    case promotionRequested = "promotion-requested"
    case lastCommit = "last-commit"
    case newTimeline = "new-timeline"
    case streams
    case streamEnded = "stream-ended"
    /// The leader gives up a replica of which it has heard nothing for `wal_sender_timeout`.
    case standbyTimedOut = "standby-timed-out"
    /// Commits wait for this replica from now on.
    case standbyConfirms = "standby-confirms"

    // What Patroni says.
    case keyTaken = "key-taken"
    case keyReleased = "key-released"
    case demoting
    /// The synchronous replica is one no more.
    case standbyDropped = "standby-dropped"
    case switchoverRequested = "switchover-requested"
    case postgresNotRunning = "postgres-not-running"
    case zooKeeperLost = "zookeeper-lost"
    case zooKeeperBack = "zookeeper-back"
    case rewinds
    case watchdogArmed = "watchdog-armed"
    case failsafe

    // What ZooKeeper says.
    case ensembleLooking = "ensemble-looking"
    case ensembleLeading = "ensemble-leading"
    case ensembleFollowing = "ensemble-following"
    case sessionExpired = "session-expired"

    // What HAProxy says.
    case serverUp = "server-up"
    case serverDown = "server-down"
    case noServer = "no-server"

    // What the agent says, by the names of its own records.
    case leaderKey = "leader-key"
    case leaderKeyGone = "leader-key-gone"
    case routeClosed = "route-closed"
    case routeOpened = "route-opened"
    case routeHeld = "route-held"
    case firstWrite = "first-write"
    case ready
    case notReady = "not-ready"
    case complaint
    case fence
    case release
    case leftToPatroni = "left-to-patroni"
    case secondLeader = "second-leader"
    case patroniKilled = "patroni-killed"
    case replicaSilent = "replica-silent"
    case replicaRestarted = "replica-restarted"
    case replicaCopied = "replica-copied"
    case replicaKept = "replica-kept"
    case replicaStreams = "replica-streams"
    case suspected
    case hung
    case peerSilent = "peer-silent"
    case peerBack = "peer-back"
    case leaseArmed = "lease-armed"
    case leaseLost = "lease-lost"
    case failsafeOutlived = "failsafe-outlived"
    case drill
}

/// An entry whose meaning is known.
package struct Signal: Equatable, Codable, Sendable {
    /// Microseconds since 1970, by the clock of its host.
    package var time: UInt64
    package var host: String
    /// Of the unit; empty for the agent, the kernel and people.
    package var role: String
    package var speaker: Speaker
    package var kind: SignalKind
    /// What the entry names, e.g. `member`, `timeline`, `lsn`, `reason`.
    package var values: [String: String]
    /// The sentence that it means.
    package var meaning: String

    package init(
        time: UInt64, host: String, role: String, speaker: Speaker, kind: SignalKind, values: [String: String] = [:],
        meaning: String = ""
    ) {
        self.time = time
        self.host = host
        self.role = role
        self.speaker = speaker
        self.kind = kind
        self.values = values
        self.meaning = meaning
    }

    /// The service of its unit.
    package var service: String { values["service"] ?? (speaker == .systemd ? "" : speaker.rawValue) }

    /// The member that it is about: the one that it names, else the role of its unit.
    package var member: String { values["member"] ?? role }

    /// What the agent has counted, in microseconds.
    var duration: UInt64? { values["duration_ms"].flatMap { UInt64($0) }.map { $0 * 1000 } }

    /// Whether it is about a member or a host. Whoever tells of another's silence is not the one that it is about.
    func isAbout(_ name: String) -> Bool { values["member"].map { $0 == name } ?? (role == name || host == name) }
}

/// An entry of a journal, as far as its meaning depends on it.
package struct JournalEvidence: Sendable {
    package var time: UInt64
    package var host: String
    /// Of the unit, e.g. `pg1` and `patroni`; empty where there is none.
    package var role: String
    package var service: String
    package var speaker: Speaker
    package var identifier: String
    package var message: [UInt8]
    package var fields: [String: String]

    package init(
        time: UInt64, host: String, role: String, service: String, speaker: Speaker, identifier: String,
        message: [UInt8], fields: [String: String]
    ) {
        self.time = time
        self.host = host
        self.role = role
        self.service = service
        self.speaker = speaker
        self.identifier = identifier
        self.message = message
        self.fields = fields
    }
}
