import Testing

@testable import Decisions

struct FurtherFaultTests {
    @Test func `a replica that is killed while its leader hangs is told with it`() throws {
        var tape = Tape()
        tape.freeze()
        tape.add(900, .mainExited, "pg3", speaker: .systemd, ["service": "patroni", "code": "killed"])
        tape.signals.sort { $0.time < $1.time }

        let incident = try #require(tape.incidents.first)

        #expect(tape.incidents.count == 1)
        #expect(incident.cause == .freeze)
        #expect(incident.further.map(\.cause) == [.unitDied])
        #expect(incident.further.map(\.subject) == ["pg3"])
        #expect(incident.sentence.contains("; meanwhile all processes of pg3 died"))
    }

    @Test func `a host that is lost before all is well again is told with it, by its boot`() throws {
        var tape = Tape()
        tape.calm()
        tape.add(-50_000, .ready, host: "pg3")
        tape.add(0, .fence, host: "pg1", ["member": "pg1", "reason": "crash"])
        tape.add(20, .release, host: "pg1", ["member": "pg1", "reason": "crash", "duration_ms": "20"])
        tape.takeOver(30)
        // pg3 did not follow before it was lost.
        tape.signals.removeAll { $0.kind == .streams && $0.role == "pg3" }
        tape.add(9_500, .hostBegan, host: "pg3", speaker: .systemd)
        tape.add(20_000, .streams, "pg3", speaker: .postgres, ["timeline": "5", "lsn": "0/5"])

        let told = tape.incidents.flatMap { [$0.cause] + $0.further.map(\.cause) }

        #expect(told == [.postmasterDied, .hostLost])
    }

    @Test func `what is done about a fault, and what follows from it, is no further fault`() throws {
        var tape = Tape()
        tape.freeze()
        tape.add(1_610, .mainExited, "pg1", speaker: .systemd, ["service": "patroni", "code": "killed"])
        tape.add(1_700, .streamEnded, "pg3", speaker: .postgres)
        tape.add(3_000, .replicaSilent, host: "pg2", ["member": "pg3"])
        tape.signals.sort { $0.time < $1.time }

        let incident = try #require(tape.incidents.first)

        #expect(incident.further == [])
        #expect(!incident.sentence.contains("meanwhile"))
    }

    @Test func `a stop of everything is one fault, and so is the loss of a quorum`() {
        var tape = Tape()
        tape.calm()
        tape.add(0, .operatorVerb, host: "pg1", ["verb": "down", "user": "alice"])
        for (index, member) in ["pg3", "pg2", "pg1"].enumerated() {
            tape.add(
                Double(100 * index), .unitStopping, member, speaker: .systemd, ["service": "patroni"])
        }
        #expect(tape.incidents.first?.further == [])

        var quorum = Tape()
        for server in ["pg1", "pg2", "pg3"] {
            quorum.add(-90_000, .ensembleFollowing, server, speaker: .zookeeper)
        }
        quorum.calm()
        for (index, server) in ["pg2", "pg3"].enumerated() {
            quorum.add(
                Double(index), .mainExited, server, speaker: .systemd, ["service": "zookeeper", "code": "killed"])
        }
        quorum.add(50, .ensembleLooking, "pg1", speaker: .zookeeper)
        quorum.add(9_000, .failsafe, "pg1", speaker: .patroni)
        #expect(quorum.incidents.map(\.cause) == [.zooKeeperQuorumLost])
        #expect(quorum.incidents.first?.further == [])
    }
}
