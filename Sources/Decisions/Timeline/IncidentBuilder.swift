/// Puts signals together into incidents. Signals come in the order of their time.
package struct IncidentBuilder: Sendable {
    /// Microseconds.
    private enum Span {
        static let lookBack: UInt64 = 10_000_000
        /// How long an upgrade of packages may take until it restarts something.
        static let upgrade: UInt64 = 900_000_000
        static let calm: UInt64 = 3_000_000
        /// Until a server of ZooKeeper that starts looks for a leader.
        static let start: UInt64 = 30_000_000
        static let silence: UInt64 = 120_000_000
        /// A clock that is put right by less is what all clocks are.
        static let step: UInt64 = 1_000_000
    }

    private(set) var leader: String?
    private var open: OpenIncident?
    private var recent: [Signal] = []
    private var lastSeen: [String: UInt64] = [:]
    private var hosts: Set<String> = []
    private var lastEnd: UInt64 = 0
    /// The latest time of all, and the last one that each host's clock said.
    private var now: UInt64 = 0
    private var clocks: [String: UInt64] = [:]
    private var zooKeeperServers: Set<String> = []
    private var armedWatchdogs: [String: String] = [:]
    package private(set) var incidents: [Incident] = []

    package init() {}

    /// Any entry of a host, also one without a meaning: the host was alive then.
    package mutating func saw(_ host: String, at time: UInt64) { lastSeen[host] = steady(time, host) }

    /// A clock that was set back tells of what came later as of something earlier. Here it stands still until it is where it was:
    /// the order of a host's entries is certain, their times are not.
    private mutating func steady(_ time: UInt64, _ host: String) -> UInt64 {
        if let before = clocks[host], time + Span.step < before {
            open?.clocksSetBack[host, default: 0] += before - time
        }
        clocks[host] = time
        now = max(now, time)
        return now
    }

    package mutating func take(_ given: Signal) {
        var signal = given
        signal.time = steady(given.time, given.host)
        closeIfCalm(at: signal.time)
        if let current = open, current.isNewFault(signal, leader: leader) { close(current, at: signal.time) }
        if open == nil, isHarm(signal) { begin(with: signal) }
        open?.add(signal)
        remember(signal)
        follow(signal)
        if signal.kind != .hostBegan { lastSeen[signal.host] = signal.time }
        hosts.insert(signal.host)
    }

    /// At the end of the journals, `now` is their last time.
    package mutating func finish(at now: UInt64) {
        closeIfCalm(at: now + Span.calm)
        if let current = open { close(current, at: now) }
    }

    private mutating func begin(with signal: Signal) {
        var made = OpenIncident(began: signal.time, leader: leader)
        made.lastSeen = lastSeen
        made.zooKeeperServers = zooKeeperServers.count
        made.armedWatchdogs = armedWatchdogs
        let from = max(lastEnd + 1, signal.time > Span.lookBack ? signal.time - Span.lookBack : 0)
        let upgradesFrom = signal.time > Span.upgrade ? signal.time - Span.upgrade : 0
        for early in recent {
            let isRecent = early.time >= from && Self.mayBeCause(early)
            let isUpgrade = early.kind == .packageUpgrade && early.host == signal.host && early.time >= upgradesFrom
            if isRecent || isUpgrade { made.add(early) }
        }
        open = made
    }

    /// What an incident may have begun with before it did any harm.
    private static func mayBeCause(_ signal: Signal) -> Bool {
        switch signal.kind {
        case .operatorVerb, .sudo, .switchoverRequested, .unitSignalled, .unitStopping, .peerSilent,
            .zooKeeperLost, .suspected, .hostEnded, .routeHeld, .outOfMemory, .diskFull,
            .drill, .watchdogLeft:
            true
        default: false
        }
    }

    private mutating func remember(_ signal: Signal) {
        recent.append(signal)
        if signal.speaker == .zookeeper { zooKeeperServers.insert(signal.role) }
        if recent.count > 400 { recent.removeFirst(200) }
    }

    private mutating func follow(_ signal: Signal) {
        switch signal.kind {
        case .leaderKey: leader = signal.values["member"]
        case .keyTaken: leader = signal.role
        case .watchdogArmed: armedWatchdogs[signal.host] = signal.values["seconds"]
        case .hostBegan, .hostEnded: armedWatchdogs[signal.host] = nil
        default: break
        }
    }

    private mutating func closeIfCalm(at time: UInt64) {
        guard let current = open else { return }
        if current.isWell, time > current.lastNews + Span.calm { return close(current, at: current.lastNews) }
        if time > current.lastNews + Span.silence { close(current, at: current.lastNews) }
    }

    private mutating func close(_ current: OpenIncident, at time: UInt64) {
        open = nil
        lastEnd = time
        if let incident = IncidentJudge(current, leaderAfter: leader).incident(endedAt: time) {
            incidents.append(incident)
        }
    }

    /// A server of ZooKeeper looks for a leader whenever it starts. That it had ended is told by something else.
    private func hasJustBegun(_ server: Signal) -> Bool {
        recent.contains {
            $0.kind == .unitStarting && $0.service == "zookeeper" && $0.host == server.host
                && $0.time + Span.start >= server.time
        }
    }

    /// Whether something is wrong from here on, or about to be changed.
    private func isHarm(_ signal: Signal) -> Bool {
        switch signal.kind {
        case .ensembleLooking where hasJustBegun(signal): return false
        case .leaderKeyGone, .suspected, .hung, .fence, .release, .secondLeader, .patroniKilled, .leaseLost, .demoting,
            .shutdownRequested, .postmasterGone, .processCrashed, .panicked, .diskFull, .outOfMemory, .noServer,
            .ensembleLooking, .replicaSilent, .drill, .watchdogFired, .standbyTimedOut:
            return leader != nil || !recent.isEmpty
        case .leaderKey: return signal.values["before"] != nil || (leader != nil && leader != signal.values["member"])
        case .keyTaken: return leader != nil && leader != signal.role
        case .unitStopping, .mainExited: return signal.service != "agent"
        case .zooKeeperLost: return signal.role == leader
        case .hostBegan: return hosts.contains(signal.host)
        case .hostEnded: return true
        case .unitSignalled: return signal.values["signal"] == "SIGSTOP"
        case .operatorVerb: return OperatorVerb(signal)?.isDisruptive == true
        default: return false
        }
    }
}
