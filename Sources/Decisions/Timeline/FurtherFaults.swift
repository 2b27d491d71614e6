/// Something else that broke before all was well again.
package struct FurtherFault: Codable, Equatable, Sendable {
    package var at: UInt64
    package var cause: IncidentCause
    /// A member, or a host.
    package var subject: String
}

/// What else broke in an incident, by entries that are nobody's answer to what began it: a replica whose stream breaks off may
/// only have lost its leader, one whose processes are killed has not.
struct FurtherFaults {
    private let signals: [Signal]
    private let cause: IncidentCause
    private let subjects: [String]
    private let hasVerb: Bool

    init(_ signals: [Signal], cause: IncidentCause, subject: String) {
        self.signals = signals
        self.cause = cause
        // ZooKeeper's quorum has several.
        subjects = subject.split(separator: ",").map { String($0.drop { $0 == " " }) }
        hasVerb = signals.contains { OperatorVerb($0)?.isDisruptive == true }
    }

    /// The first one of each member, in the order of time.
    var all: [FurtherFault] {
        var found: [String: FurtherFault] = [:]
        for signal in signals {
            guard let fault = fault(signal), found[fault.subject] == nil else { continue }
            found[fault.subject] = fault
        }
        return found.values.sorted { ($0.at, $0.subject) < ($1.at, $1.subject) }
    }

    private func fault(_ signal: Signal) -> FurtherFault? {
        let about = signal.member.isEmpty ? signal.host : signal.member
        guard !subjects.contains(where: signal.isAbout), !wasFenced(about, before: signal),
            let cause = fault(of: signal)
        else { return nil }
        return FurtherFault(at: signal.time, cause: cause, subject: about)
    }

    private func fault(of signal: Signal) -> IncidentCause? {
        switch signal.kind {
        case .hung: return signal.values["reason"] == "frozen" ? .freeze : .postgresHung
        case .patroniKilled: return .patroniHung
        case .hostBegan: return IncidentJudge.endOfBoot(before: signal, in: signals)
        case .hostEnded: return .hostRestarted
        case .watchdogFired: return .watchdogReset
        case .outOfMemory: return .outOfMemory
        case .diskFull: return .diskFull
        case .panicked: return .crash
        case .leaseLost: return .hostCutOff
        case .unitSignalled where signal.values["signal"] == "SIGSTOP": return stopped(signal)
        case .mainExited where signal.values["code"] == "killed": return killed(signal.service)
        // Whoever asked for a stop or an upgrade asked for this as well.
        case .unitStopping where !hasVerb && cause != .packageUpgrade && cause != .stoppedBySystemd:
            return signal.service == "patroni" ? .stoppedBySystemd : killed(signal.service)
        default: return nil
        }
    }

    private func stopped(_ signal: Signal) -> IncidentCause? {
        guard signal.service == "patroni" else { return killed(signal.service) }
        return signal.values["name"] == "patroni" ? .patroniHung : .postgresHung
    }

    private func killed(_ service: String) -> IncidentCause? {
        switch service {
        case "patroni": .unitDied
        case "zookeeper" where cause != .zooKeeperQuorumLost: .zooKeeperServerLost
        case "haproxy": .routeServiceLost
        default: nil
        }
    }

    /// What a fence kills did not break by itself.
    private func wasFenced(_ member: String, before signal: Signal) -> Bool {
        signals.contains { $0.kind == .fence && $0.member == member && $0.time <= signal.time }
    }
}
