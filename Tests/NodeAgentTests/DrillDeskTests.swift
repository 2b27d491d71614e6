import ClusterModel
import Decisions
import HostFakes
import HostPorts
import Testing

@testable import NodeAgent

/// What an agent does when a drill asks it to break something.
@Suite struct DrillDeskTests {
    private static let programs = ["/usr/bin/systemctl", "/usr/bin/kill", "/usr/sbin/nft", "/usr/sbin/reboot"]

    private func fixture() throws -> AgentFixture {
        let fixture = try AgentFixture()
        for program in Self.programs { fixture.fake.files.put(program, "") }
        fixture.setPostgres(control: 6, isAlive: true)
        return fixture
    }

    private func answer(_ path: String, _ fixture: AgentFixture) async -> StatusAnswer? {
        await DrillDesk(context: fixture.context).answer(to: path)
    }

    @Test func `the cure is set before the fault, and both are systemd's to do`() async throws {
        let fixture = try fixture()
        #expect(await answer("/drill/hang/pg1/20", fixture)?.status == 200)
        let timers = fixture.fake.services.timers
        #expect(timers.map(\.name) == ["pgha-drill-cure", "pgha-drill-fault"])
        #expect(timers.map(\.after) == [.seconds(20), .milliseconds(200)])
        #expect(timers.last?.command == ["/usr/bin/kill", "-STOP", "--", "60", "61"])
        #expect(fixture.world.events == ["drill"])
        #expect(fixture.world.kills == [])
    }

    @Test func `what is only killed needs no cure`() async throws {
        let fixture = try fixture()
        #expect(await answer("/drill/kill/pg1/0", fixture)?.status == 200)
        #expect(fixture.fake.services.timers.map(\.name) == ["pgha-drill-fault"])
    }

    @Test func `without the program that breaks it nothing is set, and the answer says what is missing`() async throws {
        let fixture = try fixture()
        _ = try fixture.fake.files.remove("/usr/sbin/nft")
        let answer = await answer("/drill/partition/pg1/50", fixture)
        #expect(answer?.status == 409)
        #expect(answer?.body.contains("Install the package nftables.") == true)
        #expect(fixture.fake.services.timers == [])
    }

    @Test func `a host whose file forbids drills breaks nothing`() async throws {
        var fixture = try fixture()
        fixture.cluster.drill.isAllowed = false
        #expect(await answer("/drill/kill/pg1/0", fixture)?.status == 409)
        #expect(fixture.fake.services.timers == [])
    }

    @Test(arguments: ["/drill/kill/pg2/0", "/drill/hang/pg2/20"])
    func `another host's member is refused`(path: String) async throws {
        let fixture = try fixture()
        #expect(await answer(path, fixture)?.status == 409)
        #expect(fixture.fake.services.timers == [])
    }

    @Test func `only what is to happen comes by POST, and what is asked by GET never breaks anything`() async throws {
        let fixture = try fixture()
        let pages = StatusPages(
            context: fixture.context, pulse: Pulse(), board: fixture.board, peers: PeerBoard())
        let keeper = PeerKeeper(
            context: fixture.context, pages: pages, peers: PeerBoard(), witness: WitnessBoard(fixture.context))
        #expect(await keeper.answer(to: PeerRequest(.get, "/drill/kill/pg1/0", by: "pg2")) == nil)
        #expect(await keeper.answer(to: PeerRequest(.post, "/time", by: "pg2")) == nil)
        #expect(fixture.fake.services.timers == [])
        #expect(await keeper.answer(to: PeerRequest(.post, "/drill/kill/pg1/0", by: "pg2"))?.status == 200)
    }
}
