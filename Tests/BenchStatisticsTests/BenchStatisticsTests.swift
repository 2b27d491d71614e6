import BenchStatistics
import Decisions
import Testing

@Suite struct BenchStatisticsTests {
    private static func log(_ times: [Double?]) -> WriteLog {
        WriteLog(
            writes: times.enumerated().map { WriteLog.Write(sequence: $0.offset, sent: 0, acknowledged: $0.element) })
    }

    @Test func `an outage is the longest time without an acknowledgement of anybody`() {
        let found = Outage.longest([Self.log([1, 2, nil, 5]), Self.log([1.5, 4.5])], from: 2, until: 6)
        #expect(found.seconds == 2.5)
        #expect(found.began == 2)
        #expect(found.cameBack)
    }

    @Test func `a gap before the fault is none of it`() {
        #expect(Outage.longest([Self.log([1, 9, 9.5, 10])], from: 9, until: 10).seconds == 0.5)
    }

    @Test func `an outage that has not ended is as long as the observation`() {
        let found = Outage.longest([Self.log([1, 2, 2.1])], from: 2, until: 60)
        #expect(found.seconds == 57.9)
        #expect(!found.cameBack)
    }

    @Test func `what was acknowledged and is gone is lost, what is there without that is a ghost`() {
        let log = Self.log([1, nil, 3, nil])
        #expect(log.lost(from: [0, 1]) == 1)
        #expect(log.ghosts(in: [0, 1]) == 1)
        #expect(log.lost(from: [0, 2]) == 0)
    }

    @Test func `two members overlap only where both have acknowledged`() {
        var old = WritableSpans()
        var new = WritableSpans()
        for time in [1.0, 2, 3] { old.acknowledged(at: time) }
        old.failed()
        new.failed()
        for time in [3.5, 4, 9] { new.acknowledged(at: time) }
        #expect(WritableSpans.overlap([old, new]) == 0)
        // The old one wakes up again.
        for time in [5.0, 5.5] { old.acknowledged(at: time) }
        #expect(WritableSpans.overlap([old, WritableSpans(), new]) == 0.5)
    }

    @Test func `a failure ends a span`() {
        var member = WritableSpans()
        member.acknowledged(at: 1)
        member.failed()
        member.acknowledged(at: 5)
        #expect(member.spans == [.init(from: 1, until: 1), .init(from: 5, until: 5)])
    }

    @Test func `the median and the nearest rank`() {
        #expect(Summary.median([1, 2, 10]) == 2)
        #expect(Summary.median([1, 2, 4, 10]) == 3)
        #expect(Summary.percentile(95, (1...20).map(Double.init)) == 19)
        #expect(Summary.percentile(95, [1, 2, 3]) == 3)
        #expect(Summary.percentile(95, []) == 0)
    }

    private static func trial(_ event: String, _ profile: String, _ outage: Double) -> Trial {
        var trial = Trial(event: event, profile: profile, startedAt: 0, leaderBefore: "pg1")
        trial.outageFresh = outage
        trial.recovery = 5
        return trial
    }

    @Test func `a summary compares with the reference, and with what is required`() throws {
        let trials =
            [0.2, 0.3, 0.4].map { Self.trial("switchover", "standard", $0) }
            + [6.0, 8].map { Self.trial("switchover", "reference", $0) }
        let summaries = Summary.all(trials)
        #expect(summaries.map(\.profile) == ["standard", "reference"])
        let own = try #require(summaries.first)
        #expect(own.median == 0.3)
        #expect(abs((own.ratio ?? 0) - 0.3 / 7) < 1e-9)
        #expect(own.isKept == true)
        #expect(summaries.last?.isKept == nil)
    }

