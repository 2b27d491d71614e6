import ClusterModel

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
