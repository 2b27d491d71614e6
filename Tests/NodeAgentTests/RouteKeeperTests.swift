import ClusterModel
import HostFakes
import HostPorts
import Testing

@testable import NodeAgent

/// Where HAProxy is led to, and where never.
@Suite struct RouteKeeperTests {
    private static let socket = "/run/pgha/pg1/haproxy.sock"
    private static let down = "set server leader/pg1 health down\n"
    private static let up = "set server leader/pg2 health up\n"

    /// `up`: what HAProxy takes for the leader; `writable`: who takes writes.
    private func fixture(up: [String], writable: String?) throws -> AgentFixture {
        let fixture = try AgentFixture()
        let rows = ["pg1", "pg2", "pg3"].map { "leader,\($0),\(up.contains($0) ? "UP" : "DOWN"),0" }
        fixture.fake.network.set(
            socket: Self.socket, answer: (["# pxname,svname,status,scur"] + rows).joined(separator: "\n") + "\n",
            to: RouteKeeper.leaderServers)
        fixture.fake.postgres.on("SELECT pg_is_in_recovery()") { target in
            [[target.host == "10.0.0.\(writable?.last.map(String.init) ?? "x")" ? "f" : "t"]]
        }
        for command in [Self.down, Self.up, "set server leader/pg2 health down\n"] {
            fixture.fake.network.set(socket: Self.socket, answer: "\n", to: command)
        }
        return fixture
    }

    private func keeper(_ fixture: AgentFixture) -> RouteKeeper {
        RouteKeeper(context: fixture.context, board: fixture.board, role: .member(1))
    }

    @Test func `leads away from the old leader and to the new one that takes writes`() async throws {
        let fixture = try fixture(up: ["pg1"], writable: "pg2")
        let isDone = await keeper(fixture).correct(try await fixture.leads(2), isNews: true)
        #expect(isDone)
        #expect(fixture.world.events == ["route-closed", "route-opened"])
    }

    @Test func `closes nothing by what it knew before it was frozen, while another one leads`() async throws {
        let fixture = try fixture(up: ["pg1"], writable: "pg1")
        // The key is pg1's.
        let isDone = await keeper(fixture).correct(try await fixture.leads(2))
        #expect(!isDone)
        #expect(fixture.world.events == [])
    }

    @Test func `what it has known for a while counts if ZooKeeper still says so`() async throws {
        let fixture = try fixture(up: ["pg1"], writable: "pg2")
        fixture.coordination.set("/service/pg_cluster/leader", "pg2", owner: 8)
        await keeper(fixture).correct(try await fixture.leads(2))
        #expect(fixture.world.events == ["route-closed", "route-opened"])
    }

    @Test func `never leads to a member that is still in recovery`() async throws {
        let fixture = try fixture(up: [], writable: nil)
        let isDone = await keeper(fixture).correct(try await fixture.leads(2))
        #expect(!isDone)
        #expect(fixture.world.events == [])
    }

    @Test func `a way that HAProxy opened before the promotion is not good yet`() async throws {
        let early = try fixture(up: ["pg2"], writable: nil)
        let isDone = await keeper(early).correct(try await early.leads(2), proving: true)
        #expect(!isDone)
        let late = try fixture(up: ["pg2"], writable: "pg2")
        let isProved = await keeper(late).correct(try await late.leads(2), proving: true)
        #expect(isProved)
        #expect(late.world.events == [])
    }

    @Test(arguments: [LeaderSight.unknown, .nobody])
    func `leaves everything to HAProxy's checks where it does not know the leader`(sight: LeaderSight) async throws {
        let fixture = try fixture(up: ["pg1"], writable: "pg1")
        await fixture.board.post(sight)
        await keeper(fixture).correct(sight)
        #expect(fixture.fake.network.calls == [])
        #expect(fixture.world.events == [])
    }

    @Test func `a HAProxy that is away is no error`() async throws {
        let fixture = try AgentFixture()
        let isDone = await keeper(fixture).correct(try await fixture.leads(1))
        #expect(!isDone)
        #expect(fixture.world.events == [])
    }
}
