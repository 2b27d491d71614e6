/// How often a member may be killed for a hang. Who would kill more often is wrong about something, and stock behaviour is better.
package struct FenceLimit: Equatable, Sendable {
    package static let count = 3
    package static let time = Duration.seconds(60)

    private var fences: [Duration] = []

    package init() {}

    package func allows(at now: Duration) -> Bool {
        fences.filter { now - $0 < Self.time }.count < Self.count
    }

    package mutating func note(at now: Duration) {
        fences = fences.filter { now - $0 < Self.time } + [now]
    }
}
