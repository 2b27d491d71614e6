import ClusterModel
import Decisions
import Testing

@Suite struct ThawDecisionTests {
    private func decide(
        _ leaders: [Int?], isReplica: Bool = false, frozen seconds: Int? = 60
    ) -> ThawDecision {
        let facts = ThawDecision.Facts(
            leaders: leaders.map { $0.map { .member($0) } }, isReplica: isReplica, frozenSeconds: seconds)
        return ThawDecision(for: .member(1), facts, ttl: 30)
    }

    @Test func `kills an old leader when another member leads, however short the freeze was`() {
        #expect(decide([2, 2]) == .killFirst("pg2 leads now"))
        #expect(decide([2], frozen: 1) == .killFirst("pg2 leads now"))
    }

    @Test func `believes one member that names another leader, whatever the others say`() {
        #expect(decide([1, 3]) == .killFirst("pg3 leads now"))
        #expect(decide([nil, 3]) == .killFirst("pg3 leads now"))
    }

    @Test func `lets a leader wake up that is still the leader`() {
        #expect(decide([1, 1], frozen: 29) == .thaw)
        #expect(decide([1, nil], frozen: nil) == .thaw)
    }

    @Test func `kills a leader whose lease has ended, although others have not heard of it`() {
        #expect(decide([1, 1], frozen: 30) == .killFirst("it was frozen for 30 s with a lease of 30 s"))
    }

    @Test func `lets a replica wake up, whoever leads`() {
        #expect(decide([2, 2], isReplica: true) == .thaw)
        #expect(decide([], isReplica: true, frozen: nil) == .thaw)
    }

    @Test(arguments: [(0, false), (19, false), (20, true), (30, true), (3600, true)])
    func `goes by the lease when nobody knows of a leader`(seconds: Int, isKilled: Bool) {
        #expect((decide([nil, nil], frozen: seconds) != .thaw) == isKilled)
        #expect((decide([], frozen: seconds) != .thaw) == isKilled)
    }

    @Test func `kills when nobody knows of a leader nor of the time`() {
        #expect(decide([], frozen: nil) == .killFirst("nobody says who leads, nor for how long it was frozen"))
    }
}
