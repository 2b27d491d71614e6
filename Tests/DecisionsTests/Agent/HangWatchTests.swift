import Decisions
import Testing

@Suite struct HangWatchTests {
    /// Looks each quarter of a second; gives the first second of a hang.
    private static func firstHang(
        seconds: Double, step: Double = 0.25, _ signs: (Double) -> LifeSigns
    ) -> (Double, HangWatch.Cause)? {
        var watch = HangWatch(suspicion: .milliseconds(1500))
        var time = 0.0
        while time <= seconds {
            if case .hung(let cause, _) = watch.handle(signs(time), at: .milliseconds(Int(time * 1000))) {
                return (time, cause)
            }
            time += step
        }
        return nil
    }

    private static func signs(
        _ state: Character, switches: Double = 0, frozen: Bool = false, answer: LifeSigns.Answer = .unknown
    ) -> LifeSigns {
        LifeSigns(state: state, switches: Int64(switches), isFrozen: frozen, answer: answer)
    }

    @Test func `one that is stopped or frozen hangs after the suspicion`() throws {
        let stopped = try #require(Self.firstHang(seconds: 10) { _ in Self.signs("T") })
        #expect(stopped == (1.5, .stopped))
        let frozen = try #require(Self.firstHang(seconds: 10) { _ in Self.signs("S", frozen: true) })
        #expect(frozen == (1.5, .frozen))
    }

    @Test func `one that answers nobody and does nothing hangs after twice the suspicion`() throws {
        let silent = try #require(Self.firstHang(seconds: 10) { _ in Self.signs("S", answer: .silent) })
        #expect(silent == (3, .silent))
        let waiting = try #require(Self.firstHang(seconds: 10) { _ in Self.signs("D", answer: .silent) })
        #expect(waiting == (3, .waiting))
    }

    @Test func `one that sleeps while nobody asks lives`() {
        #expect(Self.firstHang(seconds: 100) { _ in Self.signs("S") } == nil)
        #expect(Self.firstHang(seconds: 100) { _ in Self.signs("D") } == nil)
    }

    @Test func `one that waits for a processor lives, however long`() {
        #expect(Self.firstHang(seconds: 100) { _ in Self.signs("R", answer: .silent) } == nil)
    }

    @Test func `one that gets the processor now and then lives, although nobody gets an answer`() {
        // Once in two seconds, between reads from a disk that takes as long.
        #expect(Self.firstHang(seconds: 100) { Self.signs("D", switches: $0 / 2, answer: .silent) } == nil)
        #expect(Self.firstHang(seconds: 100) { Self.signs("S", switches: $0 / 2.5, answer: .silent) } == nil)
    }

    @Test func `one that answers lives, whatever the rest looks like`() {
        #expect(
            Self.firstHang(seconds: 100) {
                Self.signs("S", answer: Int($0).isMultiple(of: 2) ? .answered : .silent)
            } == nil)
    }

    @Test func `a short stop is none`() {
        #expect(
            Self.firstHang(seconds: 100) { Self.signs($0.truncatingRemainder(dividingBy: 3) < 1.25 ? "T" : "R") } == nil
        )
    }

    @Test func `looks that were far apart prove nothing`() {
        // This process was stopped together with PostgreSQL, again and again.
        #expect(Self.firstHang(seconds: 100, step: 1.25) { _ in Self.signs("T") } == nil)
    }

    @Test func `a suspicion is told before it is a hang`() {
        var watch = HangWatch(suspicion: .milliseconds(1500))
        #expect(watch.handle(Self.signs("T"), at: .seconds(0)) == .alive)
        #expect(watch.handle(Self.signs("T"), at: .seconds(1)) == .suspected(.stopped, .seconds(1)))
        #expect(watch.handle(Self.signs("T", switches: 1), at: .seconds(2)) == .alive)
        #expect(watch.handle(Self.signs("T", switches: 1), at: .seconds(3)) == .suspected(.stopped, .seconds(1)))
    }
}
