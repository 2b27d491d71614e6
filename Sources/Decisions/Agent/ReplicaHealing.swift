import ClusterModel

/// What to do about a replica that does not stream: say so, start it anew, copy it anew; each at most so often.
///
/// Patroni calls such a member "running" and does nothing, for as long as it lasts: an old timeline, or WAL that the leader has
/// no more. Times are of a clock that only goes forward, since any fixed moment.
package struct ReplicaHealing: Equatable, Sendable {
    /// One look at the replica and at its leader.
    package struct Sight: Equatable, Sendable {
        package enum Replica: Equatable, Sendable {
            /// It does not run, or is frozen, or is being copied, or leads: somebody has seen to that.
            case excused
            case streaming
            /// It runs and does not stream. `position` is how far it has replayed, in bytes of WAL, on its timeline.
            case silent(position: Int64?, timeline: Int?)
        }

        package var replica: Replica
        /// It has the key, and takes writes.
        package var leaderIsHealthy: Bool
        /// Other members that run, the leader among them: those that have the data if this one's is thrown away.
        package var otherCopies: Int
        package var isInMaintenance: Bool

        package init(replica: Replica, leaderIsHealthy: Bool, otherCopies: Int, isInMaintenance: Bool) {
            self.replica = replica
            self.leaderIsHealthy = leaderIsHealthy
            self.otherCopies = otherCopies
            self.isInMaintenance = isInMaintenance
        }
    }

    package enum Action: Equatable, Sendable {
        /// It has not streamed for so long.
        case report(Duration)
        case restart
        /// Its data is thrown away and copied from the leader.
        case copy
        /// A copy is due, and this one might be the last of the data.
        case refuseCopy
        case recovered(Duration)
    }

    /// Patroni looks each loop_wait (5 s), and a new leader is followed within one or two of its rounds.
    package static let reportAfter = Duration.seconds(8)
    package static let restartAfter = Duration.seconds(30)
    /// After the restart, which must have its time to help.
    package static let copyAfterRestart = Duration.seconds(60)
    /// A copy takes as long as the data is large; Patroni says that it is at it.
    package static let firstPause = Duration.seconds(600)
    package static let longestPause = Duration.seconds(6 * 3600)

    private var silentSince: Duration?
    private var position: Int64?
    private var timeline: Int?
    /// When that began which was reported; nil if nothing was.
    private var reportedSince: Duration?
    private var restartedAt: Duration?
    private var isCopyRefused = false
    /// Not before: after a copy that did not help, and doubled each time.
    private var rest: Duration = .zero
    private var nextPause = Self.firstPause

    package init() {}

    package mutating func handle(_ sight: Sight, at now: Duration) -> [Action] {
        switch sight.replica {
        case .excused:
            // Its own restart and copy come through here; they do not make it well.
            silentSince = silentSince.map { _ in now }
            return []
        case .streaming:
            return streams(at: now)
        case .silent(let position, let timeline):
            guard sight.leaderIsHealthy, !sight.isInMaintenance else {
                silentSince = nil
                return []
            }
            // Another timeline or more WAL than before: it recovers, for instance from an archive.
            if position != self.position || timeline != self.timeline || silentSince == nil {
                self.position = position
                self.timeline = timeline
                silentSince = now
            }
            return isSilent(sight, at: now)
        }
    }

    private mutating func streams(at now: Duration) -> [Action] {
        let actions: [Action] = reportedSince.map { [.recovered(now - $0)] } ?? []
        let pause = nextPause
        let until = rest
        self = ReplicaHealing()
        // One that falls out again soon after a copy must not be copied for ever.
        if now < until {
            rest = until
            nextPause = pause
        }
        return actions
    }

    private mutating func isSilent(_ sight: Sight, at now: Duration) -> [Action] {
        let age = now - (silentSince ?? now)
        if reportedSince == nil, age >= Self.reportAfter {
            reportedSince = silentSince
            return [.report(age)]
        }
        guard now >= rest else { return [] }
        guard let restartedAt else {
            guard age >= Self.restartAfter else { return [] }
            self.restartedAt = now
            return [.restart]
        }
        guard now >= restartedAt + Self.copyAfterRestart, age >= Self.copyAfterRestart else { return [] }
        guard sight.otherCopies > 0 else {
            defer { isCopyRefused = true }
            return isCopyRefused ? [] : [.refuseCopy]
        }
        rest = now + nextPause
        nextPause = min(nextPause * 2, Self.longestPause)
        self.restartedAt = nil
        isCopyRefused = false
        return [.copy]
    }
}
