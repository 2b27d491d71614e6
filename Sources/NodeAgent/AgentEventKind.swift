import HostPorts

/// What the agent, and pgha-node itself, record in the journal. Neither the names nor the identifiers ever change: people and programs search for them.
package enum AgentEventKind: String, CaseIterable, Sendable {
    case leaderKey = "leader-key"
    case leaderKeyGone = "leader-key-gone"
    case routeClosed = "route-closed"
    case routeOpened = "route-opened"
    case ready = "ready"
    case notReady = "not-ready"
    case complaint = "complaint"
    case fence = "fence"
    case release = "release"
    case leftToPatroni = "left-to-patroni"
    case secondLeader = "second-leader"
    case patroniKilled = "patroni-killed"
    case replicaSilent = "replica-silent"
    case replicaRestarted = "replica-restarted"
    case replicaCopied = "replica-copied"
    case replicaKept = "replica-kept"
    case replicaStreams = "replica-streams"
    case suspected = "suspected"
    case hung = "hung"
    case peerSilent = "peer-silent"
    case peerBack = "peer-back"
    case leaseArmed = "lease-armed"
    case leaseLost = "lease-lost"
    case operatorVerb = "operator"
    case firstWrite = "first-write"
    case routeHeld = "route-held"
    case failsafeOutlived = "failsafe-outlived"
    case drill = "drill"

    /// MESSAGE_ID=, 128 bits in hexadecimal (sd_journal_print(3)).
    package var identifier: String {
        let last =
            switch self {
            case .leaderKey: "01"
            case .leaderKeyGone: "02"
            case .routeClosed: "03"
            case .routeOpened: "04"
            case .ready: "05"
            case .notReady: "06"
            case .complaint: "07"
            case .fence: "08"
            case .release: "09"
            case .leftToPatroni: "0a"
            case .secondLeader: "0b"
            case .patroniKilled: "0c"
            case .replicaSilent: "0d"
            case .replicaRestarted: "0e"
            case .replicaCopied: "0f"
            case .replicaKept: "10"
            case .replicaStreams: "11"
            case .suspected: "12"
            case .hung: "13"
            case .peerSilent: "14"
            case .peerBack: "15"
            case .leaseArmed: "16"
            case .leaseLost: "17"
            case .operatorVerb: "18"
            case .firstWrite: "19"
            case .routeHeld: "1a"
            case .failsafeOutlived: "1b"
            case .drill: "1c"
            }
        return "5d1f2c6be0a94b0d9c8a3f1e7b6d4a" + last
    }
}

extension AgentEvent {
    /// Somebody runs a verb that changes something; written before it does, on the host where it was typed.
    package static func operatorVerb(_ verb: String, target: String, user: String) -> AgentEvent {
        AgentEvent(
            .operatorVerb, priority: 5,
            message: "\(user) runs pgha-node \(verb)\(target.isEmpty ? "" : " \(target)")",
            fields: ["PGHA_VERB": verb, "PGHA_TARGET": target, "PGHA_USER": user])
    }

    init(_ kind: AgentEventKind, priority: Int, message: String, fields: [String: String] = [:]) {
        self.init(
            priority: priority, identifier: kind.identifier, message: message,
            fields: fields.merging(["PGHA_EVENT": kind.rawValue], uniquingKeysWith: { $1 }))
    }
}
