import ClusterModel
import HostFakes
import HostPorts
import Testing

@testable import NodeAgent

/// When Patroni is woken, and when it is let sleep.
@Suite struct PatroniNudgeTests {
    private func isNudged(
        leader: Int, streaming: String? = "streaming", state: String = "running", synchronous: String? = "pg2",
        _ change: (inout Cluster) -> Void = { _ in }
    ) async throws -> Bool {
        var fixture = try AgentFixture()
        change(&fixture.cluster)
        var status = PatroniStatus(state: state, role: leader == 1 ? "primary" : "replica")
        status.replicationState = streaming
        fixture.fake.patroni.set("10.0.0.1", 8008, status, members: [])
        let name = synchronous.map { "\"\($0)\"" } ?? "null"
        fixture.coordination.set("/service/pg_cluster/sync", "{\"leader\":\"pg\(leader)\",\"sync_standby\":\(name)}")
        guard case .member(let key) = try await fixture.leads(leader) else { return false }
        let nudge = PatroniNudge(context: fixture.context, board: fixture.board, processes: fixture.memberProcesses)
        return await nudge.isUnsettled(key)
    }

    @Test func `a replica that does not stream from the new leader yet is woken`() async throws {
        #expect(try await isNudged(leader: 2, streaming: nil))
        #expect(try await isNudged(leader: 2, streaming: "in archive recovery"))
        #expect(try await !isNudged(leader: 2))
    }

    @Test func `one that starts, or cannot say whether it streams, is let alone`() async throws {
        #expect(try await !isNudged(leader: 2, streaming: nil, state: "starting"))
        #expect(try await !isNudged(leader: 2, streaming: nil) { $0.patroni.source = .distribution })
    }

    @Test func `a leader without a synchronous replica is woken, where it should have one`() async throws {
        #expect(try await isNudged(leader: 1, synchronous: nil))
        #expect(try await !isNudged(leader: 1))
        #expect(try await !isNudged(leader: 1, synchronous: nil) { $0.durability = .asynchronous })
    }

    @Test func `where nobody takes a key that is gone, Patroni is called to the race, and only then`() async throws {
        let fixture = try AgentFixture()
        let nudge = PatroniNudge(context: fixture.context, board: fixture.board, processes: fixture.memberProcesses)
        await fixture.board.post(.nobody)
        await nudge.callToRace()
        #expect(fixture.fake.patroni.calls.count == 4)
        #expect(try await fixture.leads(2).member == .member(2))
        await nudge.callToRace()
        #expect(fixture.fake.patroni.calls.count == 4)
    }

    @Test func `the wake-up changes no setting`() async throws {
        let fixture = try AgentFixture()
        await PatroniNudge(context: fixture.context, board: fixture.board, processes: fixture.memberProcesses).nudge()
        // One call, and null for a key that nobody has.
        #expect(fixture.fake.patroni.calls == ["configuration {\"pgha_nudge\":null} 10.0.0.1:8008"])
    }
}
