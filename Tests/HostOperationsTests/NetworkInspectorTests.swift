import ClusterModel
import HostFakes
import HostOperations
import HostPorts
import Testing

@Suite struct NetworkInspectorTests {
    private let fixture = OperatorFixture()
    private var fake: FakeMachine { fixture.fake }

    private func read() async throws -> HostNetwork {
        try await NetworkInspector(machine: fake.machine, cluster: fixture.cluster, host: fixture.cluster.hosts[0])
            .read()
    }

    @Test func `tells who listens: the service, another one, somebody, nobody`() async throws {
        fake.network.set(listening: [
            ListeningPort(
                address: "10.0.0.1", port: 5433, process: "postgres",
                controlGroup: "/pgha.slice/\(OperatorFixture.patroni)"),
            ListeningPort(address: "::ffff:10.0.0.1", port: 8008, process: "python3", controlGroup: "/user.slice"),
            ListeningPort(address: "0.0.0.0", port: 5432),
        ])

        let ports = try await read().ports

        let states = Dictionary(uniqueKeysWithValues: ports.map { ($0.port, $0.state) })
        #expect(states[5433] == .expected)
        #expect(states[8008] == .foreign)
        #expect(states[5432] == .unknown)
        #expect(states[2181] == .nobody)
        #expect(ports.first { $0.port == 8008 }?.addresses == ["10.0.0.1"])
        #expect(ports.first { $0.port == 8008 }?.process == "python3")
    }

    @Test func `counts who is connected to whom, and a connection within the host once`() async throws {
        func connection(_ local: (String, Int), _ remote: (String, Int)) -> EstablishedConnection {
            EstablishedConnection(
                localAddress: local.0, localPort: local.1, remoteAddress: remote.0, remotePort: remote.1)
        }
        fake.connections.set([
            connection(("10.0.0.1", 5433), ("10.0.0.2", 40000)), connection(("10.0.0.1", 5433), ("10.0.0.2", 40001)),
            connection(("10.0.0.1", 40002), ("10.0.0.2", 2181)), connection(("10.0.0.1", 40003), ("10.9.9.9", 443)),
            connection(("127.0.0.1", 5433), ("127.0.0.1", 40004)),
            connection(("127.0.0.1", 40004), ("127.0.0.1", 5433)),
            connection(("10.0.0.1", 5432), ("10.9.9.9", 40005)),
        ])

        let rows = try await read().connections.map {
            "\($0.direction.rawValue) \($0.port) \($0.role) \($0.peerHost ?? $0.peerAddress) \($0.peerRoles) \($0.count)"
        }

        #expect(
            rows == [
                "in 5432 pg1 10.9.9.9 [] 1", "in 5433 pg1 host1 [\"pg1\"] 1", "in 5433 pg1 host2 [\"pg2\"] 2",
                "out 2181 pg2 host2 [\"pg2\"] 1",
            ])
    }

    @Test func `shows HAProxy's servers with their sessions`() async throws {
        fake.network.set(
            socket: "/run/pgha/pg1/haproxy.sock",
            answer: "# pxname,svname,scur,status,\nstatistics,x,0,UP,\nleader,pg2,7,UP,\n", to: "show stat\n")

        let route = try #require(try await read().routes.first)

        #expect(route.servers == [RouteServer(backend: "leader", server: "pg2", isUp: true, sessions: 7)])
    }
}
