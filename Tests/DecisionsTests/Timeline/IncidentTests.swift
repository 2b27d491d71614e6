import Decisions
import Testing

@Suite struct IncidentTests {
    @Test func `a hang that was fenced is told with its phases and its outage`() throws {
        var tape = Tape()
        tape.freeze()

        let incident = try #require(tape.incidents.first)

        #expect(tape.incidents.count == 1)
        #expect(incident.cause == .freeze)
        #expect(incident.subject == "pg1")
        #expect(incident.leaderBefore == "pg1")
        #expect(incident.leaderAfter == "pg2")
        // From the last sign of life to the first route.
        #expect(incident.outage?.milliseconds == 1810)
        #expect(incident.phases.map(\.name).contains(.promotion))
        #expect(incident.unsettled.isEmpty)
        #expect(incident.missing.isEmpty)
        #expect(
            incident.sentence
                == "pg1 was frozen; pg2 leads instead of pg1, on timeline 5; clients could not write for 1.81 s")
    }

    @Test(arguments: [true, false])
    func `servers of ZooKeeper that look for a leader because they start are no loss`(areStarted: Bool) {
        var tape = Tape()
        for (number, host) in [(0, "pg1"), (1, "pg2"), (2, "pg3")] as [(Double, String)] {
            if areStarted { tape.add(number, .unitStarting, host, speaker: .systemd, ["service": "zookeeper"]) }
            tape.add(1000 + number, .zooKeeperLost, host, speaker: .patroni, ["reason": "socket connection error"])
            tape.add(1800 + number, .ensembleLooking, host, speaker: .zookeeper)
            tape.add(2400 + number, .zooKeeperBack, host, speaker: .patroni)
        }
        #expect(tape.incidents.map(\.cause) == (areStarted ? [] : [.zooKeeperServerLost]))
    }

    @Test func `ZooKeeper that is stopped as soon as it is whole again is an incident of its own`() {
        var tape = Tape()
        tape.calm()
        tape.add(0, .mainExited, "pg3", speaker: .systemd, ["service": "zookeeper", "code": "killed"])
        for host in ["pg1", "pg2"] { tape.add(20, .ensembleLooking, host, speaker: .zookeeper) }
        tape.add(600, .ensembleFollowing, "pg1", speaker: .zookeeper)
        tape.add(610, .ensembleLeading, "pg2", speaker: .zookeeper)
        tape.add(1000, .unitStarting, "pg3", speaker: .systemd, ["service": "zookeeper"])
        tape.add(2500, .ensembleLooking, "pg3", speaker: .zookeeper)
        tape.add(2700, .ensembleFollowing, "pg3", speaker: .zookeeper)
        tape.add(3100, .ready, host: "pg3")
        tape.add(4900, .unitStopping, "pg2", speaker: .systemd, ["service": "zookeeper"])
        tape.add(5200, .unitStopped, "pg2", speaker: .systemd, ["service": "zookeeper"])
        for host in ["pg1", "pg3"] { tape.add(5250, .ensembleLooking, host, speaker: .zookeeper) }
        tape.add(5500, .unitStopping, "pg3", speaker: .systemd, ["service": "zookeeper"])
        tape.add(5800, .unitStopped, "pg3", speaker: .systemd, ["service": "zookeeper"])
        #expect(tape.incidents.map(\.cause) == [.zooKeeperServerLost, .zooKeeperQuorumLost])
    }

    @Test func `a person's verb is the cause, with the person`() throws {
        var tape = Tape()
        tape.calm()
        tape.add(0, .operatorVerb, host: "pg3", ["verb": "switchover", "user": "alice"])
        tape.add(20, .switchoverRequested, "pg1", speaker: .patroni)
        tape.add(40, .shutdownRequested, "pg1", speaker: .postgres, ["mode": "fast"])
        tape.takeOver(200)

        let incident = try #require(tape.incidents.first)

        #expect(incident.cause == .switchover)
        #expect(incident.person == "alice")
        #expect(incident.outage?.milliseconds == 270)
        #expect(incident.sentence.hasPrefix("alice asked for a switchover; pg2 leads instead of pg1"))
    }

    @Test func `the death of a new leader is an incident of its own, also if the fence is the first that tells of it`()
    {
        for first in [SignalKind.fence, .leaderKeyGone] {
            var tape = Tape()
            tape.calm()
            tape.add(0, .operatorVerb, host: "pg3", ["verb": "switchover", "user": "alice"])
            tape.add(20, .switchoverRequested, "pg1", speaker: .patroni)
            tape.add(40, .shutdownRequested, "pg1", speaker: .postgres, ["mode": "fast"])
            tape.takeOver(200)
            // pg1 does not follow yet.
            tape.signals.removeLast(2)
            if first == .fence { tape.add(4000, .fence, host: "pg2", ["member": "pg2", "reason": "crash"]) }
            if first == .leaderKeyGone { tape.add(4000, .leaderKeyGone, host: "pg3", ["before": "pg2"]) }
            tape.add(4001, .mainExited, "pg2", speaker: .systemd, ["service": "patroni", "code": "killed"])
            tape.add(4020, .release, host: "pg2", ["member": "pg2", "reason": "crash", "duration_ms": "20"])
            tape.add(4050, .keyTaken, "pg3", speaker: .patroni)
            tape.add(4051, .leaderKey, host: "pg2", ["member": "pg3", "before": "pg2"])
            tape.add(4090, .acceptsConnections, "pg3", speaker: .postgres)
            tape.add(4110, .routeOpened, host: "pg3", ["member": "pg3", "role": "pg3"])
            #expect(tape.incidents.map(\.leaderBefore) == ["pg1", "pg2"])
            #expect(tape.incidents.map(\.leaderAfter) == ["pg2", "pg3"])
            #expect(tape.incidents.first?.cause == .switchover)
        }
    }

    @Test func `a stop that waits before it hands over is one incident with what comes of it`() throws {
        var tape = Tape()
        tape.calm()
        tape.add(0, .unitStopping, "pg1", speaker: .systemd, ["service": "patroni"])
        tape.add(20_000, .switchoverRequested, "pg1", speaker: .patroni)
        tape.add(20_040, .shutdownRequested, "pg1", speaker: .postgres, ["mode": "fast"])
        tape.takeOver(20_200)
        #expect(tape.incidents.map(\.cause) == [.stoppedBySystemd])
        #expect(tape.incidents.first?.leaderAfter == "pg2")
        #expect(tape.incidents.first?.outage?.milliseconds == 270)
    }

    @Test(arguments: [
        ("host-loss", IncidentCause.hostLost), ("partition", .hostCutOff), ("kill", .killedByPerson),
    ])
    func `a drill is told as what it broke, with who ran it, and its outage begins with the fault`(
        kind: String, cause: IncidentCause
    ) throws {
        var tape = Tape()
        tape.calm()
        tape.add(0, .operatorVerb, host: "pg3", ["verb": "drill", "target": "\(kind) pg1", "user": "alice"])
        tape.add(100, .drill, host: "pg1", ["verb": kind, "member": "pg1"])
        if kind == "kill" { tape.add(300, .postmasterGone, "pg1", speaker: .patroni) }
        tape.add(2100, .zooKeeperLost, "pg1", speaker: .patroni)
        tape.takeOver(31_000)
        let incident = try #require(tape.incidents.first)
        #expect(tape.incidents.count == 1)
        #expect(incident.cause == cause)
        #expect(incident.sentence.hasPrefix("alice ran the drill \"\(kind)\" on pg1; pg2 leads instead of pg1"))
        #expect(incident.outage?.milliseconds == (kind == "kill" ? 30_810 : 31_010))
    }

    @Test func `a stop while packages are upgraded on that host is told so, and on another host it is not`() {
        for (host, cause) in [("pg1", IncidentCause.packageUpgrade), ("pg2", .stoppedBySystemd)] {
            var tape = Tape()
            tape.calm()
            tape.add(
                -40_000, .packageUpgrade, host: host, speaker: .other, ["user": "alice", "command": "-get upgrade"])
            tape.add(0, .unitStopping, "pg1", speaker: .systemd, ["service": "patroni"])
            tape.add(40, .shutdownRequested, "pg1", speaker: .postgres, ["mode": "fast"])
            tape.takeOver(200)
            #expect(tape.incidents.map(\.cause) == [cause])
            #expect(tape.incidents.first?.person == (host == "pg1" ? "alice" : nil))
        }
    }

    @Test func `what breaks when all was well again for a second only is an incident of its own`() {
        var tape = Tape()
        tape.calm()
        tape.add(0, .fence, host: "pg1", ["member": "pg1", "reason": "crash"])
        tape.add(20, .release, host: "pg1", ["member": "pg1", "reason": "crash", "duration_ms": "20"])
        tape.takeOver(30)
        // All is well at 5.13 s; at 6 s the new leader's host is gone.
        tape.signals.append(
            Signal(
                time: 1_000_000_000 + 6_000_000, host: "pg3", role: "pg3", speaker: .postgres, kind: .streamEnded,
                meaning: "the stream of pg3 broke off: server closed the connection unexpectedly"))
        tape.add(36_000, .leaderKeyGone, host: "pg3", ["before": "pg2"])
        tape.add(36_050, .keyTaken, "pg3", speaker: .patroni)
        tape.add(36_110, .routeOpened, host: "pg3", ["member": "pg3", "role": "pg3"])
        #expect(tape.incidents.map(\.leaderBefore) == ["pg1", "pg2"])
        #expect(tape.incidents.map(\.leaderAfter) == ["pg2", "pg3"])
    }

    @Test func `who killed the unit before the fence is told from the fence's own kill`() throws {
        for (order, cause) in [(["main", "fence"], IncidentCause.unitDied), (["fence", "main"], .postmasterDied)] {
            var tape = Tape()
            tape.calm()
            for (index, each) in order.enumerated() {
                if each == "main" {
                    tape.add(
                        Double(index), .mainExited, "pg1", speaker: .systemd, ["service": "patroni", "code": "killed"])
                } else {
                    tape.add(Double(index), .fence, host: "pg1", ["member": "pg1", "reason": "crash"])
                }
            }
            tape.add(30, .release, host: "pg1", ["member": "pg1", "reason": "crash", "duration_ms": "30"])
            tape.takeOver(40)
            #expect(tape.incidents.first?.cause == cause)
        }
    }

    @Test func `a second leader that was killed did not die by itself`() throws {
        var tape = Tape()
        tape.calm()
        tape.add(0, .secondLeader, host: "pg3", ["member": "pg3", "leader": "pg1"])
        tape.add(
            5, .unitSignalled, "pg3", speaker: .systemd, ["service": "patroni", "signal": "SIGKILL", "name": "patroni"])
        tape.add(9, .mainExited, "pg3", speaker: .systemd, ["service": "patroni", "code": "killed"])
        tape.add(1800, .streams, "pg3", speaker: .postgres, ["timeline": "1", "lsn": "0/5"])
        let incident = try #require(tape.incidents.first)
        #expect(incident.cause == .secondLeader)
        #expect(incident.sentence.hasPrefix("pg3 took writes while another member held the leader key, and was killed"))
    }

    @Test func `a Patroni that dies alone costs no writes`() throws {
        var tape = Tape()
        tape.calm()
        tape.add(0, .unitSignalled, "pg1", speaker: .systemd, ["signal": "SIGKILL", "name": "patroni"])
        tape.add(1, .mainExited, "pg1", speaker: .systemd, ["service": "patroni", "code": "killed"])
        tape.add(2000, .unitStarted, "pg1", speaker: .systemd, ["service": "patroni"])
        tape.add(2500, .keyTaken, "pg1", speaker: .patroni)

        let incident = try #require(tape.incidents.first)

        #expect(incident.cause == .patroniDied)
        #expect(incident.outage == nil)
        #expect(incident.sentence.hasSuffix("clients could write all the time"))
    }

    @Test func `the old leader's way may be closed late, and that keeps no incident open`() {
        var tape = Tape()
        tape.calm()
        for (time, old, new) in [(0.0, "pg1", "pg2"), (30_000, "pg2", "pg1")] {
            tape.add(time, .operatorVerb, host: old, ["verb": "switchover", "user": "alice"])
            tape.add(time + 20, .shutdownRequested, old, speaker: .postgres)
            tape.add(time + 60, .keyTaken, new, speaker: .patroni)
            tape.add(time + 100, .serverUp, "pg3", speaker: .haproxy, ["member": new])
            tape.add(time + 2_000, .streams, old, speaker: .postgres)
            tape.add(time + 4_000, .serverDown, "pg3", speaker: .haproxy, ["member": old])
            tape.add(time + 4_001, .routeClosed, host: "pg3", ["member": old])
        }
        #expect(tape.incidents.map(\.leaderAfter) == ["pg2", "pg1"])
    }

    @Test func `two faults after each other are two incidents`() {
        var tape = Tape()
        tape.calm()
        for (time, old, new) in [(0.0, "pg1", "pg2"), (9000, "pg2", "pg1")] {
            tape.add(time, .fence, host: old, ["member": old, "reason": "crash"])
            tape.add(time + 30, .release, host: old, ["member": old, "reason": "crash", "duration_ms": "30"])
            tape.add(time + 40, .leaderKeyGone, host: new, ["before": old])
            tape.add(time + 60, .keyTaken, new, speaker: .patroni)
            tape.add(time + 100, .routeOpened, host: "pg3", ["member": new])
            tape.add(time + 4000, .streams, old, speaker: .postgres)
        }
        let incidents = tape.incidents
        #expect(incidents.map(\.leaderBefore) == ["pg1", "pg2"])
        #expect(incidents.map(\.leaderAfter) == ["pg2", "pg1"])
    }

    @Test(arguments: [0.0, 20, 1_605, 1_641, 1_700, 5_000])
    func `a clock that is set back in the middle of it takes nothing away but the times`(moment: Double) throws {
        var tape = Tape()
        tape.freeze()
        for index in tape.signals.indices where tape.signals[index].time > UInt64(1_000_000_000 + moment * 1000) {
            tape.signals[index].time -= 600_000_000
        }

        let incident = try #require(tape.incidents.first)

        #expect(tape.incidents.count == 1)
        #expect(incident.cause == .freeze)
        #expect(incident.leaderAfter == "pg2")
        #expect(incident.phases.allSatisfy { $0.from <= $0.until })
        #expect(incident.outage.map { ($0.milliseconds ?? 0) >= 0 } ?? true)
        #expect(moment < 1000 || incident.missing.contains { $0.hasPrefix("when exactly: the clock of ") })
    }

    @Test func `where nothing tells the cause, nothing is guessed`() throws {
        var tape = Tape()
        tape.calm()
        tape.takeOver(0)

        let incident = try #require(tape.incidents.first)

        #expect(incident.cause == .unknown)
        #expect(incident.missing.contains("what began it"))
        #expect(incident.sentence.hasPrefix("the journals do not tell what began this"))
    }

    @Test func `what does not end is said not to have ended`() throws {
        var tape = Tape()
        tape.calm()
        tape.add(0, .fence, host: "pg1", ["member": "pg1", "reason": "crash"])
        tape.add(10, .leaderKeyGone, host: "pg2", ["before": "pg1"])

        let incident = try #require(tape.incidents.first)

        #expect(incident.unsettled == ["pg1", "the way to the leader"])
        #expect(incident.outage?.until == nil)
        #expect(incident.sentence.contains("clients could not write when this ends"))
    }

    @Test func `a quiet journal has no incident, and neither has a beginning`() {
        var tape = Tape()
        tape.add(0, .unitStarting, "pg1", speaker: .systemd, ["service": "patroni"])
        tape.add(10, .keyTaken, "pg1", speaker: .patroni)
        tape.add(11, .leaderKey, host: "pg1", ["member": "pg1"])
        tape.add(20, .streams, "pg2", speaker: .postgres)
        #expect(tape.incidents.isEmpty)
        #expect(Tape().incidents.isEmpty)
    }
}
