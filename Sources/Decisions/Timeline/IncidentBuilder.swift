import ClusterModel

/// Puts signals together into incidents. Signals come in the order of their time.
package struct IncidentBuilder: Sendable {
    /// Microseconds.
    private enum Span {
        static let lookBack: UInt64 = 10_000_000
        /// How long an upgrade of packages may take until it restarts something.
        static let upgrade: UInt64 = 900_000_000
        static let calm: UInt64 = 3_000_000
        static let silence: UInt64 = 120_000_000
    }

    private(set) var leader: String?
    private var open: OpenIncident?
    private var recent: [Signal] = []
    private var lastSeen: [String: UInt64] = [:]
    private var hosts: Set<String> = []
    private var lastEnd: UInt64 = 0
    private var zooKeeperServers: Set<String> = []
    package private(set) var incidents: [Incident] = []

    package init() {}

    /// Any entry of a host, also one without a meaning: the host was alive then.
    package mutating func saw(_ host: String, at time: UInt64) { lastSeen[host] = time }

    package mutating func take(_ signal: Signal) {
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
            .drill:
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

    /// Whether something is wrong from here on, or about to be changed.
    private func isHarm(_ signal: Signal) -> Bool {
        switch signal.kind {
        case .leaderKeyGone, .suspected, .hung, .fence, .release, .secondLeader, .patroniKilled, .leaseLost, .demoting,
            .shutdownRequested, .postmasterGone, .processCrashed, .panicked, .diskFull, .outOfMemory, .noServer,
            .ensembleLooking, .replicaSilent, .drill:
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

/// What a person asked pgha-node to do.
struct OperatorVerb {
    var verb: String
    var target: String
    var user: String
    /// What was broken on purpose.
    private(set) var drill: DrillKind?

    init?(_ signal: Signal) {
        guard signal.kind == .operatorVerb, let verb = signal.values["verb"] else { return nil }
        self.verb = verb
        target = signal.values["target"] ?? ""
        user = signal.values["user"] ?? "somebody"
        guard verb == "drill" else { return }
        let words = target.split(separator: " ").map(String.init)
        drill = words.first.flatMap { DrillKind(rawValue: $0) }
        target = words.count > 1 ? words[1] : ""
    }

    var isDisruptive: Bool {
        ["switchover", "failover", "stop", "restart", "freeze", "down", "uninstall", "apply", "reinit", "drill"]
            .contains(verb)
    }

    var cause: IncidentCause {
        if let drill { return Self.cause(of: drill) }
        return switch verb {
        case "switchover", "failover": .switchover
        case "stop", "down": .stop
        case "restart": .restart
        case "freeze": .freeze
        default: .otherVerb
        }
    }

    private static func cause(of drill: DrillKind) -> IncidentCause {
        switch drill {
        case .switchover: .switchover
        case .stop: .stop
        case .kill: .killedByPerson
        case .freeze: .freeze
        case .hang: .postgresHung
        case .hostLoss: .hostLost
        case .partition: .hostCutOff
        case .zookeeper: .zooKeeperServerLost
        case .haproxy: .routeServiceLost
        }
    }
}

/// An incident that has begun, and has not ended.
struct OpenIncident: Sendable {
    let began: UInt64
    /// Who led when it began.
    let leaderBefore: String?
    var lastSeen: [String: UInt64] = [:]
    /// As many as have been heard of.
    var zooKeeperServers = 0
    private(set) var signals: [Signal] = []
    private(set) var lastNews: UInt64
    private var lastFault: UInt64
    /// Members, and services of hosts, that are not yet what they were.
    private var disturbed: Set<String> = []
    /// Members that have streamed since it began.
    private var hasFollowed: Set<String> = []
    private var isRouteGone = false
    private var hasRouteClosed = false
    private var routeBackAt: UInt64?

    init(began: UInt64, leader: String?) {
        self.began = began
        leaderBefore = leader
        lastNews = began
        lastFault = began
    }

    var isWell: Bool { disturbed.isEmpty && !isRouteGone }

    mutating func add(_ signal: Signal) {
        // systemd tells of each process of a unit, often a hundred of them.
        let isRepeated =
            signal.kind == .unitSignalled
            && signals.suffix(200).contains { other in
                other.kind == .unitSignalled && other.role == signal.role
                    && other.values["name"] == signal.values["name"]
                    && other.values["signal"] == signal.values["signal"] && signal.time - other.time < 1_000_000
            }
        if !isRepeated { signals.append(signal) }
        follow(signal)
    }

    private mutating func follow(_ signal: Signal) {
        let member = signal.member
        switch signal.kind {
        case .fence, .hung, .release, .secondLeader, .shutdownRequested, .postmasterGone, .streamEnded, .replicaSilent:
            disturbed.insert(member)
            if signal.kind != .streamEnded { lastFault = max(lastFault, signal.time) }
        case .mainExited, .unitStopping, .unitStopped:
            disturbed.remove(Self.stopped(signal.service, signal.role))
            disturb(signal)
        case .drill:
            // Others are missed by their units.
            guard let kind = signal.values["verb"].flatMap({ DrillKind(rawValue: $0) }),
                kind.service == .patroni || kind.service == nil
            else { break }
            disturbed.insert(member)
        case .leaderKeyGone: isRouteGone = true
        case .noServer, .routeClosed, .serverDown: (isRouteGone, hasRouteClosed) = (true, true)
        case .streams, .replicaStreams:
            disturbed.remove(member)
            hasFollowed.insert(member)
        case .keyTaken, .leaderKey:
            let next = signal.kind == .keyTaken ? signal.role : member
            // Whoever leads does not stream, and whoever led before should soon.
            disturbed.remove(next)
            // The same one again, before HAProxy was told of anything.
            if next == leaderBefore, !hasRouteClosed { isRouteGone = false }
            if let leaderBefore, leaderBefore != next, !hasFollowed.contains(leaderBefore) {
                disturbed.insert(leaderBefore)
            }
        case .ensembleFollowing, .ensembleLeading: disturbed.remove("zookeeper of \(signal.role)")
        case .ensembleLooking: disturbed.insert("zookeeper of \(signal.role)")
        case .unitStarted:
            if signal.values["service"] == "haproxy" { disturbed.remove("haproxy of \(signal.role)") }
        case .ready:
            // The agent's word is about all of its host.
            disturbed = disturbed.filter { $0 != signal.host && !$0.hasSuffix(" of \(signal.host)") }
        case .firstWrite: routeBackAt = signal.time
        case .unitSignalled:
            if signal.values["signal"] == "SIGSTOP" { disturbed.insert(Self.stopped(signal.service, signal.role)) }
            if signal.values["signal"] == "SIGCONT" { disturbed.remove(Self.stopped(signal.service, signal.role)) }
        case .patroniKilled: disturbed.remove(Self.stopped("patroni", member))
        case .routeOpened, .serverUp:
            (isRouteGone, hasRouteClosed) = (false, false)
            routeBackAt = signal.time
        default: return
        }
        lastNews = max(lastNews, signal.time)
    }

    /// A service whose process was sent SIGSTOP.
    private static func stopped(_ service: String, _ role: String) -> String { "\(service) of \(role), stopped" }

    private mutating func disturb(_ signal: Signal) {
        guard let service = signal.values["service"], service != "agent" else { return }
        lastFault = max(lastFault, signal.time)
        disturbed.insert(service == "patroni" ? signal.role : "\(service) of \(signal.role)")
    }

    /// What is not yet what it was.
    var unsettled: [String] { disturbed.sorted() + (isRouteGone ? ["the way to the leader"] : []) }

    /// Whether somebody wants the leader to stop or to hand over, and it has done neither yet.
    private func isAskedToHandOver(by leader: String?) -> Bool {
        signals.contains { signal in
            switch signal.kind {
            case .unitStopping: return signal.service == "patroni" && signal.role == leader
            case .operatorVerb:
                return OperatorVerb(signal).map { [.switchover, .stop, .restart].contains($0.cause) } ?? false
            default: return false
            }
        }
    }

    /// Whether a signal is the beginning of something else: clients can write again, and it hits who leads now.
    func isNewFault(_ signal: Signal, leader: String?) -> Bool {
        // One that leads on was not replaced, so that what hits it next may be the rest of the same.
        let calm: UInt64 = leader == leaderBefore ? 3_000_000 : 500_000
        guard !isRouteGone, signal.time > max(routeBackAt ?? began, lastFault) + calm else { return false }
        // A hand-over that was asked for may wait long before it begins (`LeaderChange.waitsForFailsafe`).
        if leader == leaderBefore, isAskedToHandOver(by: leader) { return false }
        switch signal.kind {
        case .operatorVerb: return OperatorVerb(signal)?.isDisruptive == true
        case .drill: return true
        case .suspected, .shutdownRequested, .postmasterGone, .mainExited, .unitStopping, .unitSignalled, .outOfMemory,
            .panicked, .switchoverRequested:
            return signal.member == leader
        // What the agent does may be the first that tells of the end of a leader that is new. For one that leads on it may be
        // the end of what began long before, e.g. of a suspicion.
        case .fence, .release: return leader != leaderBefore && signal.member == leader
        case .leaderKeyGone: return leader != leaderBefore && signal.values["before"] == leader
        default: return false
        }
    }
}
