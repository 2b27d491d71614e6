import ClusterModel

/// Whether what is frozen may wake up as it is.
///
/// A leader that slept past its lease answers writes as the old leader until its Patroni notices, and all of them are
/// lost: 1,359 commits were acknowledged in 0.45 s after such a thaw (measured on stock Patroni, DESIGN section 7). So it
/// is killed while it is still frozen, and comes back as a replica.
package enum ThawDecision: Equatable, Sendable {
    case thaw
    /// With the reason as part of a sentence, e.g. `pg2 leads now`.
    case killFirst(String)

    /// What the other members say of the leader; those that do not answer are not in it.
    package struct Facts: Sendable {
        /// The leader as each member that answers sees it; nil where there is none.
        package var leaders: [RoleName?]
        /// Whether this member follows for sure: it was a replica when it was frozen, and not about to be promoted.
        package var isReplica: Bool
        /// Seconds since it was frozen; nil if nobody knows.
        package var frozenSeconds: Int?

        package init(leaders: [RoleName?], isReplica: Bool, frozenSeconds: Int?) {
            self.leaders = leaders
            self.isReplica = isReplica
            self.frozenSeconds = frozenSeconds
        }
    }

    /// For Patroni's member `role`; `ttl` in seconds.
    package init(for role: RoleName, _ facts: Facts, ttl: Int) {
        if facts.isReplica {
            self = .thaw
            return
        }
        if let other = facts.leaders.compactMap({ $0 }).first(where: { $0 != role }) {
            self = .killFirst("\(other) leads now")
            return
        }
        if let seconds = facts.frozenSeconds, seconds >= ttl {
            // Who still calls it the leader has not heard of it yet.
            self = .killFirst("it was frozen for \(seconds) s with a lease of \(ttl) s")
            return
        }
        if facts.leaders.contains(role) {
            self = .thaw
            return
        }
        // Nobody knows of a leader. The session ends no sooner than ttl after its last ping, and kazoo pings three times in
        // a ttl (kazoo/protocol/connection.py): within two thirds of it the key cannot have been lost.
        guard let seconds = facts.frozenSeconds else {
            self = .killFirst("nobody says who leads, nor for how long it was frozen")
            return
        }
        self =
            seconds * 3 < ttl * 2
            ? .thaw : .killFirst("nobody says who leads, and it was frozen for \(seconds) s with a lease of \(ttl) s")
    }
}
