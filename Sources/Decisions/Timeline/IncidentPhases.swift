/// The parts of a change of the leader.
struct IncidentPhases {
    private let signals: [Signal]
    private let before: String?
    private let after: String?
    private let outage: WriteOutage?

    init(_ signals: [Signal], before: String?, after: String?, outage: WriteOutage?) {
        self.signals = signals
        self.before = before
        self.after = after
        self.outage = outage
    }

    var all: [IncidentPhase] {
        guard let outage else { return [] }
        let start = outage.from
        let noticed = first(after: start, .hung, .fence, .release, .keyReleased, .leaderKeyGone)
        let fence = first(after: start, .fence)
        let gone = first(after: start, .release, .keyReleased, .leaderKeyGone)
        let taken = signals.first { $0.time >= start && isTaken($0) }
        let writable = signals.first { $0.kind == .acceptsConnections && $0.role == after && $0.time >= start }
        let oldBack = signals.first { $0.kind == .streams && $0.role == before && $0.time >= start }
        let last = signals.last { $0.kind == .streams && $0.time >= start }
        var phases: [IncidentPhase] = []
        func add(_ name: IncidentPhase.Name, _ from: UInt64?, _ until: UInt64?, _ actor: String) {
            guard let from, let until, until >= from else { return }
            phases.append(IncidentPhase(name: name, from: from, until: until, actor: actor))
        }
        // The leader stayed, and so did the way to it: it waited for a replica until Patroni took another one.
        if signals.contains(where: { $0.kind == .standbyConfirms && $0.time == outage.until }) {
            add(.detection, start, first(after: start, .standbyDropped)?.time, "patroni")
            add(.allBack, start, last?.time, "patroni")
            return phases
        }
        add(.detection, start, noticed?.time, actor(of: noticed))
        if let fence { add(.fence, fence.time, first(after: fence.time, .release)?.time, "agent") }
        add(.release, noticed?.time ?? start, gone?.time, actor(of: gone))
        add(.race, gone?.time, taken?.time, "patroni")
        add(.promotion, taken?.time, writable?.time, "postgres")
        add(.route, writable?.time ?? taken?.time, outage.until, "agent")
        add(.oldLeaderBack, start, oldBack?.time, "patroni")
        add(.allBack, start, last?.time, "patroni")
        return phases
    }

    private func isTaken(_ signal: Signal) -> Bool {
        (signal.kind == .keyTaken && signal.role == after)
            || (signal.kind == .leaderKey && signal.values["member"] == after)
    }

    private func first(after time: UInt64, _ kinds: SignalKind...) -> Signal? {
        signals.first { $0.time >= time && kinds.contains($0.kind) }
    }

    private func actor(of signal: Signal?) -> String { signal?.speaker.rawValue ?? "" }
}
