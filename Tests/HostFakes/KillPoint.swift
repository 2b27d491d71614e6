import ClusterModel

/// When a simulated kill comes: before a call has had its effect, or after it.
package enum KillMoment: CaseIterable, Sendable {
    case before
    case after
}

/// Counts calls down to the one in which the program is killed.
struct KillPoint {
    private var remaining: Int?
    private var moment = KillMoment.before

    init() {}

    init(afterCalls count: Int, _ moment: KillMoment) {
        remaining = count
        self.moment = moment
    }

    static let failure = NodeFailure(.interrupted, "killed")

    /// Counts one call; not nil if the kill comes in this one. There is only one kill.
    mutating func next() -> KillMoment? {
        guard let left = remaining else { return nil }
        remaining = left > 0 ? left - 1 : nil
        return left > 0 ? nil : moment
    }
}
