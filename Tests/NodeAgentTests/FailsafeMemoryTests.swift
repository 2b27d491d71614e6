import ClusterModel
import Decisions
import HostFakes
import HostPorts
import Testing

@testable import NodeAgent

/// When a Patroni that takes a dead leader for the leader is started anew, and above all when it is not.
@Suite struct FailsafeMemoryTests {
    private static let leader = "/service/pg_cluster/leader"

    /// The member of this host replicates from pg2, and was told that pg2 leads in failsafe mode.
    private func replica(isFailsafeActive: Bool = true) throws -> AgentFixture {
        let fixture = try AgentFixture()
        fixture.setPostgres(control: 5, isAlive: true)
        var state = UnitState(load: "loaded", active: "active", sub: "running", fileState: "enabled")
        state.mainPID = 50
        fixture.fake.services.set(AgentFixture.unit, state)
        var status = PatroniStatus(state: "running", role: "replica")
        status.isFailsafeActive = isFailsafeActive
        fixture.fake.patroni.set("10.0.0.1", 8008, status, members: [])
        fixture.coordination.remove(Self.leader)
        for _ in 0..<2 { fixture.coordination.set(Self.leader, "pg2", owner: 8) }
        return fixture
    }

    private func release(of member: Int, in fixture: AgentFixture) async throws {
        let key = try #require(
            try await fixture.coordination.node(at: Self.leader, isFresh: true, within: .seconds(1)))
        let marks = try #require(
            try await fixture.coordination.node(at: "/pgha/pg_cluster/marks", isFresh: true, within: .seconds(1)))
        let release = KeyRelease(
            context: fixture.context, member: .member(member), keyVersion: key.version, marksVersion: marks.version)
        #expect(try await release.perform())
    }

    private func forgets(_ fixture: AgentFixture) async -> Bool {
        await FailsafeMemory(context: fixture.context, processes: fixture.memberProcesses).forget()
    }

    @Test func `a Patroni that waits for a leader whose key was released is started anew, and nothing else`()
        async throws
    {
        let fixture = try replica()
        try await release(of: 2, in: fixture)
        #expect(await forgets(fixture))
        #expect(fixture.world.kills == [50])
        #expect(fixture.world.events == ["failsafe-outlived"])
        #expect(fixture.fake.services.calls == [])
    }

    @Test func `a key that ended with its session proves nothing, because its member may lead on`() async throws {
        let fixture = try replica()
        fixture.coordination.remove(Self.leader)
        #expect(await !forgets(fixture))
        #expect(fixture.world.kills == [])
    }

    @Test func `a key that came after the release and went hides the proof, marked or not`() async throws {
        for marks in [false, true] {
            let fixture = try replica()
            try await release(of: 2, in: fixture)
            fixture.coordination.set(Self.leader, "pg3", owner: 9)
            if marks { fixture.coordination.set("/pgha/pg_cluster/marks", "") }
            fixture.coordination.remove(Self.leader)
            #expect(await !forgets(fixture))
        }
    }

    @Test func `one that is not in failsafe mode races by itself`() async throws {
        let fixture = try replica(isFailsafeActive: false)
        try await release(of: 2, in: fixture)
        #expect(await !forgets(fixture))
    }

    @Test func `a member that takes writes, or whose own key was released, is let alone`() async throws {
        let writable = try replica()
        try await release(of: 2, in: writable)
        writable.setPostgres(control: 6, isAlive: true)
        #expect(await !forgets(writable))

        let own = try replica()
        try await release(of: 1, in: own)
        #expect(await !forgets(own))
    }

    @Test func `without ZooKeeper nothing is done`() async throws {
        let fixture = try replica()
        try await release(of: 2, in: fixture)
        fixture.coordination.set(isReachable: false)
        #expect(await !forgets(fixture))
    }

    @Test func `only the very words of a release, in the very transaction that changed the cluster, are a proof`() {
        let text = ReleaseProof.text(of: .member(2))
        #expect(ReleaseProof.member(marks: text, marksModified: 7, childrenChanged: 7) == .member(2))
        for other in [6, 8] as [Int64] {
            #expect(ReleaseProof.member(marks: text, marksModified: 7, childrenChanged: other) == nil)
        }
        for damaged in ["", "released", "released ", "pg2", "released pg2 ", "Released pg2", "released 2"] {
            #expect(ReleaseProof.member(marks: damaged, marksModified: 7, childrenChanged: 7) == nil, "\(damaged)")
        }
    }
}
