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
        guard wasInterrupted, let beginning else { return nil }
        let from = beginning.time
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
            from: from, until: last?.time, fromEvidence: beginning.why, untilEvidence: last?.meaning)
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

    /// What the begin is taken from, and by how much it may be wrong either way.
    private struct Beginning {
        var time: UInt64
        var why: String
        var slack: UInt64 = 0

        /// Others may hear so much later of the end of a host, and its last entry may be so much older.
        static let hearsay: UInt64 = 3_000_000
        /// The usual `ttl`, and a round of Patroni's.
        static let lease: UInt64 = 40_000_000
        /// More than the clocks of hosts differ by.
        static let late: UInt64 = 1_000_000
    }

    /// A host that is lost says nothing. The others may hear at once that its connections have broken off, or only after a while; its
    /// last entry is then the better one.
    private var endOfHost: Beginning? {
        let last = before.flatMap { lastSeen[$0] }
        let heard = signals.first { signal in
            guard signal.host != before else { return false }
            switch signal.kind {
            case .streamEnded: return signal.meaning.contains("broke off")
            case .zooKeeperLost, .ensembleLooking, .serverDown, .noServer: return true
            default: return false
            }
        }
        if let heard, heard.time < (last ?? heard.time) + Beginning.hearsay {
            return Beginning(time: heard.time, why: heard.meaning, slack: Beginning.hearsay)
        }
        return last.map {
            Beginning(time: $0, why: "the last entry in the journal of \(before ?? "")", slack: Beginning.hearsay)
        }
    }

    /// All that could have ended the old leader's writes, each by the best entry about it.
    private var beginnings: [Beginning] {
        var found: [Beginning] = []
        for signal in signals where before == nil || signal.member == before || signal.role == before {
            switch signal.kind {
            case .shutdownRequested, .postmasterGone, .demoting, .panicked, .outOfMemory:
                found.append(Beginning(time: signal.time, why: signal.meaning))
            case .suspected:
                found.append(
                    byLooks(
                        signal.time - (signal.duration ?? 0) - halfALook, "the last sign of life, by the agent's looks")
                )
            case .unitSignalled where signal.values["name"] == "postgres":
                found.append(Beginning(time: signal.time, why: signal.meaning))
            case .release where signal.values["reason"] == "hang" || signal.values["reason"] == "crash":
                guard let age = signal.duration else { continue }
                let early = signal.values["reason"] == "hang" ? halfALook : 0
                found.append(byLooks(signal.time - age - early, "the last sign of life, by the agent's count"))
            default: continue
            }
        }
        if [.hostLost, .watchdogReset].contains(cause), let end = endOfHost { found.append(end) }
        // Who is cut off goes on for a while, and nobody hears of it: kazoo waits two thirds of its session for an answer.
        if cause == .hostCutOff, let cut = signals.first(where: { $0.kind == .zooKeeperLost && $0.role == before }) {
            found.append(Beginning(time: cut.time, why: cut.meaning, slack: 20_000_000))
        }
        // Its agent counts from the last renewal that enough others have answered.
        if let lost = signals.first(where: { $0.kind == .leaseLost && $0.member == before }),
            let age = lost.duration
        {
            found.append(Beginning(time: lost.time - age, why: lost.meaning, slack: Beginning.hearsay))
        }
        if [.hostLost, .hostCutOff].contains(cause), let drill = signals.first(where: { $0.kind == .drill }) {
            found.append(Beginning(time: drill.time, why: drill.meaning, slack: Beginning.hearsay))
        }
        if let held = signals.first(where: { $0.kind == .routeHeld }) {
            found.append(Beginning(time: held.time, why: held.meaning))
        }
        return found
    }

    private func byLooks(_ time: UInt64, _ why: String) -> Beginning {
        Beginning(time: time, why: why, slack: 2 * halfALook)
    }

    private var beginning: Beginning? {
        guard let found = isBeginUnseen ? firstHeard : beginnings.min(by: { $0.time < $1.time }) else { return nil }
        return lastCommit(near: found) ?? found
    }

    /// Whether nothing tells of the begin, or only what came later than what others saw, e.g. the suspicion of an agent that was frozen
    /// as well.
    private var isBeginUnseen: Bool {
        guard let seen = beginnings.map(\.time).min() else { return true }
        // Where only Patroni hangs or dies, PostgreSQL goes on, although HAProxy's checks fail.
        return [.freeze, .postgresHung].contains(cause) && firstHeard.map { $0.time + Beginning.late < seen } == true
    }

    /// What others saw of a leader that says nothing, which nobody watched, as when its agent is frozen with it: its lease has run
    /// out, or its checks have failed. Writes ended some time before.
    private var firstHeard: Beginning? {
        signals.first { signal in
            switch signal.kind {
            case .leaderKeyGone, .noServer: true
            case .routeClosed, .serverDown: before == nil || signal.values["member"] == before
            default: false
            }
        }.map { Beginning(time: $0.time, why: $0.meaning, slack: Beginning.lease) }
    }

    /// Whether all that tells of the begin came some time after it.
    var isBeginLate: Bool {
        guard let heard = firstHeard, isBeginUnseen else { return false }
        return lastCommit(near: heard) == nil
    }

    /// Who is promoted says when the last commit was that it has got, by the clock of who made it. Where commits came all the time,
    /// that is when they ended; an older one only tells that nobody wrote.
    private func lastCommit(near found: Beginning) -> Beginning? {
        guard let commit = signals.first(where: { $0.kind == .lastCommit && $0.role == after }),
            let time = commit.values["at"].flatMap(PostgresTime.microseconds),
            time + found.slack >= found.time, time <= found.time + found.slack
        else { return nil }
        // With a lease between the two it is the latest moment of which it is certain that a write was possible.
        let only = found.slack == Beginning.lease ? ", and nothing tells of the time from then on" : ""
        return Beginning(time: time, why: commit.meaning + only)
    }
}
