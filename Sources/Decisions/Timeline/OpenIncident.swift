import ClusterModel

/// An incident that has begun, and has not ended.
struct OpenIncident: Sendable {
    let began: UInt64
    /// Who led when it began.
    let leaderBefore: String?
    var lastSeen: [String: UInt64] = [:]
    /// As many as have been heard of.
    var zooKeeperServers = 0
    /// Hosts whose watchdog Patroni had armed, with its seconds. That it is disarmed again is said nowhere.
    var armedWatchdogs: [String: String] = [:]
    /// Hosts whose clock was set back meanwhile, with by how many microseconds.
    var clocksSetBack: [String: UInt64] = [:]
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
    /// Where HAProxy leads since it was opened in this incident.
    private var wayTo: String?

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
        case .watchdogFired: disturbed.insert(signal.host)
        case .standbyTimedOut: disturbed.insert(Self.replica(of: signal.role))
        case .standbyConfirms: disturbed.remove(Self.replica(of: signal.role))
        // What has become of it may be told by its host only, when that is back.
        case .standbyDropped: disturbed.formUnion(signal.droppedStandbys.subtracting(hasFollowed))
        case .leaderKeyGone: isRouteGone = true
        // The way to the old leader may be closed when the one to the next is open already, e.g. by an agent that was frozen.
        case .routeClosed where isOldWay(signal), .serverDown where isOldWay(signal): break
        case .noServer, .routeClosed, .serverDown: (isRouteGone, hasRouteClosed, wayTo) = (true, true, nil)
        case .streams, .replicaStreams:
            disturbed.remove(member)
            // Who was given up is not named; it comes back like any other.
            disturbed = disturbed.filter { !$0.hasPrefix(Self.replica(of: "")) }
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
            (isRouteGone, hasRouteClosed, wayTo) = (false, false, signal.values["member"])
            routeBackAt = signal.time
        default: return
        }
        lastNews = max(lastNews, signal.time)
    }

    private func isOldWay(_ closed: Signal) -> Bool { wayTo != nil && closed.values["member"] != wayTo }

    /// A service whose process was sent SIGSTOP.
    private static func stopped(_ service: String, _ role: String) -> String { "\(service) of \(role), stopped" }

    /// One that PostgreSQL has given up.
    private static func replica(of leader: String) -> String { "a replica of \(leader)" }

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
        // All was well already, for too short to be the end: what breaks now is something else.
        if isWell, signal.time > lastNews + 300_000 {
            switch signal.kind {
            case .streamEnded where signal.meaning.contains("broke off"): return true
            // One that comes back with its host is a part of the same.
            case .ensembleLooking where !signals.contains { $0.kind == .hostBegan && $0.host == signal.host }:
                return true
            case .leaderKeyGone: return signal.values["before"] == leader
            case .unitStopping where signal.service == "zookeeper", .mainExited where signal.service == "zookeeper":
                return true
            default: break
            }
        }
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
