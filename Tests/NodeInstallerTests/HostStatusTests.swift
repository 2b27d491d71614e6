import ClusterModel
import ConfigFiles
import HostFakes
import HostOperations
import HostPorts
import Testing

@Suite struct HostStatusTests {
    private static let socket = "/run/pgha/pg1/haproxy.sock"
    private static let header = "# pxname,svname,qcur,status,\n"

    private let fixture = InstallFixture()
    private var fake: FakeMachine { fixture.fake }

    /// All three services run, since one minute.
    init() {
        for service in ServiceKind.allCases { set(service) }
    }

    private func set(_ service: ServiceKind, freezer: String = "running") {
        fake.services.set(
            "pgha-\(service.rawValue)@pg1.service",
            UnitState(
                load: "loaded", active: "active", sub: "running", fileState: "enabled", freezer: freezer,
                activeSince: 1_799_999_940_000_000))
    }

    private func setMember(
        _ role: String, _ state: String, lag: Int64? = nil,
        seen: PatroniStatus = PatroniStatus(state: "running", role: "replica")
    ) {
        var own = PatroniMember(name: "pg1", role: role, state: state)
        own.lag = lag
        own.timeline = 4
        let other =
            role == "leader"
            ? PatroniMember(name: "pg2", role: "sync_standby", state: "streaming")
            : PatroniMember(name: "pg2", role: "leader", state: "running")
        fake.patroni.set("10.0.0.1", 8008, seen, members: [other, own])
    }

    private func read(_ fixture: InstallFixture? = nil) async throws -> HostStatus {
        let fixture = fixture ?? self.fixture
        return try await StatusReader(machine: fake.machine, cluster: fixture.cluster, host: fixture.host).read()
    }

    private func status(of service: ServiceKind, _ fixture: InstallFixture? = nil) async throws -> ServiceStatus {
        try #require(try await read(fixture).services.first { $0.service == service.rawValue })
    }

    @Test func `shows a host on which everything is as it should be`() async throws {
        fake.network.set("10.0.0.1", 2181, answer: "Mode: leader\n", to: "srvr")
        setMember("leader", "running", lag: 0, seen: PatroniStatus(state: "running", role: "primary"))
        fake.network.set(
            socket: Self.socket, answer: Self.header + "leader,pg1,0,UP,\nreplicas,pg2,0,UP,\nreplicas,pg3,0,UP,\n",
            to: "show stat\n")

        let status = try await read()

        #expect(status.isHealthy)
        #expect(status.services.map(\.service) == ["zookeeper", "patroni", "haproxy"])
        #expect(status.services.map(\.position) == ["leader", "leader", "leader pg1, replicas pg2 pg3"])
        #expect(status.services.map(\.state) == Array(repeating: "active (running)", count: 3))
        #expect(status.services.map(\.activeSeconds) == [60, 60, 60])
        #expect(status.services.map(\.ports) == [[2181], [5433, 8008], [5432, 5442, 7000]])
        #expect(status.services[1].timeline == 4)
        #expect(status.services[1].lagBytes == nil)
    }

    @Test(
        arguments: [
            ("replica", "streaming", "replica", true), ("sync_standby", "streaming", "sync replica", true),
            ("quorum_standby", "streaming", "quorum replica", true),
            ("replica", "in archive recovery", "replica (in archive recovery)", false),
            ("replica", "running", "replica (not streaming)", false),
        ])
    func `shows a replica with its lag`(role: String, state: String, position: String, isHealthy: Bool) async throws {
        setMember(role, state, lag: 4096)

        let status = try await status(of: .patroni)

        #expect(status.position == position)
        #expect(status.isHealthy == isHealthy)
        #expect(status.lagBytes == 4096)
    }

    @Test func `says of a leader that nobody could take its place`() async throws {
        let own = PatroniMember(name: "pg1", role: "leader", state: "running")
        let other = PatroniMember(name: "pg2", role: "replica", state: "streaming")
        fake.patroni.set("10.0.0.1", 8008, PatroniStatus(state: "running", role: "primary"), members: [own, other])

        let status = try await status(of: .patroni)

        #expect(status.position == "leader (no synchronous replica)")
        #expect(!status.isHealthy)
    }

    @Test func `takes an old Patroni's word for a replica that runs`() async throws {
        var old = fixture
        old.cluster.patroni.source = .distribution
        setMember("replica", "running", lag: 0)

        let status = try await status(of: .patroni, old)

        #expect(status.position == "replica")
        #expect(status.isHealthy)
    }

    @Test func `believes the member itself before the member list`() async throws {
        setMember("leader", "running", seen: PatroniStatus(state: "starting", role: "replica"))

        let status = try await status(of: .patroni)

        #expect(status.position == "leader (starting)")
        #expect(!status.isHealthy)
    }

    @Test func `shows a member that is not in the member list yet`() async throws {
        fake.patroni.set("10.0.0.1", 8008, PatroniStatus(state: "creating replica", role: "replica"))

        let status = try await status(of: .patroni)

        #expect(status.position == "replica (creating replica)")
        #expect(status.lagBytes == nil)
        #expect(!status.isHealthy)
    }

