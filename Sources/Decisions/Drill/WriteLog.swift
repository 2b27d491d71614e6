/// What one writer sent and heard. Times in seconds of one clock.
package struct WriteLog: Equatable, Sendable {
    package struct Write: Equatable, Sendable {
        package var sequence: Int
        package var sent: Double
        /// nil if no acknowledgement came.
        package var acknowledged: Double?

        package init(sequence: Int, sent: Double, acknowledged: Double?) {
            self.sequence = sequence
            self.sent = sent
            self.acknowledged = acknowledged
        }
    }

    package var writes: [Write] = []

    package init(writes: [Write] = []) {
        self.writes = writes
    }

    package var acknowledged: Set<Int> { Set(writes.filter { $0.acknowledged != nil }.map(\.sequence)) }

    /// Writes that were acknowledged and are not among `present`.
    package func lost(from present: Set<Int>) -> Int { acknowledged.subtracting(present).count }

    /// Writes that are among `present` although no acknowledgement came.
    package func ghosts(in present: Set<Int>) -> Int { present.subtracting(acknowledged).count }
}

/// The longest time without an acknowledgement.
package enum Outage {
    /// Of all writers of a kind together: whoever writes next shows that it was over. `from` and `until` are the limits of the
    /// observation; a gap that begins before `from` counts from its last acknowledgement on. `began` is when that was.
    package static func longest(
        _ logs: [WriteLog], from: Double, until: Double
    ) -> (seconds: Double, cameBack: Bool, began: Double) {
        let times = logs.flatMap(\.writes).compactMap(\.acknowledged).filter { $0 <= until }.sorted()
        var last = times.last { $0 <= from } ?? from
        var (longest, began) = (0.0, last)
        for time in times where time > from {
            if time - last > longest { (longest, began) = (time - last, last) }
            last = time
        }
        // What is still going on when the observation ends is at least as long as that.
        let rest = until - last
        return rest > max(longest, 1) ? (rest, false, last) : (longest, true, began)
    }
}
