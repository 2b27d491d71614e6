import ClusterModel
import Decisions
import Testing

/// The two sides of a short lease, each by itself.
@Suite struct LeaseTests {
    private static func seconds(_ value: Double) -> Duration { .milliseconds(Int(value * 1000)) }

    /// Armed at 0, with a look each 0.4 s; `hears` says of which hosts at which time.
    private static func firstEnd(
        hosts: Int = 3, looks: (Double) -> Bool = { _ in true }, hears: (Double) -> [String]
    ) -> Double? {
        var holder = LeaseHolder(hosts: hosts)
        holder.follow(key: 7)
        for host in 1..<hosts { holder.hear(of: "host\(host)", sent: .zero) }
        holder.arm(at: .zero)
        for step in 0..<100 {
            let time = Double(step) * 0.4
            guard looks(time) else { continue }
            for host in hears(time) { holder.hear(of: host, sent: seconds(time)) }
            if case .alone = holder.look(at: seconds(time)) { return time }
        }
        return nil
    }

    @Test func `a leader that hears of nobody ends, and before a witness concludes that it has`() throws {
        let end = try #require(Self.firstEnd { $0 < 4 ? ["host1"] : [] })
        // Last heard of at 3.6 s.
        #expect(end > 6.1 && end < 6.6)
        // A look, and half a second for the killing.
        #expect(LeaseTimes.holderEnds + LeaseTimes.pace + .milliseconds(500) < LeaseTimes.witnessConcludes)
    }

    @Test func `of three hosts one other is enough, of five two are`() {
        #expect(Self.firstEnd { _ in ["host2"] } == nil)
        #expect(Self.firstEnd(hosts: 5) { _ in ["host1"] } != nil)
        #expect(Self.firstEnd(hosts: 5) { _ in ["host1", "host4"] } == nil)
    }

    @Test(arguments: 3...9)
    func `those that keep a leader alive and those that may conclude its end have one in common`(
        hosts: Int
    ) {
        #expect(LeaseTimes.needed(hosts: hosts) + LeaseTimes.witnesses(hosts: hosts) > hosts - 1)
        #expect(LeaseTimes.needed(hosts: hosts) <= hosts - 1 && LeaseTimes.witnesses(hosts: hosts) <= hosts - 1)
    }

    @Test func `one that was stopped itself first tries again, and then ends if it is alone`() throws {
        let heard = Self.firstEnd(looks: { $0 < 4 || $0 > 9 }, hears: { $0 < 4 || $0 > 9.9 ? ["host1"] : [] })
        #expect(heard == nil)
        let alone = try #require(
            Self.firstEnd(looks: { $0 < 4 || $0 > 9 }, hears: { $0 < 4 ? ["host1"] : [] }))
        #expect(alone > 9.9 && alone < 11)
    }

    @Test func `what has not been promised is not kept, and another key is another promise`() {
        var holder = LeaseHolder(hosts: 3)
        #expect(!holder.mayArm(at: .zero))
        holder.follow(key: 7)
        #expect(!holder.mayArm(at: .zero))
        holder.hear(of: "host1", sent: .seconds(1))
        #expect(holder.mayArm(at: .seconds(1)))
        #expect(!holder.mayArm(at: .seconds(4)))
        #expect(holder.look(at: .seconds(9)) == .fine)
        holder.arm(at: .seconds(9))
        holder.follow(key: 8)
        #expect(!holder.isArmed)
        #expect(holder.look(at: .seconds(10)) == .fine)
    }

    @Test func `a promise of an earlier process is judged as soon as there was time for one attempt`() {
        var holder = LeaseHolder(hosts: 3)
        holder.resume(key: 7, at: .seconds(100))
        #expect(holder.look(at: .milliseconds(100_900)) == .fine)
        #expect(holder.look(at: .milliseconds(101_300)) != .fine)
        holder.hear(of: "host2", sent: .milliseconds(101_300))
        #expect(holder.look(at: .milliseconds(101_700)) == .fine)
    }

    @Test func `that holds although the clock of the new process has only begun`() {
        var holder = LeaseHolder(hosts: 3)
        holder.resume(key: 7, at: .zero)
        #expect(holder.isInDoubt(at: .milliseconds(400)))
        #expect(holder.look(at: .milliseconds(900)) == .fine)
        #expect(holder.look(at: .milliseconds(1300)) != .fine)
    }

    private static let promise = LeaseWitness.Promise(member: .member(1), host: "pg1", key: 7)

    /// The first time at which the witness concludes; a look each 0.4 s, and the promise renewed at 0.
    private static func conclusion(
        looks: (Double) -> Bool = { _ in true }, hears: (Double) -> Bool, renewed: Double? = 0
    ) -> Double? {
        var witness = LeaseWitness()
        for step in 0..<100 {
            let time = Double(step) * 0.4
            if looks(time) { witness.look(at: seconds(time)) }
            if time == renewed { witness.renew(promise, serial: 1, at: seconds(time)) }
            if looks(time), hears(time) { witness.hear(of: "pg1", at: seconds(time)) }
            if witness.concludes(promise, at: seconds(time)) { return time }
        }
        return nil
    }

    @Test func `a witness concludes after four seconds of silence, and never without a promise`() throws {
        let concluded = try #require(Self.conclusion { $0 < 2 })
        #expect(concluded > 5.5 && concluded < 5.7)
        #expect(Self.conclusion(hears: { $0 < 2 }, renewed: nil) == nil)
        #expect(Self.conclusion { _ in true } == nil)
    }

    @Test func `for a witness that was stopped itself all silence begins anew`() throws {
        let concluded = try #require(Self.conclusion(looks: { $0 < 3 || $0 > 9 }, hears: { $0 < 2 }))
        #expect(concluded > 13 && concluded < 13.7)
    }

    @Test func `a promise for another key, or one that was taken back, counts for nothing`() {
        var witness = LeaseWitness()
        witness.look(at: .zero)
        witness.renew(Self.promise, serial: 1, at: .zero)
        witness.withdraw(LeaseWitness.Promise(member: .member(1), host: "pg1", key: 6), serial: 2)
        #expect(witness.promise(of: .member(1), key: 7) != nil)
        #expect(witness.promise(of: .member(1), key: 8) == nil)
        witness.withdraw(Self.promise, serial: 2)
        for second in 1...20 { witness.look(at: .seconds(second)) }
        #expect(!witness.concludes(Self.promise, at: .seconds(20)))
        witness.renew(Self.promise, serial: 2, at: .seconds(20))
        #expect(witness.all.isEmpty)
        witness.renew(Self.promise, serial: 3, at: .seconds(20))
        witness.forget(allBut: 8)
        #expect(witness.all.isEmpty)
    }
}
