import ClusterModel
import Decisions
import HostFakes
import HostOperations
import HostPorts

/// The first host of a healthy cluster of three, and what can be done to its services.
struct OperatorFixture: Sendable {
    static let secrets = Secrets(superuser: "s", replication: "r", rewind: "w", restAPI: "a", zookeeper: "z")
    static let zookeeper = "pgha-zookeeper@pg1.service"
    static let patroni = "pgha-patroni@pg1.service"
    static let haproxy = "pgha-haproxy@pg1.service"

    let fake = FakeMachine()
    let messages = Messages()
    let cluster = Cluster(
        name: "shop",
        hosts: (1...3).map { number in
            ClusterHost(
                name: "host\(number)", address: "10.0.0.\(number)",
                roles: [RoleAssignment(role: .member(number), services: [.zookeeper, .patroni, .haproxy])])
        })
    let all = ServiceKind.allCases.map { PlacedService($0, of: .member(1)) }
    let member = [PlacedService(.patroni, of: .member(1))]

    init() {
        for unit in [Self.zookeeper, Self.patroni, Self.haproxy] { fake.services.set(unit, active: true) }
        for number in 1...3 { setHost(number) }
        set(uptime: 1000)
    }

    func set(uptime seconds: Int) {
        fake.files.put("/proc/uptime", "\(seconds).25 1.0\n")
    }

    /// `leader` is whom the member of that host sees; nil for none.
    func setHost(_ number: Int, zookeeper: Bool = true, member: String? = "running", leader: Int? = 1) {
        let address = "10.0.0.\(number)"
        fake.network.set(address, 2181, zookeeper ? .accepted : .refused)
        fake.network.set(address, 2181, answer: zookeeper ? "Mode: follower\n" : "", to: "srvr")
        let status = member.map { state in
            var status = PatroniStatus(state: state, role: "replica")
            status.replicationState = "streaming"
            return status
        }
        let leaders = leader.map { [PatroniMember(name: "pg\($0)", role: "leader", state: "running")] } ?? []
        fake.patroni.set(address, 8007 + number, status, members: leaders)
        fake.postgres.on("SELECT pg_is_in_recovery()", rows: [["t"]])
    }

    @discardableResult
    func run(
        _ verb: ServiceOperator.Verb, _ services: [PlacedService], agent: Bool = false,
        _ change: (inout ServiceOperator.Options) -> Void = { _ in }
    ) async throws(NodeFailure) -> [ServiceOutcome.Outcome] {
        var options = ServiceOperator.Options(limit: .seconds(60))
        change(&options)
        let operation = ServiceOperator(
            machine: fake.machine, cluster: cluster, host: cluster.hosts[0], secrets: Self.secrets,
            notify: { messages.add($0) })
        let selection = ServiceSelection(placed: services, includesAgent: agent)
        return try await operation.run(verb, selection, options).map(\.outcome)
    }

    /// What systemd was told, without `reset-failed`.
    var jobs: [String] { fake.services.calls.filter { !$0.hasPrefix("reset-failed") } }
}
