/// What a storm of mixed faults did to the cluster.
package struct StormSummary: Codable, Equatable, Sendable {
    /// Seconds in which one leader and two streaming replicas must be back without help.
    package static let patience = 60.0

    package var faults: Int
    /// Faults that could not be judged: the cluster was not whole before, or could not be asked afterwards.
    package var unjudged: Int
    package var acknowledged: Int
    package var lost: Int
    package var ghosts: Int
    package var dualMilliseconds: Double
    package var oldLeaderCommits: Int
    /// Faults after which it took longer than `patience`.
    package var late: Int
    /// Seconds.
    package var longestOutage: Double
    package var slowestRecovery: Double?

    package init(_ trials: [Trial], unjudged: Int) {
        faults = trials.count + unjudged
        self.unjudged = unjudged
        acknowledged = trials.reduce(0) { $0 + $1.acknowledged }
        lost = trials.reduce(0) { $0 + $1.lost }
        ghosts = trials.reduce(0) { $0 + $1.ghosts }
        dualMilliseconds = trials.reduce(0) { $0 + $1.dualMilliseconds }
        oldLeaderCommits = trials.reduce(0) { $0 + ($1.oldLeaderCommits ?? 0) }
        late = trials.count { ($0.recovery ?? .infinity) > Self.patience }
        longestOutage = trials.map(\.outage).max() ?? 0
        slowestRecovery = trials.compactMap(\.recovery).max()
    }

    /// Whether the cluster stood it: nothing lost, never two that take writes, whole again in time each time.
    package var isStood: Bool {
        lost == 0 && dualMilliseconds == 0 && oldLeaderCommits == 0 && late == 0 && unjudged == 0
    }

    package var text: String {
        """
        \(faults) faults, \(unjudged) of them not to be judged
        \(acknowledged) writes acknowledged, \(lost) of them lost, \(ghosts) there without an acknowledgement
        two members took writes for \(SummaryTable.decimal(dualMilliseconds, 0)) ms; an old leader acknowledged \
        \(oldLeaderCommits) commits after its thaw
        longest outage \(SummaryTable.decimal(longestOutage, 2)) s; one leader and two streaming replicas after at most \
        \(slowestRecovery.map { SummaryTable.decimal($0, 0) } ?? "-") s, \(late) times later than \
        \(SummaryTable.decimal(Self.patience, 0)) s
        \(isStood ? "the cluster stood it" : "the cluster did NOT stand it")
        """
    }
}
