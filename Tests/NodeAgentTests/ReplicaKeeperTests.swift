import ClusterModel
import Decisions
import HostFakes
import HostPorts
import Testing

@testable import NodeAgent

@Suite struct ReplicaKeeperTests {
    private let fixture: AgentFixture

    init() throws {
        fixture = try AgentFixture()
        fixture.fake.postgres.on("SELECT pg_is_in_recovery()", rows: [["f"]])
        setMember(1, "replica", "in archive recovery")
        setMember(2, "primary", nil)
        fixture.coordination.set("/service/pg_cluster/leader", "pg2", owner: 8)
    }

    private func setMember(_ number: Int, _ role: String, _ replication: String?, state: String = "running") {
        var status = PatroniStatus(state: state, role: role)
        status.replicationState = replication
        status.walPosition = 100
        status.timeline = 3
        fixture.fake.patroni.set("10.0.0.\(number)", 8007 + number, status, members: [])
    }

    private var keeper: ReplicaKeeper {
        ReplicaKeeper(context: fixture.context, board: fixture.board, role: .member(1))
    }

    private func sight() async throws -> ReplicaHealing.Sight {
        var sight = await fixture.board.sight
        if sight == .unknown { sight = try await fixture.leads(2) }
        return await keeper.sight()
    }

    @Test func `sees a replica that runs and does not stream`() async throws {
        let sight = try await sight()
        #expect(sight.replica == .silent(position: 100, timeline: 3))
        #expect(sight.leaderIsHealthy)
        #expect(sight.otherCopies == 2)
        #expect(!sight.isInMaintenance)
    }

    @Test func `sees one that streams`() async throws {
        setMember(1, "replica", "streaming")
        #expect(try await sight().replica == .streaming)
    }

    @Test func `asks nobody else while it streams`() async throws {
        setMember(1, "replica", "streaming")
        _ = try await sight()
        #expect(fixture.fake.postgres.calls.isEmpty)
    }

    @Test(arguments: ["starting", "creating replica", "restarting"])
    func `excuses one that Patroni is at work on`(state: String) async throws {
        setMember(1, "replica", nil, state: state)
        #expect(try await sight().replica == .excused)
    }

    @Test func `does not excuse one whose PostgreSQL cannot be started`() async throws {
        setMember(1, "replica", nil, state: "start failed")
        #expect(try await sight().replica == .silent(position: 100, timeline: 3))
    }

    @Test func `excuses a frozen one, and a leader`() async throws {
        var state = UnitState(load: "loaded", active: "active", sub: "running", freezer: "frozen")
        state.controlGroup = AgentFixture.group
        fixture.fake.services.set(AgentFixture.unit, state)
        #expect(try await sight().replica == .excused)
        _ = try await fixture.leads(1)
        let own = await keeper.sight()
        #expect(own.replica == .excused)
        #expect(!own.leaderIsHealthy)
    }

    @Test func `takes no leader for healthy that does not take writes`() async throws {
        fixture.fake.postgres.on("SELECT pg_is_in_recovery()", rows: [["t"]])
        #expect(try await !sight().leaderIsHealthy)
    }

    @Test func `restarts the unit, and asks Patroni for a copy`() async throws {
        _ = try await fixture.leads(2)
        await keeper.perform(.restart)
        #expect(fixture.fake.services.calls.contains("restart \(AgentFixture.unit)"))
        await keeper.perform(.report(.seconds(8)))
        await keeper.perform(.refuseCopy)
        #expect(fixture.world.events == ["replica-restarted", "replica-silent", "replica-kept"])
    }
}
