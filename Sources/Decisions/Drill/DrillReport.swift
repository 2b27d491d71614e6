/// What a drill did to the cluster and to its clients. Kept for ever (`drill --history`), so keys are only ever added.
package struct DrillReport: Codable, Equatable, Sendable {
    /// A failed write, or a connection that was not let in.
    package struct Failure: Codable, Equatable, Sendable {
        package var state: String
        package var count: Int

        package init(state: String, count: Int) {
            self.state = state
            self.count = count
        }
    }

    /// What clients felt through the entry point.
    package struct Felt: Codable, Equatable, Sendable {
        /// Longest time in seconds without an acknowledged write, of clients that connect anew for each write.
        package var outageFresh: Double
        /// The same of a client that keeps its connection.
        package var outageKept: Double
        /// Whether writes were acknowledged again before the observation ended.
        package var cameBack: Bool
        package var acknowledged: Int
        package var failures: [Failure]
        /// Acknowledged, and not there afterwards; nil if they could not be counted.
        package var lost: Int?
        /// There although the client was not told so, which is its right to expect: it must ask.
        package var ghosts: Int?

        package var outage: Double { max(outageFresh, outageKept) }

        /// `present`: the numbers of the writes that are there afterwards, by writer; nil if they could not be read. `from` and `until`:
        /// when the observation began and ended, by the clock of the logs.
        package init(
            fresh: [WriteLog], kept: [WriteLog], failures: [String: Int], present: [Int: Set<Int>]?,
            from: Double, until: Double
        ) {
            let ofFresh = Outage.longest(fresh, from: from, until: until)
            let ofKept = Outage.longest(kept, from: from, until: until)
            (outageFresh, outageKept) = (ofFresh.seconds, ofKept.seconds)
            cameBack = ofFresh.cameBack && ofKept.cameBack
            let logs = fresh + kept
            acknowledged = logs.reduce(0) { $0 + $1.acknowledged.count }
            self.failures = failures.map { Failure(state: $0, count: $1) }.sorted {
                ($1.count, $0.state) < ($0.count, $1.state)
            }
            guard let present else { return }
            let pairs = logs.enumerated().map { ($0.element, present[$0.offset] ?? []) }
            lost = pairs.reduce(0) { $0 + $1.0.lost(from: $1.1) }
            ghosts = pairs.reduce(0) { $0 + $1.0.ghosts(in: $1.1) }
        }
    }

    /// Microseconds since 1970.
    package var began: UInt64
    /// A `DrillKind`, or the verb that was measured.
    package var kind: String
    package var target: String
    package var person: String
    /// The host where it was asked for.
    package var host: String
    package var version: String
    package var durability: String
    package var felt: Felt
    /// Seconds from the fault until the cluster was as before; nil if it was not in time, or nobody waited.
    package var recovery: Double?
    /// Milliseconds; nil where nothing is promised.
    package var limit: Int?
    package var leaderBefore: String?
    package var leaderAfter: String?
    /// What the journals tell.
    package var story: [String]
    /// Why it failed; empty if it passed.
    package var complaints: [String]

    package var hasPassed: Bool { complaints.isEmpty }

    package init(
        began: UInt64, kind: String, target: String, person: String, host: String, version: String,
        durability: String, felt: Felt
    ) {
        self.began = began
        self.kind = kind
        self.target = target
        self.person = person
        self.host = host
        self.version = version
        self.durability = durability
        self.felt = felt
        story = []
        complaints = []
    }

    /// Says what is not as it should be. `losesCommits` says that the durability allows an acknowledged commit to be lost.
    package mutating func judge(losesCommits: Bool, awaitsRecovery: Bool) {
        complaints = []
        if !felt.cameBack { complaints.append("no write was acknowledged any more when the observation ended") }
        if let limit, felt.outage * 1000 > Double(limit) {
            complaints.append(
                "clients could not write for \(Self.seconds(felt.outage)) s, and the limit is "
                    + "\(Self.seconds(Double(limit) / 1000)) s")
        }
        switch felt.lost {
        case nil:
            complaints.append(
                "what was written could not be read afterwards, so nobody knows whether something is lost")
        case .some(let lost) where lost > 0 && !losesCommits:
            complaints.append("\(lost) acknowledged writes are lost")
        default: break
        }
        if awaitsRecovery, recovery == nil { complaints.append("the cluster is not healthy again") }
    }

    /// With two decimals.
    package static func seconds(_ value: Double) -> String {
        IncidentSentence.text(ofHundredths: Int((value * 100).rounded()))
    }
}

/// Earlier drills, one report a line (JSON).
package enum DrillHistory {
    package static let path = "/var/lib/pgha/drills.jsonl"
    /// The oldest are dropped.
    package static let longest = 1000
}
