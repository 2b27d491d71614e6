/// What a program said to its user, in order.
package final class Messages: Sendable {
    private let lines = Locked<[String]>([])

    package init() {}

    package func add(_ line: String) {
        lines.withLock { $0.append(line) }
    }

    package var all: [String] { lines.withLock { $0 } }
}
