/// When clients could not write because their commits waited for a synchronous replica that did not answer any more: until Patroni
/// had chosen another one, the leader and the way to it were as well as ever.
struct StandbyOutage {
    private let signals: [Signal]
    private let dropped: Signal
    private let confirms: Signal?
    private let lastSeen: [String: UInt64]

    /// nil where no synchronous replica was dropped by this leader.
    init?(_ signals: [Signal], leader: String?, lastSeen: [String: UInt64]) {
        guard let dropped = signals.first(where: { $0.kind == .standbyDropped && $0.role == leader }) else {
            return nil
        }
        self.signals = signals
        self.dropped = dropped
        self.lastSeen = lastSeen
        confirms = signals.first {
            $0.kind == .standbyConfirms && $0.role == leader && $0.time >= dropped.time
                && !dropped.droppedStandbys.contains($0.values["standby"] ?? "")
        }
    }

    var outage: WriteOutage? {
        guard let begin else { return nil }
        return WriteOutage(
            from: begin.time, until: confirms?.time, fromEvidence: begin.why, untilEvidence: confirms?.meaning)
    }

    /// Whether nothing tells of the replica's own end: PostgreSQL has waited for it before it gave it up.
    var isBeginLate: Bool { own == nil }

    private var begin: (time: UInt64, why: String)? {
        own
            ?? signals.first { $0.kind == .standbyTimedOut && $0.role == dropped.role && $0.time <= dropped.time }
            .map { ($0.time, $0.meaning) }
    }

    /// What the replica's host or its agent says.
    private var own: (time: UInt64, why: String)? {
        signals.compactMap { signal in
            guard dropped.droppedStandbys.contains(where: signal.isAbout) else { return nil }
            switch signal.kind {
            case .shutdownRequested, .postmasterGone, .hung,
                .mainExited where signal.service == "patroni",
                .unitSignalled where signal.values["name"] == "postgres":
                return signal.time <= dropped.time ? (signal.time, signal.meaning) : nil
            case .suspected:
                return (signal.time - (signal.duration ?? 0), "the last sign of life, by the agent's looks")
            case .hostBegan:
                return lastSeen[signal.host].map { ($0, "the last entry in the journal of \(signal.host)") }
            default: return nil
            }
        }.min { $0.time < $1.time }
    }
}

extension Signal {
    /// The members of a `standbyDropped`, which Patroni writes as a list of Python's.
    var droppedStandbys: Set<String> {
        guard let list = values["standbys"] else { return [] }
        return Set(list.split(separator: ",").map { String($0.drop { " '".contains($0) }.prefix { $0 != "'" }) })
    }
}
