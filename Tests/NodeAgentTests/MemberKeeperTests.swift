import ClusterModel
import HostFakes
import HostPorts
import Testing

@testable import NodeAgent

/// What the agent does when PostgreSQL of its leader ends, and when there are two leaders.
@Suite struct MemberKeeperTests {
    private static let key = "/service/pg_cluster/leader"
    private var kill: String { "kill \(AgentFixture.unit)" }

    @Test func `a crash is fenced, and then the key is released`() async throws {
        let fixture = try AgentFixture()
        fixture.setPostgres(control: 6, isAlive: false)
        _ = try await fixture.leads(1)
        await fixture.keeper.postmasterEnded()
        #expect(fixture.fake.services.calls == [kill])
        #expect(fixture.coordination.deleted == [Self.key])
        #expect(fixture.world.events == ["fence", "release"])
    }

    @Test func `a replica that ends is Patroni's to mend`() async throws {
        let fixture = try AgentFixture()
        fixture.setPostgres(control: 5, isAlive: false)
        _ = try await fixture.leads(2)
        await fixture.keeper.postmasterEnded()
        #expect(fixture.fake.services.calls == [])
        #expect(fixture.coordination.deleted == [])
    }

    @Test func `a crash without anybody to take over is not fenced`() async throws {
        let fixture = try AgentFixture()
        fixture.setPostgres(control: 6, isAlive: false)
        fixture.coordination.set("/service/pg_cluster/sync", "{\"leader\":\"pg1\",\"sync_standby\":null}")
        _ = try await fixture.leads(1)
        await fixture.keeper.postmasterEnded()
        #expect(fixture.fake.services.calls == [])
        #expect(fixture.coordination.deleted == [])
        #expect(fixture.world.events == ["left-to-patroni"])
    }

    @Test func `without ZooKeeper nothing is done`() async throws {
        let fixture = try AgentFixture()
        fixture.setPostgres(control: 6, isAlive: false)
        _ = try await fixture.leads(1)
        fixture.coordination.set(isReachable: false)
        await fixture.keeper.postmasterEnded()
        #expect(fixture.fake.services.calls == [])
        #expect(Set(fixture.world.events) == ["complaint"])
    }

    @Test func `a shutdown for a switchover releases the key and kills nothing`() async throws {
        let fixture = try AgentFixture()
        fixture.setPostgres(control: 1, isAlive: false)
        fixture.coordination.set("/service/pg_cluster/failover", "{\"leader\":\"pg1\",\"member\":\"pg2\"}")
        _ = try await fixture.leads(1)
        await fixture.keeper.postmasterEnded()
        #expect(fixture.fake.services.calls == [])
        #expect(fixture.coordination.deleted == [Self.key])
        #expect(fixture.world.events == ["release"])
    }

    @Test func `a shutdown that nobody asked to hand over for leaves the key alone`() async throws {
        let fixture = try AgentFixture()
        fixture.setPostgres(control: 1, isAlive: false)
        _ = try await fixture.leads(1)
        await fixture.keeper.postmasterEnded()
        #expect(fixture.fake.services.calls == [])
        #expect(fixture.coordination.deleted == [])
    }

    @Test func `a key that another member got in the last moment is never deleted, even with the same version`()
        async throws
    {
        let fixture = try AgentFixture()
        fixture.setPostgres(control: 6, isAlive: false)
        _ = try await fixture.leads(1)
        let coordination = fixture.coordination
        // The new key has the version of the old one, because its agent has marked it too; the marks have moved.
        coordination.onDelete {
            coordination.remove(Self.key)
            coordination.set(Self.key, "pg2", owner: 9)
            coordination.set(Self.key, "pg2", owner: 9)
            coordination.set("/pgha/pg_cluster/marks", "")
        }
        await fixture.keeper.postmasterEnded()
        #expect(coordination.deleted == [])
    }

    @Test func `a key without a mark is marked before it is released`() async throws {
        let fixture = try AgentFixture()
        fixture.setPostgres(control: 6, isAlive: false)
        fixture.coordination.remove(Self.key)
        fixture.coordination.set(Self.key, "pg1", owner: 7)
        fixture.coordination.remove("/pgha/pg_cluster/marks")
        _ = try await fixture.leads(1)
        await fixture.keeper.postmasterEnded()
        #expect(fixture.coordination.deleted == [Self.key])
        let marks = try await fixture.coordination.node(
            at: "/pgha/pg_cluster/marks", isFresh: true, within: .seconds(1))
        // The mark, and the proof of the release.
        #expect(marks?.version == 2)
    }

