import Decisions
import Testing

/// What happens to a host as a whole.
@Suite struct HostIncidentTests {
    @Test func `a host that comes back without having said goodbye was lost`() throws {
        var tape = Tape()
        tape.calm()
        tape.add(-10, .streams, "pg1", host: "pg1", speaker: .postgres)
        tape.takeOver(32_000)
        tape.signals.removeLast(2)
        tape.add(40_000, .hostBegan, host: "pg1", speaker: .other)
        tape.add(47_000, .streams, "pg1", speaker: .postgres)
        tape.add(47_100, .streams, "pg3", speaker: .postgres)

        let incident = try #require(tape.incidents.first)

        #expect(incident.cause == .hostLost)
        #expect(incident.subject == "pg1")
        #expect(incident.outage?.fromEvidence == "the last entry in the journal of pg1")
        #expect(incident.outage?.milliseconds == 32_120)
    }

    /// pg1 is lost while its replica has got a commit of `at`.
    private static func loss(lastCommit at: String) throws -> WriteOutage {
        var tape = Tape()
        tape.calm()
        tape.add(-10, .streams, "pg1", host: "pg1", speaker: .postgres)
        tape.add(300, .noServer, "pg3", speaker: .haproxy)
        tape.takeOver(32_000, lastCommit: at)
        tape.signals.removeLast(2)
        tape.add(40_000, .hostBegan, host: "pg1", speaker: .other)
        tape.add(47_000, .streams, "pg1", speaker: .postgres)
        tape.add(47_100, .streams, "pg3", speaker: .postgres)
        return try #require(tape.incidents.first?.outage)
    }

    @Test(arguments: [
        // Commits came all the time, until this one.
        ("1970-01-01 00:16:40.12+00", 31_990.0, "last-commit"),
        ("1970-01-01 05:46:40.120000+05:30", 31_990, "last-commit"),
        // Nobody wrote for a while, or the text cannot be read.
        ("1970-01-01 00:16:30+00", 31_810, "no-server"), ("yesterday", 31_810, "no-server"),
    ])
    func `what a lost host has committed last is known to who was promoted`(
        at: String, milliseconds: Double, evidence: String
    ) throws {
        let outage = try Self.loss(lastCommit: at)
        #expect(outage.milliseconds == milliseconds)
        #expect(outage.fromEvidence == evidence)
    }

    @Test func `a leader that is cut off hears of it late, and who was promoted knows its last commit`() throws {
        var tape = Tape()
        tape.calm()
        tape.add(3000, .noServer, "pg3", speaker: .haproxy)
        tape.add(4000, .peerSilent, host: "pg2", ["peer": "pg1"])
        tape.add(5600, .zooKeeperLost, "pg1", speaker: .patroni)
        tape.takeOver(32_000, lastCommit: "1970-01-01 00:16:40.12+00")
        let incident = try #require(tape.incidents.first)
        #expect(incident.cause == .hostCutOff)
        #expect(incident.outage?.milliseconds == 31_990)
    }

    @Test func `the host that was cut off is the one without peers, whoever says so first`() throws {
        var tape = Tape()
        tape.calm()
        tape.add(5600, .zooKeeperLost, "pg1", speaker: .patroni)
        tape.add(31_000, .peerSilent, host: "pg1", ["peer": "pg3"])
        tape.add(31_001, .peerSilent, host: "pg1", ["peer": "pg2"])
        tape.add(31_500, .peerSilent, host: "pg2", ["peer": "pg1"])
        tape.takeOver(32_000)
        let incident = try #require(tape.incidents.first)
        #expect(incident.cause == .hostCutOff)
        #expect(incident.subject == "pg1")
    }

