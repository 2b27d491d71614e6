import Decisions
import Testing

/// What happens to a replica that commits wait for.
@Suite struct StandbyIncidentTests {
    /// pg1 leads on; it gives pg2 up after 10 s, and commits wait for pg3 from then on.
    private static func replaced(_ tape: inout Tape) {
        tape.add(10_000, .standbyTimedOut, "pg1", speaker: .postgres)
        tape.add(14_100, .standbyDropped, "pg1", speaker: .patroni, ["standbys": "'pg2'"])
        tape.add(14_200, .standbyConfirms, "pg1", speaker: .postgres, ["standby": "pg3"])
    }

    @Test func `commits wait from the end of the synchronous replica's host until another one confirms them`() throws {
        var tape = Tape()
        tape.calm()
        tape.add(-20, .streams, "pg2", speaker: .postgres)
        Self.replaced(&tape)
        tape.add(40_000, .hostBegan, host: "pg2", speaker: .other)
        tape.add(47_000, .streams, "pg2", speaker: .postgres)
        #expect(tape.incidents.count == 1)
        let incident = try #require(tape.incidents.first)
        #expect(incident.cause == .hostLost)
        #expect(incident.subject == "pg2")
        #expect(incident.outage?.milliseconds == 14_220)
        #expect(incident.sentence.hasSuffix("clients could not write for 14.22 s"))
        #expect(incident.phases.map(\.name) == [.detection, .allBack])
    }

    @Test func `where nothing tells of the replica's end, that is said to be missing`() throws {
        var tape = Tape()
        tape.calm()
        Self.replaced(&tape)
        tape.add(30_000, .streams, "pg2", speaker: .postgres)
        let incident = try #require(tape.incidents.first)
        #expect(incident.cause == .replicaLost)
        #expect(incident.subject == "pg2")
        #expect(incident.outage?.milliseconds == 4200)
        #expect(incident.missing.contains { $0.hasPrefix("since when clients could not write") })
    }

    @Test func `a replica that was stopped in good order keeps commits waiting until Patroni sees it`() throws {
        var tape = Tape()
        tape.calm()
        tape.add(-10, .unitStopping, "pg2", speaker: .systemd, ["service": "patroni"])
        tape.add(0, .shutdownRequested, "pg2", speaker: .postgres)
        tape.add(2000, .standbyDropped, "pg1", speaker: .patroni, ["standbys": "'pg2', 'pg4'"])
        tape.add(2100, .standbyConfirms, "pg1", speaker: .postgres, ["standby": "pg3"])
        tape.add(9000, .streams, "pg2", speaker: .postgres)
        tape.add(9000, .streams, "pg4", speaker: .postgres)
        let incident = try #require(tape.incidents.first)
        #expect(incident.cause == .stoppedBySystemd)
        #expect(incident.outage?.milliseconds == 2100)
        #expect(incident.unsettled == [])
    }

    @Test func `a leader that was replaced has its own outage, whoever confirms commits of the next`() throws {
        var tape = Tape()
        tape.freeze()
        tape.add(1700, .standbyDropped, "pg2", speaker: .patroni, ["standbys": "'pg2'"])
        tape.add(2600, .standbyConfirms, "pg2", speaker: .postgres, ["standby": "pg3"])
        tape.signals.sort { $0.time < $1.time }
        let incident = try #require(tape.incidents.first)
        #expect(incident.cause == .freeze)
        #expect(try #require(incident.outage?.milliseconds) < 2000)
    }

    @Test func `an agent that its watchdog kills has a name`() throws {
        var tape = Tape()
        tape.calm()
        tape.add(
            0, .unitSignalled, "pg3", speaker: .systemd, ["name": "patroni", "signal": "SIGSTOP", "service": "patroni"])
        tape.add(9000, .mainExited, "", host: "pg2", speaker: .systemd, ["service": "agent", "code": "killed"])
        tape.add(
            45_000, .unitSignalled, "pg3", speaker: .systemd,
            ["name": "patroni", "signal": "SIGCONT", "service": "patroni"])
        let incident = try #require(tape.incidents.first)
        #expect(incident.sentence.hasPrefix("all processes of the agent of pg2 died"))
        #expect(incident.sentence.hasSuffix("meanwhile Patroni of pg3 hung; PostgreSQL went on"))
    }
}
