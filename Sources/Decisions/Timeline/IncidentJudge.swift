/// Finds out what an incident was: its cause, its phases, what clients felt.
struct IncidentJudge {
    private let open: OpenIncident
    private let signals: [Signal]
    private let before: String?
    private let after: String?

    init(_ open: OpenIncident, leaderAfter: String?) { self.init(open, open.signals, leaderAfter: leaderAfter) }

    private init(_ open: OpenIncident, _ signals: [Signal], leaderAfter: String?) {
        self.open = open
        self.signals = signals
        before = open.leaderBefore ?? Self.earlierLeader(open.signals)
        after = leaderAfter
    }

    private static func earlierLeader(_ signals: [Signal]) -> String? {
        signals.lazy.compactMap { $0.values["before"] }.first
    }

    private var hasMoved: Bool { before != nil && after != nil && before != after }

    /// nil for what turned out to be nothing, e.g. a verb that was refused.
    func incident(endedAt time: UInt64) -> Incident? {
        let (cause, subject, person) = cause()
        let finder = WriteOutageFinder(
            signals, before: before, after: after, lastSeen: open.lastSeen, cause: cause)
        let interrupted = finder.outage
        let standby =
            hasMoved || interrupted != nil
            ? nil : StandbyOutage(signals, leader: after, lastSeen: open.lastSeen)
        let outage = interrupted ?? standby?.outage
        if cause == .unknown, outage == nil, !hasMoved { return nil }
        if person != nil, outage == nil, !hasMoved, signals.count < 3 { return nil }
        let began = min(
            signals.first { ![.sudo, .packageUpgrade].contains($0.kind) }?.time ?? open.began, outage?.from ?? .max)
        var incident = Incident(
            began: began, ended: max(time, began), cause: cause, subject: subject, person: person, sentence: "",
            leaderBefore: before, leaderAfter: after,
            timeline: signals.last { $0.kind == .newTimeline }?.values["timeline"],
            lsn: signals.first { $0.kind == .streams && $0.role != after }?.values["lsn"], outage: outage,
            phases: IncidentPhases(signals, before: before, after: after, outage: outage).all,
            lossBytes: signals.last { $0.kind == .release }.flatMap { $0.values["loss_bytes"] }.flatMap { Int64($0) },
            unsettled: open.unsettled, further: FurtherFaults(signals, cause: cause, subject: subject).all,
            missing: [], signals: signals)
        incident.missing = missing(in: incident)
        if outage != nil, standby?.isBeginLate ?? (hasMoved && finder.isBeginLate) {
            incident.missing.append("since when clients could not write, which was before anything told of it")
        }
        incident.sentence = IncidentSentence(incident).text
        return incident
    }

    private func first(_ kinds: SignalKind..., of member: String? = nil) -> Signal? {
        signals.first { kinds.contains($0.kind) && (member == nil || $0.member == member || $0.role == member) }
    }

    private func cause() -> (IncidentCause, String, String?) {
        let hit = before ?? after ?? signals.first?.member ?? "?"
        if let verb = signals.lazy.compactMap(OperatorVerb.init).first(where: \.isDisruptive) {
            let subject = verb.target.isEmpty || verb.cause == .switchover ? hit : verb.target
            return (verb.cause, subject, verb.user)
        }
        // What hit the leader comes before what hit a replica meanwhile, which is a further fault (`FurtherFaults`).
        if hasMoved, let own = focused(on: hit).causeByItself(hit) { return own }
        return causeByItself(hit) ?? surroundings(hit)
    }

    private func causeByItself(_ hit: String) -> (IncidentCause, String, String?)? {
        machineCause(hit) ?? personCause(hit) ?? deathCause(hit)
    }

    private func focused(on member: String) -> IncidentJudge {
        let own = signals.filter { [.sudo, .packageUpgrade].contains($0.kind) || $0.isAbout(member) }
        return IncidentJudge(open, own, leaderAfter: after)
    }

