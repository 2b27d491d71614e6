import ClusterModel
import Decisions

/// What agents ask each other about a short lease: `/lease/<verb>/<member>/<the transaction that created the key>/<serial>`.
struct LeasePath: Equatable, Sendable {
    enum Verb: String, Sendable {
        /// The leader's agent looks whether anybody would answer; nothing is promised.
        case greet
        /// The leader's agent promises to end its PostgreSQL when it is alone.
        case renew
        /// It does not promise that any more.
        case withdraw
        /// Another witness asks whether the leader is lost for this one as well.
        case lost
    }

    var verb: Verb
    var member: RoleName
    var key: Int64
    /// Rises from one question to the next, also over a restart of the agent.
    var serial: Int64

    init(_ verb: Verb, _ member: RoleName, _ key: Int64, serial: Int64) {
        self.verb = verb
        self.member = member
        self.key = key
        self.serial = serial
    }

    init?(_ path: String) {
        let parts = path.split(separator: "/")
        guard parts.count == 5, parts[0] == "lease", let verb = Verb(rawValue: String(parts[1])),
            let member = RoleName(String(parts[2])), let key = Int64(parts[3]), let serial = Int64(parts[4])
        else { return nil }
        self.init(verb, member, key, serial: serial)
    }

    var text: String { "/lease/\(verb.rawValue)/\(member)/\(key)/\(serial)" }
}
