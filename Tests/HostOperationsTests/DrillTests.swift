import ClusterModel
import Decisions
import HostFakes
import HostOperations
import HostPorts
import Testing

/// Whether a drill begins at all, what it would hit, and what is kept of it.
@Suite struct DrillOperationTests {
    private let fixture = OperatorFixture()
    private let world = FakeAgentWorld()

    init() {
        for (name, text) in [("ca.crt", "a"), ("agent.crt", "c"), ("agent.key", "k")] {
            fixture.fake.files.put("/etc/pgha/tls/\(name)", text)
        }
        let members = (1...3).map { number in
            PatroniMember(
                name: "pg\(number)", role: number == 2 ? "leader" : number == 1 ? "sync_standby" : "replica",
                state: number == 2 ? "running" : "streaming")
        }
        for number in 1...3 {
            var status = PatroniStatus(state: "running", role: number == 2 ? "primary" : "replica")
            if number != 2 { status.replicationState = "streaming" }
            fixture.fake.patroni.set("10.0.0.\(number)", 8007 + number, status, members: members)
            world.set("/ready", of: "10.0.0.\(number)", StatusAnswer(status: 200, body: "ready\n"))
        }
    }

    private func intent(
        _ kind: DrillKind, on target: RoleName? = nil, seconds: Int? = nil, _ change: (inout Cluster) -> Void = { _ in }
    ) async throws(NodeFailure) -> Drill.Intent {
        var cluster = fixture.cluster
        change(&cluster)
        return try await Drill(
            Measurement(
                machine: fixture.fake.machine, peers: world, cluster: cluster, host: cluster.hosts[0],
                secrets: OperatorFixture.secrets, notify: { _ in })
        ).intent(
            kind, Drill.Options(target: target, seconds: seconds, limit: .seconds(9), person: "alice", version: "1"))
    }

    @Test func `hits the leader, wherever it is, and clients write through this host`() async throws {
        let found = try await intent(.kill)
        #expect(found.target == .member(2))
        #expect(found.host.name == "host2")
        #expect(found.entry.name == "host1")
        #expect(found.seconds == 0)
        #expect(try await intent(.freeze).seconds == 20)
        #expect(try await intent(.freeze, on: .member(3), seconds: 5).target == .member(3))
        #expect(try await intent(.partition).seconds == 50)
    }

    @Test func `clients of a host that is lost write through another, and of a HAProxy through itself`() async throws {
        #expect(try await intent(.hostLoss).entry.name == "host1")
        let haproxy = try await intent(.haproxy)
        #expect(haproxy.target == .member(1))
        #expect(haproxy.entry.name == "host1")
    }

    private func failure(
        _ kind: DrillKind, on target: RoleName? = nil, _ change: (inout Cluster) -> Void = { _ in }
    ) async -> NodeFailure? {
        do throws(NodeFailure) {
            _ = try await intent(kind, on: target, change)
            return nil
        } catch {
            return error
        }
    }

    @Test func `a host does not watch its own loss`() async {
        for kind in [DrillKind.hostLoss, .partition] {
            let failure = await failure(kind, on: .member(1))
            #expect(failure?.code == .usage)
            #expect(failure?.hint == "Run it on host2.")
        }
    }

    @Test func `a cluster that is not whole is not broken further`() async {
        world.set("/ready", of: "10.0.0.3", StatusAnswer(status: 503, body: "not ready: zookeeper is down\n"))
        let notReady = await failure(.kill)
        #expect(notReady?.code == .preflightFailed)
        #expect(notReady?.detail == "host3 is not ready: not ready: zookeeper is down.")
        world.set("/ready", of: "10.0.0.3", nil)
        #expect(await failure(.kill)?.detail == "the agent of host3 does not answer.")
        world.set("/ready", of: "10.0.0.3", StatusAnswer(status: 200, body: "ready\n"))
        fixture.fake.patroni.set("10.0.0.1", 8008, nil, members: [])
        #expect(await failure(.kill)?.detail?.contains("pg1 does not answer") == true)
    }

    @Test func `cluster.yml can forbid drills`() async {
        #expect(await failure(.kill) { $0.drill.isAllowed = false }?.code == .preflightFailed)
    }

    @Test func `a member without the service is an error that lists those that have it`() async {
        let failure = await failure(.kill, on: .member(7))
        #expect(failure?.code == .notFound)
        #expect(failure?.hint == "Those that have: pg1, pg2, pg3.")
    }
}
