/// When clients could not write, by the entries that bound it.
struct WriteOutageFinder {
    private let signals: [Signal]
    private let before: String?
    private let after: String?
    private let lastSeen: [String: UInt64]
    private let cause: IncidentCause

    init(_ signals: [Signal], before: String?, after: String?, lastSeen: [String: UInt64], cause: IncidentCause) {
        self.signals = signals
        self.before = before
        self.after = after
        self.lastSeen = lastSeen
        self.cause = cause
    }

    /// Microseconds. The agent counts from the first look since which a hung PostgreSQL has not run (HangWatch), and that may have
    /// stopped at any time between that look and the one before. The next look says so, with the time between two of them.
    private var halfALook: UInt64 {
        let pace = signals.first { $0.kind == .suspected }?.values["duration_ms"].flatMap { UInt64($0) }
        return min(pace ?? 100, 500) * 500
    }

    /// nil if nothing tells that there was one.
    var outage: WriteOutage? {
        guard wasInterrupted, let (from, why) = beginning else { return nil }
        let back = signals.first { signal in
            signal.time > from && (signal.kind == .routeOpened || signal.kind == .serverUp)
                && (after == nil || signal.values["member"] == after) && isKept(signal)
        }
        let written = signals.first {
            $0.kind == .firstWrite && $0.time > from && (after == nil || $0.values["member"] == after)
        }
        // Clients need both: a way, and a leader that commits.
        let last = [back, written].compactMap { $0 }.max { $0.time < $1.time }
        return WriteOutage(
            from: from, until: last?.time, fromEvidence: why, untilEvidence: last?.meaning)
    }

    /// HAProxy's own check can find the next leader before its PostgreSQL is one, and closes the way again a moment later.
    private func isKept(_ opened: Signal) -> Bool {
        !signals.contains { signal in
            signal.kind == .serverDown && signal.host == opened.host
                && signal.values["member"] == opened.values["member"]
                && signal.time > opened.time && signal.time < opened.time + 1_000_000
        }
    }

    private var wasInterrupted: Bool {
        if before != nil, after != before { return true }
        return signals.contains { signal in
            [.noServer, .fence, .release].contains(signal.kind)
                || (signal.kind == .shutdownRequested && signal.role == before)
        }
    }

    /// A host that is lost says nothing. The others may hear at once that its connections have broken off, or only after a while; its
    /// last entry is then the better one.
    private var endOfHost: (UInt64, String)? {
        let last = before.flatMap { lastSeen[$0] }
        let heard = signals.first { signal in
            guard signal.host != before else { return false }
            switch signal.kind {
            case .streamEnded: return signal.meaning.contains("broke off")
            case .zooKeeperLost, .ensembleLooking, .serverDown, .noServer: return true
            default: return false
            }
        }
        if let heard, heard.time < (last ?? heard.time) + 3_000_000 { return (heard.time, heard.meaning) }
        return last.map { ($0, "the last entry in the journal of \(before ?? "")") }
    }

    /// The earliest of what ended the old leader's writes, each by the best entry about it.
    private var beginning: (UInt64, String)? {
        var found: [(UInt64, String)] = []
        for signal in signals where before == nil || signal.member == before || signal.role == before {
            switch signal.kind {
            case .shutdownRequested, .postmasterGone, .demoting, .panicked, .outOfMemory:
                found.append((signal.time, signal.meaning))
            case .suspected:
                let age = signal.values["duration_ms"].flatMap { UInt64($0) } ?? 0
                found.append((signal.time - age * 1000 - halfALook, "the last sign of life, by the agent's looks"))
            case .unitSignalled where signal.values["name"] == "postgres":
                found.append((signal.time, signal.meaning))
            case .release where signal.values["reason"] == "hang" || signal.values["reason"] == "crash":
                guard let age = signal.values["duration_ms"].flatMap({ UInt64($0) }) else { continue }
                let early = signal.values["reason"] == "hang" ? halfALook : 0
                found.append((signal.time - age * 1000 - early, "the last sign of life, by the agent's count"))
            default: continue
            }
        }
        if cause == .hostLost, let end = endOfHost { found.append(end) }
        // Who is cut off goes on for a while, and nobody hears of it.
        if cause == .hostCutOff, let cut = signals.first(where: { $0.kind == .zooKeeperLost && $0.role == before }) {
            found.append((cut.time, cut.meaning))
        }
        if [.hostLost, .hostCutOff].contains(cause), let drill = signals.first(where: { $0.kind == .drill }) {
            found.append((drill.time, drill.meaning))
        }
        if let held = signals.first(where: { $0.kind == .routeHeld }) { found.append((held.time, held.meaning)) }
        if let earliest = found.min(by: { $0.0 < $1.0 }) { return earliest }
        return signals.first { [.leaderKeyGone, .routeClosed, .serverDown, .noServer].contains($0.kind) }.map {
            ($0.time, $0.meaning)
        }
    }
}
