import ClusterModel

/// The one sentence that says it all.
struct IncidentSentence {
    private let incident: Incident

    init(_ incident: Incident) { self.incident = incident }

    var text: String {
        var parts = [what]
        if let before = incident.leaderBefore, let after = incident.leaderAfter, before != after {
            parts.append(
                "\(after) leads instead of \(before)" + (incident.timeline.map { ", on timeline \($0)" } ?? ""))
        }
        parts.append(felt)
        if !incident.further.isEmpty {
            let faults = incident.further.map { broke($0.cause, $0.subject, "") }
            parts.append("meanwhile " + faults.joined(separator: ", and "))
        }
        if let loss = incident.lossBytes, loss > 0 { parts.append("up to \(loss) bytes of WAL may be lost") }
        if !incident.unsettled.isEmpty {
            parts.append("not well again when this ends: \(incident.unsettled.joined(separator: ", "))")
        }
        return parts.joined(separator: "; ")
    }

    private var what: String {
        let who = incident.person.map { " by \($0)" } ?? ""
        let subject = incident.subject
        if let drill = incident.signals.lazy.compactMap(OperatorVerb.init).first(where: \.isDisruptive)?.drill {
            return "\(incident.person ?? "somebody") ran the drill \"\(drill.rawValue)\" on \(subject)"
        }
        switch incident.cause {
        case .switchover: return "\(incident.person ?? "somebody") asked for a switchover"
        case .otherVerb:
            let verb = incident.signals.lazy.compactMap(OperatorVerb.init).first?.verb ?? "something"
            return "\(incident.person ?? "somebody") ran pgha-node \(verb)"
        default: return broke(incident.cause, subject, who)
        }
    }

    /// `who` is empty or " by somebody".
    private func broke(_ cause: IncidentCause, _ subject: String, _ who: String) -> String {
        switch cause {
        case .stop: return "\(subject) was stopped\(who)"
        case .restart: return "\(subject) was restarted\(who)"
        case .freeze: return "\(subject) was frozen\(who)"
        case .switchover, .otherVerb: return "pgha-node was asked for a change\(who)"
        case .switchoverElsewhere: return "a switchover was asked of Patroni itself\(who)"
        case .stoppedBySystemd:
            return "systemd was asked to stop \(subject)" + (who.isEmpty ? ", it does not say by whom" : who)
        case .packageUpgrade: return "\(subject) was stopped while packages of its host were upgraded\(who)"
        case .killedByPerson: return "the processes of \(subject) were killed through systemd\(who)"
        case .postmasterDied: return "the postmaster of \(subject) died"
        case .unitDied: return "all processes of \(subject) died"
        case .patroniDied: return "Patroni of \(subject) died and was started anew; PostgreSQL went on"
        case .patroniHung:
            let wasKilled = incident.signals.contains { $0.kind == .patroniKilled && $0.isAbout(subject) }
            return "Patroni of \(subject) hung\(wasKilled ? " and was killed" : ""); PostgreSQL went on"
        case .postgresHung: return "PostgreSQL of \(subject) hung"
        case .crash: return "PostgreSQL of \(subject) crashed"
        case .outOfMemory: return "the kernel killed processes of \(subject) because memory was short"
        case .diskFull: return "the disk of \(subject) was full"
        case .hostLost: return "\(subject) was lost without a shutdown and has booted since"
        case .watchdogReset: return "\(subject) was reset by its watchdog and has booted since"
        case .hostRestarted: return "\(subject) was shut down and has booted since"
        case .hostCutOff: return "\(subject) was cut off from the other hosts"
        case .zooKeeperCutOff: return "\(subject) could not reach ZooKeeper"
        case .zooKeeperServerLost: return "a server of ZooKeeper was lost (\(subject))"
        case .zooKeeperQuorumLost: return "ZooKeeper lost its quorum"
        case .routeServiceLost: return "HAProxy of \(subject) was down"
        case .secondLeader: return "\(subject) took writes while another member held the leader key, and was killed"
        case .replicaLost: return "\(subject) did not stream"
        case .unknown: return "the journals do not tell what began this"
        }
    }

    private var felt: String {
        guard let outage = incident.outage else { return "clients could write all the time" }
        guard let milliseconds = outage.milliseconds else { return "clients could not write when this ends" }
        return "clients could not write for \(Self.seconds(milliseconds)) s"
    }

    /// With two decimals.
    static func seconds(_ milliseconds: Double) -> String {
        text(ofHundredths: Int((milliseconds / 10).rounded()))
    }

    static func text(ofHundredths hundredths: Int) -> String {
        let fraction = String(hundredths % 100)
        return "\(hundredths / 100).\(fraction.count < 2 ? "0" : "")\(fraction)"
    }
}