    @Test func `a key that cannot be marked at once, because the member's own node is too new, is marked later`()
        async throws
    {
        let fixture = try AgentFixture()
        let members = "/service/pg_cluster/members/pg1"
        fixture.coordination.remove(Self.key)
        fixture.coordination.set(Self.key, "pg1", owner: 7)
        fixture.coordination.remove(members)
        fixture.coordination.set(members, "{}", owner: 7)
        let mark = LeaderMark(context: fixture.context, board: fixture.board, role: .member(1))
        _ = try await fixture.leads(1)
        let work = Task { await mark.keep() }
        try await Task.sleep(for: .milliseconds(50))
        let before = try await fixture.coordination.node(at: Self.key, isFresh: true, within: .seconds(1))
        #expect(before?.version == 0)
        // Patroni writes its new role.
        fixture.coordination.set(members, "{}", owner: 7)
        var after = before
        for _ in 0..<100 where after?.version == 0 {
            try await Task.sleep(for: .milliseconds(20))
            after = try await fixture.coordination.node(at: Self.key, isFresh: true, within: .seconds(1))
        }
        work.cancel()
        #expect(after?.version == 1)
    }

    @Test func `a release does not need to know the leader before`() async throws {
        let fixture = try AgentFixture()
        fixture.setPostgres(control: 6, isAlive: false)
        await fixture.keeper.postmasterEnded()
        #expect(fixture.coordination.deleted == [Self.key])
    }

    @Test func `a second leader is killed, frozen or not`() async throws {
        let fixture = try AgentFixture()
        fixture.setPostgres(control: 6, isAlive: true)
        fixture.coordination.set(Self.key, "pg2", owner: 9)
        await fixture.keeper.refuseSecondLeader(try await fixture.leads(2))
        #expect(fixture.fake.services.calls == [kill])
        #expect(fixture.world.events == ["second-leader"])
    }

    @Test func `a replica, a leader with its key, and a word that is old are no second leader`() async throws {
        let fixture = try AgentFixture()
        fixture.setPostgres(control: 6, isAlive: true)
        await fixture.keeper.refuseSecondLeader(try await fixture.leads(1))
        // The board says pg2, ZooKeeper itself says pg1.
        await fixture.keeper.refuseSecondLeader(try await fixture.leads(2))
        fixture.setPostgres(control: 5, isAlive: true)
        fixture.coordination.set(Self.key, "pg2", owner: 9)
        await fixture.keeper.refuseSecondLeader(try await fixture.leads(2))
        #expect(fixture.fake.services.calls == [])
    }

    @Test func `a crashed leader that is starting, and so takes no writes yet, is no second leader`() async throws {
        let fixture = try AgentFixture()
        // pg_control keeps "in production" until recovery has begun, which is after all files have been synchronised.
        fixture.setPostgres(control: 6, isAlive: true, status: "starting")
        fixture.coordination.set(Self.key, "pg2", owner: 9)
        await fixture.keeper.refuseSecondLeader(try await fixture.leads(2))
        #expect(fixture.fake.services.calls == [])
    }

    /// A copy of a leader's data has its leader's pg_control until it is started, and postmaster.pid says nothing of how the
    /// postmaster is until it has made its shared memory (postmaster.c, PostmasterMain).
    @Test(arguments: [(0.4, false), (90, true)])
    func `a postmaster that has only just begun is no second leader, and one that never said how it is may be`(
        age: Double, isKilled: Bool
    ) async throws {
        let fixture = try AgentFixture()
        fixture.setPostgres(control: 6, isAlive: true, status: nil)
        fixture.fake.files.put("/proc/uptime", "5000.25 9000.00\n")
        let began = Int((5000.25 - age) * 100)
        fixture.fake.files.put(
            "/proc/60/stat", "60 (postgres) S 50 60 60 0 -1 4194560 9 0 0 0 1 2 0 0 20 0 1 0 \(began) 1 2 3\n")
        fixture.coordination.set(Self.key, "pg2", owner: 9)
        await fixture.keeper.refuseSecondLeader(try await fixture.leads(2))
        #expect(fixture.fake.services.calls == (isKilled ? [kill] : []))
    }

    @Test func `a leader that is stopping still has sessions, and is a second leader`() async throws {
        let fixture = try AgentFixture()
        fixture.setPostgres(control: 6, isAlive: true, status: "stopping")
        fixture.coordination.set(Self.key, "pg2", owner: 9)
        await fixture.keeper.refuseSecondLeader(try await fixture.leads(2))
        #expect(fixture.fake.services.calls == [kill])
    }

    @Test func `maintenance forbids to kill a second leader`() async throws {
        let fixture = try AgentFixture()
        fixture.setPostgres(control: 6, isAlive: true)
        fixture.coordination.set("/service/pg_cluster/config", "{\"pause\":true}")
        fixture.coordination.set(Self.key, "pg2", owner: 9)
        await fixture.keeper.refuseSecondLeader(try await fixture.leads(2))
        #expect(fixture.fake.services.calls == [])
    }
}