    /// What a machine did to itself.
    private func machineCause(_ hit: String) -> (IncidentCause, String, String?)? {
        if let kill = first(.outOfMemory) { return (.outOfMemory, kill.role.isEmpty ? kill.host : kill.role, nil) }
        if let full = first(.diskFull) { return (.diskFull, full.member, nil) }
        if let boot = first(.hostBegan) {
            return (Self.endOfBoot(before: boot, in: signals), boot.host, nil)
        }
        if let kill = first(.patroniKilled) { return (.patroniHung, kill.member, nil) }
        if let lost = first(.leaseLost) { return (.hostCutOff, lost.member, nil) }
        if let crash = first(.processCrashed), first(.panicked) != nil || crash.values["signal"]?.hasPrefix("9") != true
        {
            return (.crash, crash.member, nil)
        }
        if let panic = first(.panicked) { return (.crash, panic.member, nil) }
        return nil
    }

    /// How the boot before ended.
    static func endOfBoot(before boot: Signal, in signals: [Signal]) -> IncidentCause {
        let own = signals.filter { $0.host == boot.host && $0.time <= boot.time }
        if own.contains(where: { $0.kind == .hostEnded }) { return .hostRestarted }
        // One that was fed again after it had been left was not what ended it.
        let watchdog = own.last { [.watchdogLeft, .watchdogArmed, .watchdogFired].contains($0.kind) }
        return [.watchdogLeft, .watchdogFired].contains(watchdog?.kind) ? .watchdogReset : .hostLost
    }

    /// What somebody did without pgha-node.
    private func personCause(_ hit: String) -> (IncidentCause, String, String?)? {
        let sudoer = signals.last { $0.kind == .sudo && $0.time <= open.began + 2_000_000 }?.values["user"]
        if let hung = first(.hung, .suspected),
            signals.contains(where: { [.hung, .fence, .secondLeader].contains($0.kind) })
        {
            return (hung.values["reason"] == "frozen" ? .freeze : .postgresHung, hung.member, sudoer)
        }
        // A fence is done through systemd as well.
        let fenced = first(.fence, .secondLeader, .leaseLost, .patroniKilled)?.time ?? .max
        if let kill = first(.unitSignalled), kill.time < fenced, kill.service == "patroni" {
            let names = Set(
                signals.filter { $0.kind == .unitSignalled && $0.time < fenced }.compactMap { $0.values["name"] })
            if kill.values["signal"] == "SIGKILL" {
                return (names == ["patroni"] ? .patroniDied : .killedByPerson, kill.role, sudoer)
            }
        }
        if let stop = first(.unitStopping, of: hit), stop.values["service"] == "patroni" {
            if let upgrade = first(.packageUpgrade) { return (.packageUpgrade, hit, upgrade.values["user"]) }
            return (.stoppedBySystemd, hit, sudoer)
        }
        if let asked = first(.switchoverRequested) {
            return (.switchoverElsewhere, hit, asked.values["user"] ?? sudoer)
        }
        return nil
    }

    private func deathCause(_ hit: String) -> (IncidentCause, String, String?)? {
        if !hasMoved, let second = first(.secondLeader) { return (.secondLeader, second.member, nil) }
        let dead = signals.first {
            $0.kind == .mainExited && $0.values["service"] == "patroni" && $0.values["code"] == "killed"
        }
        let fence = first(.fence)
        if let fence, fence.values["reason"] == "crash" {
            // The fence itself kills the unit's main process; one that died before it was the cause.
            let died = first(.mainExited, of: fence.member)
            if let died, died.time < fence.time { return (.unitDied, fence.member, nil) }
            return (.postmasterDied, fence.member, nil)
        }
        if let gone = first(.postmasterGone) { return (dead != nil ? .unitDied : .postmasterDied, gone.member, nil) }
        if let dead { return (hasMoved ? .unitDied : .patroniDied, dead.role, nil) }
        return nil
    }

