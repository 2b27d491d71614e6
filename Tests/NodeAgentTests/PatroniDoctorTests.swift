import ClusterModel
import HostFakes
import HostOperations
import HostPorts
import Testing

@testable import NodeAgent

/// A leader whose PostgreSQL serves; its Patroni says what a test says.
@Suite struct PatroniDoctorTests {
    private let fixture: AgentFixture

    init() throws {
        fixture = try AgentFixture()
        fixture.setPostgres(control: 6, isAlive: true)
        var state = UnitState(load: "loaded", active: "active", sub: "running", fileState: "enabled")
        state.controlGroup = AgentFixture.group
        state.mainPID = 50
        fixture.fake.services.set(AgentFixture.unit, state)
        fixture.fake.postgres.on("SELECT pg_is_in_recovery()", rows: [["f"]])
    }

    /// What was killed within a minute of the test's clock.
    private func killedInAMinute(answer: String?) async throws -> [Int32] {
        if let answer {
            fixture.fake.network.set("10.0.0.1", 8008, answer: answer, to: "GET /liveness HTTP/1.0\r\n\r\n")
        }
        _ = try await fixture.leads(1)
        let doctor = PatroniDoctor(
            context: fixture.context, board: fixture.board, processes: fixture.memberProcesses)
        let work = Task { await doctor.run() }
        let elapsed = fixture.fake.clock.stopwatch()
        while elapsed() < .seconds(60) { await Task.yield() }
        work.cancel()
        await work.value
        return fixture.world.kills
    }

    @Test(arguments: [nil, "", "garbage"] as [String?])
    func `a Patroni that says nothing for a third of its lease is killed alone`(answer: String?) async throws {
        let killed = try await killedInAMinute(answer: answer)
        #expect(!killed.isEmpty && Set(killed) == [50])
        #expect(Set(fixture.world.events) == ["patroni-killed"])
        #expect(fixture.fake.services.calls == [])
    }

    @Test(arguments: ["HTTP/1.0 200 OK\r\n\r\n", "HTTP/1.0 503 Service Unavailable\r\n\r\n"])
    func `whatever it answers, it lives`(answer: String) async throws {
        #expect(try await killedInAMinute(answer: answer) == [])
    }

    @Test func `where PostgreSQL takes no writes either, it is left alone`() async throws {
        fixture.fake.postgres.on("SELECT pg_is_in_recovery()", rows: [["t"]])
        #expect(try await killedInAMinute(answer: "") == [])
    }
}
