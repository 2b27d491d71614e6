import ClusterModel
import HostFakes
import HostPorts
import Testing

@testable import NodeAgent

@Suite struct SwitchoverHoldTests {
    private static let path = "/service/pg_cluster/failover"

    private func request(_ text: String?) async throws -> String? {
        let fixture = try AgentFixture()
        _ = try await fixture.leads(1)
        if let text { fixture.coordination.set(Self.path, text) }
        return await SwitchoverHold(context: fixture.context, board: fixture.board, role: .member(1)).request()
    }

    @Test func `sees that the leader is asked to hand over`() async throws {
        let found = try await request(#"{"leader":"pg1","member":"pg2"}"#)
        #expect(found == "pg1")
    }

    @Test(arguments: [
        nil, "", "{", #"{"member":"pg2"}"#, #"{"leader":"pg3","member":"pg2"}"#,
        #"{"leader":"pg1","member":"pg2","scheduled_at":"2030-01-01T00:00:00+00:00"}"#,
    ])
    func `holds nobody for what is none, is later, or is of another leader`(text: String?) async throws {
        let found = try await request(text)
        #expect(found == nil)
    }

    @Test func `who is late does not make anybody wait for a leader that is there`() async throws {
        let fixture = try AgentFixture()
        fixture.fake.network.set(socket: "/run/pgha/pg1/haproxy.sock", answer: "\n", to: "hold read_write 5\n")
        let hold = SwitchoverHold(context: fixture.context, board: fixture.board, role: .member(1))
        // The key was gone for a moment, and its member has it again.
        _ = try await fixture.leads(1)
        await hold.leaderIsGone()
        #expect(fixture.fake.network.calls == [])
        await fixture.board.post(.nobody)
        await hold.leaderIsGone()
        #expect(fixture.fake.network.calls.count == 1)
    }

    @Test(arguments: [
        (isWritable: true, sight: LeaderSight.nobody, calls: 1), (false, .nobody, 0), (true, .unknown, 0),
    ])
    func `nobody waits for another leader where the old one serves on without its key`(
        isWritable: Bool, sight: LeaderSight, calls: Int
    ) async throws {
        let fixture = try AgentFixture()
        fixture.fake.network.set(socket: "/run/pgha/pg1/haproxy.sock", answer: "\n", to: "hold read_write 0\n")
        fixture.fake.postgres.on("SELECT pg_is_in_recovery()") { _ in [[isWritable ? "f" : "t"]] }
        let hold = SwitchoverHold(context: fixture.context, board: fixture.board, role: .member(1))
        await fixture.board.post(sight)
        await hold.letGo(if: .member(2))
        #expect(fixture.fake.network.calls.count == calls)
    }
}
