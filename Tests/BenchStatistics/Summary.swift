/// The trials of one event with one profile.
package struct Summary: Codable, Equatable, Sendable {
    package var event: String
    package var profile: String
    package var count: Int
    /// Seconds.
    package var median: Double
    package var p95: Double
    package var worst: Double
    /// Trials in which writes had not come back when the observation ended; their outage is at least as long.
    package var neverBack: Int
    /// The median as a part of the median with the profile `reference`; nil without such trials.
    package var ratio: Double?
    package var acknowledged: Int
    package var refused: Int
    package var lost: Int
    package var ghosts: Int
    package var dualMilliseconds: Double
    package var oldLeaderCommits: Int?
    /// The longest; nil if one did not recover in time.
    package var worstRecovery: Double?
    package var required: Double?
    /// nil where nothing is required.
    package var isKept: Bool?

    /// Events in the order in which they first come, `standard` first and `reference` last.
    package static func all(_ trials: [Trial]) -> [Summary] {
        var events: [String] = []
        for trial in trials where !events.contains(trial.row) { events.append(trial.row) }
        var others: [String] = []
        for trial in trials where !["standard", "reference"].contains(trial.profile) && !others.contains(trial.profile)
        {
            others.append(trial.profile)
        }
        return events.flatMap { event in
            (["standard"] + others + ["reference"]).compactMap { profile in
                let own = trials.filter { $0.row == event && $0.profile == profile }
                let stock = trials.filter { $0.row == event && $0.profile == "reference" }
                return Summary(own, against: stock)
            }
        }
    }

    init?(_ trials: [Trial], against stock: [Trial]) {
        guard let first = trials.first else { return nil }
        let outages = trials.map(\.outage).sorted()
        event = first.row
        profile = first.profile
        count = trials.count
        let middle = Self.median(outages)
        median = middle
        p95 = Self.percentile(95, outages)
        worst = outages.last ?? 0
        neverBack = trials.count { !$0.cameBack }
        let reference = stock.isEmpty ? nil : Self.median(stock.map(\.outage).sorted())
        ratio = reference.flatMap { $0 > 0 ? middle / $0 : nil }
        acknowledged = Self.sum(trials, of: \.acknowledged)
        refused = Self.sum(trials, of: \.refused)
        lost = Self.sum(trials, of: \.lost)
        ghosts = Self.sum(trials, of: \.ghosts)
        dualMilliseconds = trials.reduce(0) { $0 + $1.dualMilliseconds }
        let commits = trials.compactMap(\.oldLeaderCommits)
        oldLeaderCommits = commits.isEmpty ? nil : commits.reduce(0, +)
        let recoveries = trials.compactMap(\.recovery)
        worstRecovery = recoveries.count == trials.count ? recoveries.max() : nil
        guard profile != "reference", var limits = Requirement.of(first) else { return }
        // Without its agents the cluster is as slow as the stock one, and as safe; and the limits are those of leaders.
        if profile.contains("agents") || first.victim != nil { limits.outage = nil }
        required = limits.outage
        isKept = limits.isKept(by: self)
    }

    private static func sum(_ trials: [Trial], of number: KeyPath<Trial, Int>) -> Int {
        trials.reduce(0) { $0 + $1[keyPath: number] }
    }

    package static func median(_ sorted: [Double]) -> Double {
        guard !sorted.isEmpty else { return 0 }
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }

    /// By the nearest rank: the smallest value that `percent` of all do not exceed.
    package static func percentile(_ percent: Int, _ sorted: [Double]) -> Double {
        guard !sorted.isEmpty else { return 0 }
        let rank = (percent * sorted.count + 99) / 100
        return sorted[max(0, rank - 1)]
    }
}

/// What the project asks of an event with the profile `standard` and synchronous durability.
package struct Requirement: Equatable, Sendable {
    /// Seconds, for the 95th percentile; nil where only safety counts.
    package var outage: Double?

    /// `suspicion` 1.5 s.
    package static func of(_ trial: Trial) -> Requirement? {
        switch trial.event {
        case "switchover": Requirement(outage: 0.6)
        case "stop": Requirement(outage: 0.8)
        case "kill-postmaster": Requirement(outage: 0.8)
        case "kill-unit": Requirement(outage: 0.7)
        // Not an outage: as long as two writes may be apart when nothing happens.
        case "kill-patroni": Requirement(outage: 0.3)
        case "freeze", "stop-postgres": Requirement(outage: 2.3)
        case "stop-patroni": Requirement(outage: 2)
        case "thaw": Requirement(outage: 2.3)
        case "lose-host", "cut-host", "cut-zookeeper":
            Requirement(
                outage: trial.lease == "short" ? 7 : Double(trial.ttl ?? 30) + (trial.ledZooKeeper == true ? 12 : 4))
        case "kill-zookeeper-leader", "lose-quorum": Requirement(outage: 0.5)
        default: nil
        }
    }

    func isKept(by summary: Summary) -> Bool {
        summary.lost == 0 && summary.dualMilliseconds == 0 && (summary.oldLeaderCommits ?? 0) == 0
            && summary.neverBack == 0 && outage.map { summary.p95 <= $0 } ?? true
    }
}
