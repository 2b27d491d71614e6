/// What can be seen of a leader's PostgreSQL from its own host, without asking it.
package struct LifeSigns: Equatable, Sendable {
    /// What became of the last attempt to connect.
    package enum Answer: Equatable, Sendable {
        case answered
        /// The kernel took the connection, and nobody said a word.
        case silent
        /// There was none since the last look, or it failed for a reason that says nothing about PostgreSQL.
        case unknown
    }

    /// The letter of proc_pid_stat(5) for the postmaster, e.g. `S` for asleep, `R` for running or waiting for a processor.
    package var state: Character
    /// How often it has had a processor, since it began.
    package var switches: Int64
    /// Whether the kernel has frozen its control group (cgroup.events, "frozen").
    package var isFrozen: Bool
    package var answer: Answer

    package init(state: Character, switches: Int64, isFrozen: Bool, answer: Answer) {
        self.state = state
        self.switches = switches
        self.isFrozen = isFrozen
        self.answer = answer
    }
}

/// Tells a PostgreSQL that hangs from one that is slow.
///
/// Slow is what answers late, waits for a processor, or reads from a slow disk: its postmaster gets the processor now and then.
/// Hanging is what cannot get it (stopped, frozen), or does not although somebody knocks. Nothing else counts: not the load of the
/// machine, not the network, not a query that takes long.
package struct HangWatch: Equatable, Sendable {
    package enum Cause: String, Equatable, Sendable {
        case frozen = "its control group is frozen"
        case stopped = "its postmaster is stopped"
        case waiting = "its postmaster waits in the kernel"
        case silent = "its postmaster does not answer"
    }

    package enum Verdict: Equatable, Sendable {
        case alive
        case suspected(Cause, Duration)
        case hung(Cause, Duration)
    }

    /// Where the kernel itself says that it cannot run.
    private let suspicion: Duration
    /// Where that is only concluded.
    private let patience: Duration
    /// A pause between two looks after which nothing is known of the time between: this process may have been stopped itself.
    package static let longestGap = Duration.seconds(1)

    private var last: (time: Duration, switches: Int64)?
    private var silentSince: Duration?
    /// Since when nobody but us could have got an answer: the first attempt in vain.
    private var knockedSince: Duration?

    package init(suspicion: Duration) {
        self.suspicion = suspicion
        patience = max(suspicion * 2, .seconds(3))
    }

    package static func == (left: HangWatch, right: HangWatch) -> Bool {
        left.suspicion == right.suspicion && left.silentSince == right.silentSince
            && left.knockedSince == right.knockedSince && left.last?.time == right.last?.time
            && left.last?.switches == right.last?.switches
    }

    /// One look, at a time of a clock that only goes forward.
    package mutating func handle(_ signs: LifeSigns, at now: Duration) -> Verdict {
        defer { last = (now, signs.switches) }
        guard let last, now - last.time <= Self.longestGap else { return begin() }
        let cause = Self.cause(of: signs)
        guard signs.switches == last.switches, signs.answer != .answered, let cause else { return begin() }
        let since = silentSince ?? last.time
        silentSince = since
        if signs.answer == .silent, knockedSince == nil { knockedSince = since }
        switch cause {
        case .frozen, .stopped:
            return now - since >= suspicion ? .hung(cause, now - since) : .suspected(cause, now - since)
        case .waiting, .silent:
            // Asleep is what a postmaster is when nobody wants anything.
            guard knockedSince != nil else { return .alive }
            return now - since >= patience ? .hung(cause, now - since) : .suspected(cause, now - since)
        }
    }

    private mutating func begin() -> Verdict {
        silentSince = nil
        knockedSince = nil
        return .alive
    }

    /// Why it might not live; nil for what waits for a processor only, or is traced by a debugger between two steps.
    private static func cause(of signs: LifeSigns) -> Cause? {
        if signs.isFrozen { return .frozen }
        switch signs.state {
        case "T", "t": return .stopped
        case "D": return .waiting
        case "R": return nil
        default: return .silent
        }
    }
}
