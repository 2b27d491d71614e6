import Decisions

/// Signals as they come, in milliseconds since some moment.
struct Tape {
    var signals: [Signal] = []

    mutating func add(
        _ milliseconds: Double, _ kind: SignalKind, _ role: String = "", host: String? = nil, speaker: Speaker = .agent,
        _ values: [String: String] = [:]
    ) {
        signals.append(
            Signal(
                time: UInt64(1_000_000_000 + milliseconds * 1000), host: host ?? (role.isEmpty ? "pg1" : role),
                role: role,
                speaker: speaker, kind: kind, values: values, meaning: kind.rawValue))
    }

    /// pg1 leads, long before.
    mutating func calm() { add(-60_000, .leaderKey, host: "pg2", ["member": "pg1"]) }

    /// pg1, which leads, is frozen, fenced and replaced.
    mutating func freeze() {
        calm()
        add(100, .suspected, host: "pg1", ["member": "pg1", "reason": "frozen"])
        add(1600, .hung, host: "pg1", ["member": "pg1", "reason": "frozen"])
        add(1605, .fence, host: "pg1", ["member": "pg1", "reason": "hang"])
        add(
            1640, .release, host: "pg1", ["member": "pg1", "reason": "hang", "duration_ms": "1640", "loss_bytes": "0"])
        takeOver(1650)
    }

    /// pg2 takes over from `time` on, and pg1 follows. `lastCommit` is when the last commit was that pg2 has got.
    mutating func takeOver(_ time: Double, lastCommit: String? = nil) {
        add(time, .leaderKeyGone, host: "pg2", ["before": "pg1"])
        add(time + 30, .keyTaken, "pg2", speaker: .patroni)
        add(time + 31, .leaderKey, host: "pg2", ["member": "pg2", "before": "pg1"])
        if let lastCommit { add(time + 70, .lastCommit, "pg2", speaker: .postgres, ["at": lastCommit]) }
        add(time + 80, .newTimeline, "pg2", speaker: .postgres, ["timeline": "5"])
        add(time + 90, .acceptsConnections, "pg2", speaker: .postgres)
        add(time + 110, .routeOpened, host: "pg3", ["member": "pg2", "role": "pg3"])
        add(time + 5000, .streams, "pg1", speaker: .postgres, ["timeline": "5", "lsn": "0/5"])
        add(time + 5100, .streams, "pg3", speaker: .postgres, ["timeline": "5", "lsn": "0/5"])
    }

    var incidents: [Incident] {
        var builder = IncidentBuilder()
        for signal in signals { builder.take(signal) }
        builder.finish(at: (signals.last?.time ?? 0) + 60_000_000)
        return builder.incidents
    }
}
