/// When a member was seen to take writes: from the first acknowledgement of a row of them to the last.
package struct WritableSpans: Equatable, Sendable {
    package struct Span: Equatable, Sendable {
        package var from: Double
        package var until: Double

        package init(from: Double, until: Double) {
            self.from = from
            self.until = until
        }
    }

    package private(set) var spans: [Span] = []
    private var isOpen = false

    package init() {}

    package mutating func acknowledged(at time: Double) {
        if isOpen, let last = spans.indices.last {
            spans[last].until = time
        } else {
            spans.append(Span(from: time, until: time))
            isOpen = true
        }
    }

    /// A write that was refused, or of which nothing was heard.
    package mutating func failed() { isOpen = false }

    /// Seconds in which two of the members took writes.
    package static func overlap(_ members: [WritableSpans]) -> Double {
        var total = 0.0
        for (index, first) in members.enumerated() {
            for second in members[(index + 1)...] {
                for left in first.spans {
                    for right in second.spans {
                        total += max(0, min(left.until, right.until) - max(left.from, right.from))
                    }
                }
            }
        }
        return total
    }
}
