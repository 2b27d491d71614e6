/// The short lease as the leader's own host sees it: PostgreSQL may live while enough other hosts answer.
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
    private let limit: Duration
    /// When the latest renewal was sent that a host answered.
    private var contacts: [String: Duration] = [:]
    /// The transaction that created the leader key; nil while no member of this host leads.
    package private(set) var key: Int64?
    package private(set) var isArmed = false
    private var armed: Duration?
    private var last: Duration?
    private var graceUntil = Duration.zero

    /// `hosts`: of the whole cluster. `limit`: another one only to see what breaks then.
    package init(hosts: Int, limit: Duration = LeaseTimes.holderEnds) {
        needed = LeaseTimes.needed(hosts: hosts)
        self.limit = limit
    }

    /// Another key is another lease, which begins unarmed: the promise was made for that one key.
    package mutating func follow(key new: Int64?) {
        guard new != key else { return }
        key = new
        isArmed = false
    }

    /// The agent of a host has answered a renewal, or, before there is a promise, a greeting; or its host has refused the connection:
    /// then its agent does not run, and will know of no promise when it does. `sent`: when the question was.
    package mutating func hear(of host: String, sent: Duration) {
        contacts[host] = max(contacts[host] ?? sent, sent)
    }

    /// Whether enough hosts answer for the promise to be made.
    package func mayArm(at now: Duration) -> Bool {
        guard key != nil, !isArmed, let answered else { return false }
        return now - answered <= limit
    }

    /// From now on there is a promise, and nobody knows of it yet.
    package mutating func arm(at now: Duration) {
        isArmed = key != nil
        armed = now
    }

    /// Goes on with a promise that an earlier process of this agent made for this key, which must be judged soon.
    package mutating func resume(key: Int64, at now: Duration) {
        self.key = key
        isArmed = true
        armed = nil
        graceUntil = now + LeaseTimes.grace
        last = now
    }

    package mutating func disarm() { isArmed = false }

    /// One look, at least each `LeaseTimes.pace`.
    package mutating func look(at now: Duration) -> Verdict {
        if let last, now - last > LeaseTimes.longestGap { graceUntil = now + LeaseTimes.grace }
        last = now
        guard isArmed else { return .fine }
        let silence = silence(at: now)
        return silence > limit && now >= graceUntil ? .alone(silence) : .fine
    }

    /// Whether answers are overdue, so that others are to be asked at each look.
    package func isInDoubt(at now: Duration) -> Bool { isArmed && silence(at: now) > LeaseTimes.renewal * 2 }

    /// Since the promise was last known to be good. Of one that an earlier process made nothing is known before the first answer:
    /// longer than any limit.
    private func silence(at now: Duration) -> Duration {
        guard let good = [answered, armed].compactMap({ $0 }).max() else { return max(now, limit * 2) }
        return now - good
    }

    /// When the last renewal was sent that enough hosts have answered, it or a later one.
    private var answered: Duration? {
        let newest = contacts.values.sorted(by: >)
        return newest.count >= needed && needed > 0 ? newest[needed - 1] : nil
    }
}