    private func surroundings(_ hit: String) -> (IncidentCause, String, String?) {
        let lost = Set(signals.filter(isLossOfZooKeeper).map(\.role))
        if lost.count * 2 > zooKeeperServers, zooKeeperServers > 1, lost.count > 1, isQuorumGone {
            return (.zooKeeperQuorumLost, lost.sorted().joined(separator: ", "), nil)
        }
        if first(.failsafe, of: hit) != nil, lost.count <= 1 || lost.contains(hit) {
            return (.zooKeeperCutOff, hit, nil)
        }
        if let server = signals.first(where: { $0.values["service"] == "zookeeper" && $0.kind != .unitStarted }) {
            return (.zooKeeperServerLost, server.role, nil)
        }
        if let server = signals.first(where: { $0.values["service"] == "haproxy" && $0.kind != .unitStarted }) {
            return (.routeServiceLost, server.role, nil)
        }
        if hasMoved, let alone = hostWithoutPeers(of: hit) { return (.hostCutOff, alone, nil) }
        if first(.zooKeeperLost, of: hit) != nil, first(.demoting, of: hit) != nil || hasMoved {
            return (isOutOfReach(hit) ? .hostCutOff : .zooKeeperCutOff, hit, nil)
        }
        if first(.ensembleLooking) != nil { return (.zooKeeperServerLost, first(.ensembleLooking)?.host ?? hit, nil) }
        if let replica = first(.replicaSilent) { return (.replicaLost, replica.member, nil) }
        if let stop = first(.unitStopping) { return (.stoppedBySystemd, stop.role, nil) }
        let died = signals.filter { $0.kind == .mainExited }
        if let own = died.first(where: { !$0.role.isEmpty }) { return (.unitDied, own.role, nil) }
        if let dropped = first(.standbyDropped)?.droppedStandbys.min() { return (.replicaLost, dropped, nil) }
        if let agent = died.first { return (.unitDied, "the \(agent.service) of \(agent.host)", nil) }
        return (.unknown, hit, nil)
    }

    /// Who is cut off hears of none of the others and they do not hear of it, whoever says so first.
    private func hostWithoutPeers(of hit: String) -> String? {
        var silences: [String: Set<String>] = [:]
        for signal in signals where signal.kind == .peerSilent {
            guard let peer = signal.values["peer"] else { continue }
            silences[signal.host, default: []].insert(peer)
            silences[peer, default: []].insert(signal.host)
        }
        let most = silences.values.map(\.count).max()
        let hosts = silences.keys.filter { silences[$0]?.count == most }.sorted()
        return hosts.first { $0 == home(of: hit) } ?? hosts.first
    }

    private func home(of member: String) -> String {
        signals.first { $0.role == member && $0.speaker == .patroni }?.host ?? member
    }

    /// Whether other hosts could not reach a leader any more that still was one: its agent says so after 30 s only, and a cut may be
    /// shorter. Who has lost nothing but ZooKeeper answers HAProxy until it demotes itself.
    private func isOutOfReach(_ hit: String) -> Bool {
        let demoted = first(.demoting, of: hit)?.time ?? .max
        let home = home(of: hit)
        return signals.contains { signal in
            signal.kind == .serverDown && signal.values["member"] == hit && signal.host != home && signal.time < demoted
        }
    }

    private func isLossOfZooKeeper(_ signal: Signal) -> Bool {
        switch signal.kind {
        case .ensembleLooking: true
        case .unitStopping, .unitStopped, .mainExited: signal.service == "zookeeper"
        default: false
        }
    }

    /// As many as were heard of, before it or in it.
    private var zooKeeperServers: Int {
        let own = Set(signals.filter { $0.service == "zookeeper" || $0.speaker == .zookeeper }.map(\.role))
        return max(open.zooKeeperServers, own.count)
    }

    /// Whether servers were stopped or died, more than an election does.
    private var isQuorumGone: Bool {
        let gone = Set(signals.filter { isLossOfZooKeeper($0) && $0.kind != .ensembleLooking }.map(\.role))
        return gone.count * 2 > zooKeeperServers
    }

    private func missing(in incident: Incident) -> [String] {
        var missing: [String] = []
        if incident.cause == .unknown { missing.append("what began it") }
        if incident.cause == .hostLost, let seconds = open.armedWatchdogs[incident.subject] {
            missing.append("whether the watchdog reset \(incident.subject), which Patroni had set to \(seconds) s")
        }
        for (host, microseconds) in open.clocksSetBack.sorted(by: { $0.key < $1.key }) {
            missing.append(
                "when exactly: the clock of \(host) was set back by \(microseconds / 1_000_000) s in between")
        }
        if before == nil { missing.append("who led before") }
        if hasMoved, incident.outage == nil { missing.append("how long clients could not write") }
        if hasMoved, !signals.contains(where: { $0.role == before || $0.member == before }) {
            missing.append("the journal of \(before ?? "the old leader")'s host")
        }
        return missing
    }
}
