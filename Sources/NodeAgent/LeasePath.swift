import ClusterModel
import Decisions

/// What agents ask each other about a short lease: `/lease/<verb>/<member>/<the transaction that created the key>`.
struct LeasePath: Equatable, Sendable {
    enum Verb: String, Sendable {
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

    init(_ verb: Verb, _ member: RoleName, _ key: Int64) {
        self.verb = verb
        self.member = member
        self.key = key
    }

    init?(_ path: String) {
        let parts = path.split(separator: "/")
        guard parts.count == 4, parts[0] == "lease", let verb = Verb(rawValue: String(parts[1])),
            let member = RoleName(String(parts[2])), let key = Int64(parts[3])
        else { return nil }
        self.init(verb, member, key)
    }

    var text: String { "/lease/\(verb.rawValue)/\(member)/\(key)" }
}
