import SeededRandom

/// What a trial breaks.
struct Fault {
    var event: FaultEvent
    var victim = Victim.leader
    var agents = AgentFault.running
    /// Seconds after the writers have begun; Patroni's round takes five.
    var phase: Double
    /// Another member is struck while the first fault is not over.
    var second: (event: FaultEvent, victim: Victim, after: Double)?

    init(_ event: FaultEvent, of victim: Victim = .leader, phase: Double, agents: AgentFault = .running) {
        self.event = event
        self.victim = victim
        self.agents = agents
        self.phase = phase
    }
}

enum Victim: Equatable {
    case leader
    /// The one whose confirmation the leader's commits wait for.
    case synchronousReplica
    /// The first or the second of those that do not lead.
    case replica(Int)
}

extension Fault {
    /// Two of three strike the leader, every third one finds agents that are killed or frozen, and every fourth is followed by a
    /// second fault of another member while the cluster is still at work with the first.
    static func drawn(using random: inout SplitMix) -> Fault {
        let ofReplica = Int.random(in: 0..<3, using: &random) == 0
        let events = FaultEvent.allCases.filter { !ofReplica || $0.canStrikeReplica }
        var fault = Fault(
            events.randomElement(using: &random) ?? .stop, phase: Double.random(in: 0..<5, using: &random),
            agents: [.running, .running, .running, .running, .killed, .frozen].randomElement(using: &random) ?? .running
        )
        let replica = Int.random(in: 0..<2, using: &random)
        if ofReplica { fault.victim = .replica(replica) }
        guard Int.random(in: 0..<4, using: &random) == 0 else { return fault }
        let seconds: [FaultEvent] = [.stop, .killPostmaster, .killUnit, .killPatroni, .freeze, .stopPostgres]
        fault.second = (
            seconds.randomElement(using: &random) ?? .stop, ofReplica ? .leader : .replica(replica),
            Double.random(in: 0..<10, using: &random)
        )
        return fault
    }
}

extension FaultEvent {
    /// Only a leader hands over; the sessions of a thaw are those of one; and the others choose their target themselves.
    var canStrikeReplica: Bool {
        switch self {
        case .switchover, .thaw, .killZooKeeperLeader, .loseQuorum: false
        default: true
        }
    }
}
