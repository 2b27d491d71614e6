import ClusterModel
import Decisions
import HostFakes
import HostPorts
import Testing

@testable import NodeAgent

/// What an agent does for a short lease: as a witness of another host's leader, and for a leader of its own.
@Suite struct LeaseKeeperTests {
    private static let leader = "/service/pg_cluster/leader"
    private var fixture: AgentFixture

    init() throws {
        fixture = try AgentFixture()
        fixture.cluster.lease = .short
        for (name, text) in [("ca.crt", "a"), ("agent.crt", "c"), ("agent.key", "k")] {
            fixture.fake.files.put("/etc/pgha/tls/\(name)", text)
        }
    }

    /// pg2 leads, and has promised to end when it is alone; this is the host of pg1, and the synchronous replica is pg3.
    private func witness() async throws -> (keeper: WitnessKeeper, promise: LeaseWitness.Promise) {
        let coordination = fixture.coordination
        for path in [Self.leader, "/service/pg_cluster/members/pg2"] {
            coordination.remove(path)
            for _ in 0..<2 { coordination.set(path, "pg2", owner: 9) }
        }
        coordination.set("/service/pg_cluster/sync", "{\"leader\":\"pg2\",\"sync_standby\":\"pg3\"}")
        let sight = try await fixture.leads(2)
        guard case .member(let key) = sight else { throw NodeFailure(.internalError, "no key") }
        let board = WitnessBoard(fixture.context)
        _ = await board.look(at: sight)
        _ = await board.answer(to: "/lease/renew/pg2/\(key.node.created)/1")
        let promise = try #require(await board.promise(of: key))
        fixture.world.set(
            "/lease/lost/pg2/\(key.node.created)/0", of: "10.0.0.3", StatusAnswer(status: 200, body: "lost\n"))
        return (WitnessKeeper(context: fixture.context, board: fixture.board, witness: board), promise)
    }

    private func listen(_ keeper: WitnessKeeper, seconds: Double) async throws {
        for _ in 0..<Int(seconds / 0.4) {
            try await fixture.fake.machine.clock.sleep(for: LeaseTimes.pace)
            _ = await keeper.witness.look(at: await fixture.board.sight)
        }
    }

    @Test func `a leader that all have lost is released, and its node with it`() async throws {
        let (keeper, promise) = try await witness()
        try await listen(keeper, seconds: 4.8)
        #expect(await keeper.release(promise) == nil)
        #expect(
            Set(fixture.coordination.deleted) == [Self.leader, "/service/pg_cluster/members/pg2"])
        #expect(fixture.world.events == ["release"])
    }

    @Test func `one that was heard of a moment ago, or that another witness hears of, is left alone`() async throws {
        let (keeper, promise) = try await witness()
        try await listen(keeper, seconds: 3)
        #expect(await keeper.release(promise) == nil)
        try await listen(keeper, seconds: 3)
        fixture.world.set(
            "/lease/lost/pg2/\(promise.key)/0", of: "10.0.0.3", StatusAnswer(status: 409, body: "not lost\n"))
        #expect(await keeper.release(promise) == nil)
        fixture.world.set("/lease/lost/pg2/\(promise.key)/0", of: "10.0.0.3", nil)
        #expect(await keeper.release(promise) == nil)
        #expect(fixture.coordination.deleted == [])
    }

    @Test func `one whose replica cannot take over, or in maintenance, is left to Patroni, with the reason`()
        async throws
    {
        let (keeper, promise) = try await witness()
        try await listen(keeper, seconds: 4.8)
        fixture.coordination.set("/service/pg_cluster/sync", "{\"leader\":\"pg2\",\"sync_standby\":null}")
        #expect(await keeper.release(promise) == .noCandidate)
        fixture.coordination.set("/service/pg_cluster/config", "{\"pause\":true}")
        #expect(await keeper.release(promise) == .maintenance)
        #expect(fixture.coordination.deleted == [])
    }

    @Test func `a Patroni that writes its node in the last moment is not lost`() async throws {
        let (keeper, promise) = try await witness()
        try await listen(keeper, seconds: 4.8)
        let coordination = fixture.coordination
        coordination.onDelete { coordination.set("/service/pg_cluster/members/pg2", "{}", owner: 9) }
        #expect(await keeper.release(promise) == nil)
        #expect(fixture.coordination.deleted == [])
    }

    @Test func `another witness is told what is so, and a stranger's path is none`() async throws {
        let (keeper, promise) = try await witness()
        let lost = "/lease/lost/pg2/\(promise.key)/0"
        #expect(await keeper.witness.answer(to: lost)?.status == 409)
        try await listen(keeper, seconds: 4.8)
        #expect(await keeper.witness.answer(to: lost)?.status == 200)
        #expect(await keeper.witness.answer(to: "/lease/lost/pg2/\(promise.key + 1)/0")?.status == 409)
        #expect(await keeper.witness.answer(to: "/lease/withdraw/pg2/\(promise.key)/2")?.status == 200)
        #expect(await keeper.witness.answer(to: lost)?.status == 409)
        for path in ["/lease", "/lease/lost/pg2", "/lease/lost/pg9/1/1", "/lease/end/pg2/1/1", "/lease/renew/pg2/x/1"] {
            #expect(await keeper.witness.answer(to: path) == nil, "\(path)")
        }
    }

    @Test func `a leader that is alone is killed, and then only what takes writes`() async throws {
        fixture.setPostgres(control: 6, isAlive: true)
        let keeper = LeaseKeeper(
            context: fixture.context, board: fixture.board,
            processes: MemberProcesses(
                machine: fixture.fake.machine, role: .member(1), directory: AgentFixture.data))
        await keeper.end(.milliseconds(2600), isFirst: true)
        #expect(fixture.fake.services.calls == ["kill \(AgentFixture.unit)"])
        #expect(fixture.world.events == ["lease-lost"])
        fixture.setPostgres(control: 5, isAlive: true)
        await keeper.end(.seconds(5), isFirst: false)
        #expect(fixture.fake.services.calls.count == 1)
    }
}
