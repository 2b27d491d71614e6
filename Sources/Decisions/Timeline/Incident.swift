/// What made an incident happen.
package enum IncidentCause: String, CaseIterable, Codable, Sendable {
    case switchover
    case stop
    case restart
    case freeze
    case otherVerb = "operator"
    case switchoverElsewhere = "patroni-switchover"
    case stoppedBySystemd = "systemd-stop"
    case packageUpgrade = "package-upgrade"
    case killedByPerson = "kill"
    case postmasterDied = "postmaster-died"
    case unitDied = "unit-died"
    case patroniDied = "patroni-died"
    case patroniHung = "patroni-hung"
    case postgresHung = "postgres-hung"
    case crash
    case outOfMemory = "out-of-memory"
    case diskFull = "disk-full"
    case hostLost = "host-lost"
    case watchdogReset = "watchdog-reset"
    case hostRestarted = "host-restarted"
    case hostCutOff = "host-cut-off"
    case zooKeeperCutOff = "zookeeper-cut-off"
    case zooKeeperServerLost = "zookeeper-server-lost"
    case zooKeeperQuorumLost = "zookeeper-quorum-lost"
    case routeServiceLost = "haproxy-lost"
    case secondLeader = "second-leader"
    case replicaLost = "replica-lost"
    case unknown
}

/// A part of an incident, from one entry of a journal to another.
package struct IncidentPhase: Codable, Equatable, Sendable {
    package enum Name: String, Codable, Sendable {
        case detection, fence, release, race, promotion, route
        case oldLeaderBack = "old leader back"
        case allBack = "all back"
    }

    package var name: Name
    package var from: UInt64
    package var until: UInt64
    /// systemd, the agent, Patroni, PostgreSQL or a person.
    package var actor: String

    package var milliseconds: Double { Double(until) / 1000 - Double(from) / 1000 }
}

/// The time in which clients could not write, as far as the journals tell.
package struct WriteOutage: Codable, Equatable, Sendable {
    package var from: UInt64
    /// nil if writes had not come back when the journals end.
    package var until: UInt64?
    /// Which entries the two ends are.
    package var fromEvidence: String
    package var untilEvidence: String?

    package var milliseconds: Double? { until.map { Double($0) / 1000 - Double(from) / 1000 } }
}

package struct Incident: Codable, Equatable, Sendable {
    package var began: UInt64
    package var ended: UInt64
    package var cause: IncidentCause
    /// Whom it hit: a member, or a host.
    package var subject: String
    /// Who did it, where somebody did.
    package var person: String?
    /// The one sentence that says it all.
    package var sentence: String
    package var leaderBefore: String?
    package var leaderAfter: String?
    package var timeline: String?
    package var lsn: String?
    package var outage: WriteOutage?
    package var phases: [IncidentPhase]
    /// Bytes of WAL that may be lost; nil if the journals do not tell.
    package var lossBytes: Int64?
    /// What was not well again when it ended.
    package var unsettled: [String]
    /// What else broke meanwhile.
    package var further: [FurtherFault]
    /// What the journals do not have.
    package var missing: [String]
    package var signals: [Signal]
}
