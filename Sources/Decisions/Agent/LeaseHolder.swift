/// The short lease as the leader's own host sees it: PostgreSQL may live while enough other hosts can be heard of.
///
/// Before it is armed nothing is promised and nothing is done. From then on the other hosts may count on it: a leader that is
/// alone is dead after `LeaseTimes.holderEnds`. Times are of a clock that only goes forward.
package struct LeaseHolder: Equatable, Sendable {
    package enum Verdict: Equatable, Sendable {
        case fine
        /// Nothing was heard for so long; PostgreSQL must end now.
        case alone(Duration)
    }

    private let needed: Int
    /// When the latest attempt began that a host answered.
    private var contacts: [String: Duration] = [:]
    /// The transaction that created the leader key; nil while no member of this host leads.
    package private(set) var key: Int64?
    package private(set) var isArmed = false
    private var last: Duration?
    private var graceUntil = Duration.zero

    /// `hosts`: of the whole cluster.
    package init(hosts: Int) {
        needed = LeaseTimes.needed(hosts: hosts)
    }

    /// Another key is another lease, which begins unarmed: the promise was made for that one key.
    package mutating func follow(key new: Int64?) {
        guard new != key else { return }
        key = new
        isArmed = false
    }

    /// Something that only a host which lives and can be reached sends: an answer, or the refusal of a connection, in which case
    /// its agent does not run and will know of no promise when it does. `began`: when the attempt did.
    package mutating func hear(of host: String, began: Duration) {
        contacts[host] = max(contacts[host] ?? began, began)
    }

    /// Whether enough is heard for the promise to be made.
    package func mayArm(at now: Duration) -> Bool {
        guard key != nil, !isArmed, let confirmed else { return false }
        return now - confirmed <= LeaseTimes.pace * 2
    }

    package mutating func arm() { isArmed = key != nil }

    /// Goes on with a promise that an earlier process of this agent made for this key, which must be judged soon.
    package mutating func resume(key: Int64, at now: Duration) {
        self.key = key
        isArmed = true
        graceUntil = now + LeaseTimes.grace
        last = now
    }

    package mutating func disarm() { isArmed = false }

    /// One look, at least each `LeaseTimes.pace`.
    package mutating func look(at now: Duration) -> Verdict {
        if let last, now - last > LeaseTimes.longestGap { graceUntil = now + LeaseTimes.grace }
        last = now
        guard isArmed else { return .fine }
        let silence = now - (confirmed ?? .zero)
        return silence > LeaseTimes.holderEnds && now >= graceUntil ? .alone(silence) : .fine
    }

    /// Since when the promise has been good: enough hosts were heard of at this time or later.
    private var confirmed: Duration? {
        let newest = contacts.values.sorted(by: >)
        return newest.count >= needed && needed > 0 ? newest[needed - 1] : nil
    }
}
