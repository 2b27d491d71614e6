/// What a program said to its user, in order.
package final class Messages: Sendable {
    private let lines = Locked<[String]>([])
    private let effect = Locked<(@Sendable (String) -> Void)?>(nil)

    package init() {}

    package func add(_ line: String) {
        lines.withLock { $0.append(line) }
        effect.withLock { $0 }?(line)
    }

    package var all: [String] { lines.withLock { $0 } }

    /// What the world does when it is said.
    package func onMessage(_ effect: @escaping @Sendable (String) -> Void) {
        self.effect.withLock { $0 = effect }
    }
}