    @Test(
        arguments: [
            { $0.lost = 1 }, { $0.dualMilliseconds = 1 }, { $0.oldLeaderCommits = 1 }, { $0.cameBack = false },
            { $0.outageKept = 0.61 },
        ] as [@Sendable (inout Trial) -> Void])
    func `one bad trial is enough for a requirement that is not kept`(change: @Sendable (inout Trial) -> Void) {
        var trial = Self.trial("switchover", "standard", 0.2)
        change(&trial)
        #expect(Summary.all([trial]).first?.isKept == false)
    }

    @Test func `the table is aligned, and says what was not kept`() {
        var late = Self.trial("freeze", "standard", 60)
        late.cameBack = false
        late.recovery = nil
        let text = SummaryTable.text(Summary.all([Self.trial("switchover", "standard", 0.25), late]))
        #expect(
            text == """
                EVENT       PROFILE   N  MEDIAN   P95       WORST     RATIO  REFUSED  LOST  GHOST  DUAL MS  OLD COMMITS  HEALTHY AFTER  REQUIRED
                switchover  standard  1  0.25 s   0.25 s    0.25 s    -      0        0     0      0        -            5 s            0.60 s    kept
                freeze      standard  1  60.00 s  >60.00 s  >60.00 s  -      0        0     0      0        -            no             2.30 s    NOT KEPT
                """)
    }

    @Test func `a lost host is believed after the lease, whatever its length`() {
        var lost = Self.trial("lose-host", "standard", 23.9)
        #expect(Summary.all([lost]).first?.required == 34)
        lost.profile = "standard, ttl20"
        lost.ttl = 20
        #expect(Summary.all([lost]).first?.required == 24)
        #expect(Summary.all([lost]).first?.isKept == true)
        lost.outageFresh = 24.1
        #expect(Summary.all([lost]).first?.isKept == false)
        // Those who are left must first elect one of them.
        lost.ledZooKeeper = true
        #expect(Summary.all([lost]).map(\.event) == ["lose-host, led ZooKeeper"])
        #expect(Summary.all([lost]).first?.required == 32)
        lost.lease = "short"
        #expect(Summary.all([lost]).first?.required == 7)
    }

    @Test func `without its agents a cluster may be slow and must be safe`() {
        var slow = Trial(event: "freeze", profile: "standard, agents frozen", startedAt: 0, leaderBefore: "pg1")
        slow.outageFresh = 38
        #expect(Summary.all([slow]).map(\.isKept) == [true])
        slow.lost = 1
        #expect(Summary.all([slow]).map(\.isKept) == [false])
        slow.profile = "reference"
        #expect(Summary.all([slow]).map(\.isKept) == [nil])
    }

    @Test func `a storm is stood if nothing is lost, nobody leads twice, and all is well again in time`() {
        let calm = Self.trial("stop", "standard", 0.4)
        let stood = StormSummary([calm, Self.trial("lose-host", "standard", 32)], unjudged: 0)
        #expect(stood.isStood)
        #expect(
            stood.text == """
                2 faults, 0 of them not to be judged
                0 writes acknowledged, 0 of them lost, 0 there without an acknowledgement
                two members took writes for 0 ms; an old leader acknowledged 0 commits after its thaw
                longest outage 32.00 s; one leader and two streaming replicas after at most 5 s, 0 times later than 60 s
                the cluster stood it
                """)
        #expect(!StormSummary([calm], unjudged: 1).isStood)
    }

    @Test(
        arguments: [
            { $0.lost = 1 }, { $0.dualMilliseconds = 1 }, { $0.oldLeaderCommits = 1 }, { $0.recovery = 60.1 },
            { $0.recovery = nil },
        ] as [@Sendable (inout Trial) -> Void])
    func `one bad fault is enough for a storm that is not stood`(change: @Sendable (inout Trial) -> Void) {
        var trial = Self.trial("stop", "standard", 0.2)
        change(&trial)
        let summary = StormSummary([Self.trial("stop", "standard", 0.2), trial], unjudged: 0)
        #expect(!summary.isStood)
        #expect(summary.text.hasSuffix("the cluster did NOT stand it"))
    }
}
