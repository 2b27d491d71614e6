/// One fault, and what clients felt of it.
package struct Trial: Codable, Equatable, Sendable {
    package var event: String
    /// `standard` or `reference`.
    package var profile: String
    /// Seconds between the fault and the beginning of the block, so that phases can be told apart.
    package var startedAt: Double
    /// Seconds since 1970 by the machine's clock, when the fault began; to be found again in journals.
    package var faultAt: Double?
    package var leaderBefore: String
    package var leaderAfter: String?
    /// Patroni's `ttl` in seconds, and `lease` of cluster.yml; nil for 30 and `standard`.
    package var ttl: Int?
    package var lease: String?
    /// The members that were struck, and what struck the second of them, if one did; nil for the leader alone.
    package var struck: [String]?
    /// Whom the event was of, where that was not the leader by intention.
    package var victim: String?
    package var second: String?
    /// Whether the struck host led ZooKeeper as well, which must then elect first; nil where that was not looked at.
    package var ledZooKeeper: Bool?
    /// Longest time in seconds in which no write was acknowledged, of the writers that connect anew for each write; where none was
    /// acknowledged any more, the time until the observation ended.
    package var outageFresh: Double
    /// The same of the writers that keep their connection.
    package var outageKept: Double
    /// When the longer of the two began, in seconds since 1970 as `faultAt`.
    package var outageBegan: Double?
    /// Whether writes went on before the observation ended.
    package var cameBack: Bool
    package var acknowledged: Int
    /// Writes whose client was told that they failed, or heard nothing.
    package var failed: Int
    /// Of the writers that connect anew: connections that were refused, or closed before they were let in.
    package var refused: Int
    /// Acknowledged and not there afterwards.
    package var lost: Int
    /// There afterwards although the client was not told so.
    package var ghosts: Int
    /// Milliseconds in which two members acknowledged writes on their own ports.
    package var dualMilliseconds: Double
    /// Commits that the old leader acknowledged after it was thawed; only where it was.
    package var oldLeaderCommits: Int?
    /// Seconds from the end of the observation until one leader and two streaming replicas were there; nil if that took too long.
    package var recovery: Double?

    package init(event: String, profile: String, startedAt: Double, leaderBefore: String) {
        self.event = event
        self.profile = profile
        self.startedAt = startedAt
        self.leaderBefore = leaderBefore
        outageFresh = 0
        outageKept = 0
        cameBack = true
        acknowledged = 0
        failed = 0
        refused = 0
        lost = 0
        ghosts = 0
        dualMilliseconds = 0
    }

    package var outage: Double { max(outageFresh, outageKept) }
    /// What the table calls it.
    package var row: String {
        event + (victim.map { " of the \($0)" } ?? "") + (ledZooKeeper == true ? ", led ZooKeeper" : "")
    }
}
