import ClusterModel
import HostFakes
import HostPorts
import Testing

@testable import NodeAgent

@Suite struct PeerKeeperTests {
    private let fixture: AgentFixture

    init() throws {
        fixture = try AgentFixture()
        for (name, text) in [("ca.crt", "a"), ("agent.crt", "c"), ("agent.key", "k")] {
            fixture.fake.files.put("/etc/pgha/tls/\(name)", text)
        }
    }

    private var keeper: PeerKeeper {
        let peers = PeerBoard()
        return PeerKeeper(
            context: fixture.context,
            pages: StatusPages(context: fixture.context, pulse: Pulse(), board: fixture.board, peers: peers),
            peers: peers, witness: WitnessBoard(fixture.context))
    }

    private var other: ClusterHost { fixture.cluster.hosts[1] }

    @Test func `hears whether a peer is ready, and how far its clock is ahead`() async {
        fixture.fake.system.set(now: 1_800_000_000)
        fixture.world.set("/time", of: other.address, StatusAnswer(status: 200, body: "1800000002500000\n"))
        fixture.world.set("/ready", of: other.address, StatusAnswer(status: 503, body: "not ready\n"))
        let sight = await keeper.look(at: other)
        #expect(sight.isReachable)
        #expect(sight.isReady == false)
        #expect(sight.clockOffsetMicroseconds == 2_500_000)
    }

    @Test func `asks a peer one question for both`() async {
        fixture.world.set("/time", of: other.address, StatusAnswer(status: 200, body: "1800000002500000\nready\n"))
        let sight = await keeper.look(at: other)
        #expect(sight.isReady == true)
        #expect(sight.clockOffsetMicroseconds != nil)
        fixture.world.set("/time", of: other.address, StatusAnswer(status: 200, body: "1800000002500000\nnot ready\n"))
        #expect(await keeper.look(at: other).isReady == false)
    }

    @Test func `tells a peer the time, and whether this host is ready`() async {
        fixture.fake.system.set(now: 1_800_000_000)
        #expect(await keeper.answer(to: PeerRequest(.get, "/time", by: "pg2"))?.body == "1800000000000000\nnot ready\n")
    }

    @Test func `says why a peer does not answer`() async {
        let sight = await keeper.look(at: other)
        #expect(!sight.isReachable)
        #expect(sight.error == "refused")
        #expect(sight.isReady == nil)
    }

    @Test func `without certificates it asks nobody`() async throws {
        _ = try fixture.fake.files.remove("/etc/pgha/tls/agent.key")
        let sight = await keeper.look(at: other)
        #expect(sight.error?.contains("no certificate") == true)
    }

    @Test(arguments: [
        ("/time", true), ("/facts", true), ("/facts/x", false), ("/journal/services/0/1/0", true),
        ("/journal/everything", false), ("/health", true),
        ("/status", true), ("/metrics", false), ("/", false), ("/../etc", false),
    ])
    func `answers what peers may know, and nothing else`(path: String, isAnswered: Bool) async {
        let answer = await keeper.answer(to: PeerRequest(.get, path, by: "pg2"))
        #expect((answer != nil) == isAnswered)
    }

    @Test(arguments: ["pg9", nil])
    func `a host that is of the cluster no more gets nothing, whatever its certificate`(asker: String?) async {
        for path in ["/time", "/status", "/facts", "/journal/services/0/1/0"] {
            let answer = await keeper.answer(to: PeerRequest(.get, path, by: asker))
            #expect(answer?.status == 403)
        }
        #expect(await keeper.answer(to: PeerRequest(.post, "/drill/kill/pg1/0", by: asker))?.status == 403)
    }
}