    @Test func `asks nothing of a frozen unit`() async throws {
        for service in ServiceKind.allCases { set(service, freezer: "frozen") }

        let status = try await read()

        #expect(status.services.map(\.state) == ["frozen", "frozen", "frozen"])
        #expect(status.services.filter(\.isHealthy) == [])
        #expect(fake.network.calls == [])
        #expect(fake.patroni.calls == [])
    }

    @Test func `asks a unit of which systemd does not say whether it is frozen`() async throws {
        set(.zookeeper, freezer: "")
        fake.network.set("10.0.0.1", 2181, answer: "Mode: standalone\n", to: "srvr")

        let status = try await status(of: .zookeeper)

        #expect(status.state == "active (running)")
        #expect(status.isHealthy)
    }

    @Test(
        arguments: [
            (UnitState(load: "not-found", active: "inactive", sub: "dead"), "not installed"),
            (
                UnitState(load: "loaded", active: "failed", sub: "failed", result: "exit-code"), "failed (exit-code)"
            ),
            (UnitState(load: "loaded", active: "inactive", sub: "dead"), "inactive (dead)"),
            (UnitState(load: "loaded", active: "activating", sub: "auto-restart"), "activating (auto-restart)"),
        ])
    func `shows a unit that does not run`(unit: UnitState, text: String) async throws {
        fake.services.set("pgha-patroni@pg1.service", unit)
        setMember("leader", "running")

        let status = try await status(of: .patroni)

        #expect(status.state == text)
        #expect(status.activeSeconds == nil)
        #expect(status.position == nil)
        #expect(!status.isHealthy)
    }

    @Test(
        arguments: [
            ("This ZooKeeper instance is not currently serving requests\n", "no quorum"), ("", "no answer"),
            (nil, "no answer"),
        ] as [(String?, String)])
    func `shows a ZooKeeper that does not serve`(answer: String?, position: String) async throws {
        if let answer { fake.network.set("10.0.0.1", 2181, answer: answer, to: "srvr") }

        let status = try await status(of: .zookeeper)

        #expect(status.position == position)
        #expect(!status.isHealthy)
    }

    @Test func `shows a Patroni that does not answer`() async throws {
        let status = try await status(of: .patroni)

        #expect(status.position == "no answer")
        #expect(!status.isHealthy)
    }

    @Test(arguments: [
        ("leader,pg1,0,DOWN,\nreplicas,pg2,0,UP,\n", "no way to a leader", false),
        ("leader,pg2,0,UP,\nreplicas,pg1,0,DOWN,\n", "leader pg2, no replicas", true),
        ("leader,pg2,0,UP 1/2,\nreplicas,pg1,0,UP,\n", "leader pg2, replicas pg1", true),
    ])
    func `shows where HAProxy leads`(rows: String, position: String, isHealthy: Bool) async throws {
        fake.network.set(socket: Self.socket, answer: Self.header + rows, to: "show stat\n")

        let status = try await status(of: .haproxy)

        #expect(status.position == position)
        #expect(status.isHealthy == isHealthy)
    }

    @Test(arguments: [
        (NodeFailure(.notPermitted, "no"), "listening (run as root to see the route)", true),
        (NodeFailure(.unreachable, "no"), "no answer", false), (NodeFailure(.notFound, "no"), "no answer", false),
    ])
    func `shows what can be known of HAProxy without its socket`(
        failure: NodeFailure, position: String, isHealthy: Bool
    ) async throws {
        fake.network.set(socket: Self.socket, failure: failure)

        let status = try await status(of: .haproxy)

        #expect(status.position == position)
        #expect(status.isHealthy == isHealthy)
    }

    @Test func `fails as a whole where systemd cannot be asked`() async throws {
        fake.services.fail("state pgha-haproxy@pg1.service", with: NodeFailure(.unreachable, "no bus"))

        let failure = await #expect(throws: NodeFailure.self) { try await read() }

        #expect(failure?.code == .unreachable)
    }

    @Test func `lists services by kind, then by role`() async throws {
        let fixture = InstallFixture(.oneHost)

        let status = try await StatusReader(
            machine: fixture.fake.machine, cluster: fixture.cluster, host: fixture.host
        ).read()

        #expect(status.services.map(\.role) == ["zookeeper", "pg1", "pg2", "pg3", "haproxy"])
        #expect(status.services.map(\.state) == Array(repeating: "not installed", count: 5))
    }

    @Test(arguments: [
        ("HTTP/1.0 200 OK\r\n\r\n", "ready", true), ("HTTP/1.0 503 Service Unavailable\r\n\r\n", "not ready", true),
        ("", "no answer", false),
    ])
    func `shows the agent last, and it does its part as long as it answers`(
        answer: String, position: String, isHealthy: Bool
    ) async throws {
        let unit = UnitState(
            load: "loaded", active: "active", sub: "running", activeSince: 1_799_999_940_000_000)
        fake.services.set(UnitName.agent.text, unit)
        fake.network.set("10.0.0.1", 8108, answer: answer, to: "GET /ready HTTP/1.0\r\n\r\n")

        let reader = StatusReader(machine: fake.machine, cluster: fixture.cluster, host: fixture.host)
        let agent = try #require(try await reader.readWithAgent().services.last)

        #expect(agent.service == "agent")
        #expect(agent.role == "")
        #expect(agent.position == position)
        #expect(agent.isHealthy == isHealthy)
        #expect(agent.ports == [8108])
    }
}