    @Test(arguments: [(3000.0, IncidentCause.hostCutOff), (15_000, .zooKeeperCutOff)])
    func `a leader without ZooKeeper was cut off if others could not reach it while it led`(
        down: Double, cause: IncidentCause
    ) throws {
        var tape = Tape()
        tape.calm()
        for time in [2600.0, 5600, 8600] { tape.add(time, .zooKeeperLost, "pg1", speaker: .patroni) }
        tape.add(down, .serverDown, "pg3", speaker: .haproxy, ["member": "pg1"])
        tape.add(10_000, .demoting, "pg1", speaker: .patroni)
        tape.takeOver(28_000, lastCommit: "1970-01-01 00:16:40.12+00")
        tape.signals.sort { $0.time < $1.time }
        let incident = try #require(tape.incidents.first)
        #expect(incident.cause == cause)
        #expect(incident.subject == "pg1")
        if cause == .hostCutOff { #expect(incident.outage?.milliseconds == 27_990) }
    }

    @Test func `writes ended before a leader on a short lease was killed for being alone`() throws {
        var tape = Tape()
        tape.calm()
        tape.add(2800, .leaseLost, host: "pg1", ["member": "pg1", "duration_ms": "2800"])
        tape.add(2810, .unitSignalled, "pg1", speaker: .systemd, ["name": "postgres", "signal": "SIGKILL"])
        tape.add(2860, .mainExited, "pg1", speaker: .systemd, ["service": "patroni", "code": "killed"])
        tape.takeOver(6000, lastCommit: "1970-01-01 00:16:40.12+00")
        let incident = try #require(tape.incidents.first)
        #expect(incident.cause == .hostCutOff)
        #expect(incident.outage?.milliseconds == 5990)
    }

    @Test(arguments: [true, false])
    func `of a leader that was frozen with all agents its last commit says since when`(
        isKnown: Bool
    ) throws {
        var tape = Tape()
        tape.calm()
        tape.takeOver(31_000, lastCommit: isKnown ? "1970-01-01 00:16:41.2+00" : nil)
        let incident = try #require(tape.incidents.first)
        #expect(incident.outage?.milliseconds == (isKnown ? 29_910 : 110))
        let isMissing = incident.missing.contains { $0.hasPrefix("since when clients could not write") }
        #expect(isMissing != isKnown)
    }

    @Test func `a freeze that its agent only saw after it was thawed itself began with the last commit`() throws {
        var tape = Tape()
        tape.calm()
        tape.add(7_000, .noServer, "pg2", speaker: .haproxy)
        tape.add(28_000, .suspected, host: "pg1", ["member": "pg1", "reason": "frozen", "duration_ms": "100"])
        tape.takeOver(29_000, lastCommit: "1970-01-01 00:16:40.2+00")
        tape.add(29_080, .secondLeader, host: "pg1", ["member": "pg1", "leader": "pg2"])
        tape.add(29_085, .mainExited, "", host: "pg3", speaker: .systemd, ["service": "agent", "code": "killed"])
        tape.add(29_090, .mainExited, "pg1", speaker: .systemd, ["service": "patroni", "code": "killed"])
        tape.signals.sort { $0.time < $1.time }
        let incident = try #require(tape.incidents.first)
        #expect(incident.cause == .freeze)
        #expect(incident.subject == "pg1")
        #expect(incident.outage?.milliseconds == 28_910)
        #expect(incident.further == [])
    }

    @Test func `a way that HAProxy opens and closes again before the new leader is one is none`() throws {
        var tape = Tape()
        tape.calm()
        tape.add(-10, .streams, "pg1", host: "pg1", speaker: .postgres)
        tape.add(32_020, .serverUp, "pg3", speaker: .haproxy, ["member": "pg2"])
        tape.add(32_050, .serverDown, "pg3", speaker: .haproxy, ["member": "pg2"])
        tape.takeOver(32_000)
        tape.signals.removeLast(2)
        tape.signals.sort { $0.time < $1.time }
        tape.add(40_000, .hostBegan, host: "pg1", speaker: .other)
        tape.add(47_000, .streams, "pg1", speaker: .postgres)
        tape.add(47_100, .streams, "pg3", speaker: .postgres)
        let incident = try #require(tape.incidents.first)
        #expect(incident.outage?.milliseconds == 32_120)
    }

    /// pg1, whose watchdog was armed long before, is gone without a goodbye and boots again; `last` is the last that it said.
    private static func reset(last: [SignalKind]) throws -> Incident {
        var tape = Tape()
        tape.calm()
        tape.add(-50_000, .watchdogArmed, "pg1", speaker: .patroni, ["seconds": "25"])
        tape.add(-10, .streams, "pg1", host: "pg1", speaker: .postgres)
        for (number, kind) in last.enumerated() {
            tape.add(Double(number), kind, kind == .watchdogArmed ? "pg1" : "", host: "pg1", speaker: .other)
        }
        tape.takeOver(32_000)
        tape.signals.removeLast(2)
        tape.add(40_000, .hostBegan, host: "pg1", speaker: .other)
        tape.add(47_000, .streams, "pg1", speaker: .postgres)
        tape.add(47_100, .streams, "pg3", speaker: .postgres)
        return try #require(tape.incidents.last)
    }

    @Test(arguments: [[SignalKind.watchdogFired], [.watchdogLeft, .watchdogFired]])
    func `a host whose kernel said that the watchdog resets it was reset`(last: [SignalKind]) throws {
        let incident = try Self.reset(last: last)
        #expect(incident.cause == .watchdogReset)
        #expect(incident.sentence.hasPrefix("pg1 was reset by its watchdog and has booted since"))
        // From when it was gone on, not from the end of its lease.
        #expect((32_000...32_200).contains(incident.outage?.milliseconds ?? 0))
        #expect(incident.missing == [])
    }

    @Test func `a watchdog that was armed and said nothing may have been it, and nobody knows`() throws {
        let incident = try Self.reset(last: [])
        #expect(incident.cause == .hostLost)
        #expect(incident.missing == ["whether the watchdog reset pg1, which Patroni had set to 25 s"])
    }

    @Test func `a watchdog that was left and then fed again was not it`() throws {
        #expect(try Self.reset(last: [.watchdogFired, .watchdogArmed]).cause == .hostLost)
    }

    @Test func `a Patroni that dies, and the watchdog that it leaves armed, are one story`() throws {
        var tape = Tape()
        tape.calm()
        tape.add(-50_000, .watchdogArmed, "pg1", speaker: .patroni, ["seconds": "25"])
        tape.add(0, .unitSignalled, "pg1", speaker: .systemd, ["signal": "SIGKILL", "name": "patroni"])
        tape.add(1, .watchdogLeft, host: "pg1", speaker: .other)
        tape.add(2, .mainExited, "pg1", speaker: .systemd, ["service": "patroni", "code": "killed"])
        tape.takeOver(32_000)
        tape.signals.removeLast(2)
        tape.add(40_000, .hostBegan, host: "pg1", speaker: .other)
        tape.add(47_000, .streams, "pg1", speaker: .postgres)
        tape.add(47_100, .streams, "pg3", speaker: .postgres)
        #expect(tape.incidents.first?.cause == .watchdogReset)
    }
}
