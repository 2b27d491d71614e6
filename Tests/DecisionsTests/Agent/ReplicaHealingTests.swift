import Decisions
import Testing

@Suite struct ReplicaHealingTests {
    private typealias Sight = ReplicaHealing.Sight
    private typealias Action = ReplicaHealing.Action

    private static func sight(
        _ replica: Sight.Replica = .silent(position: 100, timeline: 3), leader: Bool = true, copies: Int = 2,
        maintenance: Bool = false
    ) -> Sight {
        Sight(replica: replica, leaderIsHealthy: leader, otherCopies: copies, isInMaintenance: maintenance)
    }

    /// What is done in each second of a time, with the second.
    private func run(
        _ healing: inout ReplicaHealing, _ seconds: Range<Int>,
        _ sight: (Int) -> ReplicaHealing.Sight = { _ in sight() }
    ) -> [(Int, ReplicaHealing.Action)] {
        seconds.flatMap { second in
            healing.handle(sight(second), at: .seconds(second)).map { (second, $0) }
        }
    }

    @Test func `reports it, starts it anew, then copies it anew`() {
        var healing = ReplicaHealing()
        let actions = run(&healing, 0..<120)
        #expect(actions.map(\.0) == [8, 30, 90])
        #expect(actions.map(\.1) == [.report(.seconds(8)), .restart, .copy])
    }

    @Test func `counts the silence from its beginning, also when its own restart and copy came in between`() {
        var healing = ReplicaHealing()
        _ = run(&healing, 0..<92)
        #expect(healing.handle(Self.sight(.excused), at: .seconds(92)) == [])
        #expect(healing.handle(Self.sight(.streaming), at: .seconds(98)) == [.recovered(.seconds(98))])
    }

    @Test func `says when it streams again, and begins anew`() {
        var healing = ReplicaHealing()
        _ = run(&healing, 0..<20)
        #expect(healing.handle(Self.sight(.streaming), at: .seconds(20)) == [.recovered(.seconds(20))])
        #expect(healing.handle(Self.sight(.streaming), at: .seconds(21)) == [])
        #expect(run(&healing, 22..<40).map(\.0) == [30])
    }

    @Test func `leaves one alone that streams, or that somebody sees to`() {
        var healing = ReplicaHealing()
        #expect(run(&healing, 0..<300) { _ in Self.sight(.streaming) }.isEmpty)
        #expect(run(&healing, 300..<600) { _ in Self.sight(.excused) }.isEmpty)
    }

    @Test func `leaves one alone that makes progress`() {
        var healing = ReplicaHealing()
        let actions = run(&healing, 0..<600) { Self.sight(.silent(position: Int64($0 / 5), timeline: 3)) }
        #expect(actions.isEmpty)
        let others = run(&healing, 600..<1200) { Self.sight(.silent(position: 100, timeline: $0 / 5)) }
        #expect(others.isEmpty)
    }

    @Test func `does nothing while no leader is healthy, and nothing in maintenance`() {
        var healing = ReplicaHealing()
        #expect(run(&healing, 0..<600) { _ in Self.sight(leader: false) }.isEmpty)
        #expect(run(&healing, 600..<1200) { _ in Self.sight(maintenance: true) }.isEmpty)
    }

    @Test func `never copies over what may be the last copy, and says so once`() {
        var healing = ReplicaHealing()
        let actions = run(&healing, 0..<600) { _ in Self.sight(copies: 0) }.map(\.1)
        #expect(actions == [.report(.seconds(8)), .restart, .refuseCopy])
        #expect(run(&healing, 600..<601).map(\.1) == [.copy])
    }

    @Test func `backs off: the pause after a copy that did not help doubles up to six hours`() {
        var healing = ReplicaHealing()
        let copies = run(&healing, 0..<200_000).filter { $0.1 == .copy }.map(\.0)
        let pauses = zip(copies.dropFirst(), copies).map { $0 - $1 }
        #expect(pauses.prefix(4) == [660, 1260, 2460, 4860])
        #expect(pauses.allSatisfy { $0 <= 6 * 3600 + 60 })
        #expect(pauses.last == 6 * 3600 + 60)
    }

    @Test func `keeps the pause when it streams for a moment after a copy`() {
        var healing = ReplicaHealing()
        _ = run(&healing, 0..<91)
        _ = healing.handle(Self.sight(.streaming), at: .seconds(100))
        let actions = run(&healing, 101..<1200).map(\.0)
        // Reported at once, but not touched again before ten minutes are over.
        #expect(actions.first == 109)
        #expect(actions.dropFirst().allSatisfy { $0 >= 690 })
    }

    @Test func `its own restart does not count as recovery`() {
        var healing = ReplicaHealing()
        _ = run(&healing, 0..<31)
        _ = run(&healing, 31..<40) { _ in Self.sight(.excused) }
        let actions = run(&healing, 40..<200)
        #expect(actions.map(\.1) == [.copy])
        #expect(actions.first?.0 == 99)
    }
}
