import ClusterModel
import HostFakes
import HostPorts

@testable import NodeAgent

/// The first of three hosts, whose member leads.
struct AgentFixture {
    static let unit = "pgha-patroni@pg1.service"
    static let group = "/pgha.slice/\(unit)"
    static let processes = "/sys/fs/cgroup\(group)/cgroup.procs"
    static let data = "/var/lib/pgha/pg1/postgresql"

    let fake = FakeMachine()
    let coordination = FakeCoordination()
    let world = FakeAgentWorld()
    let board = LeaderBoard()
    var cluster: Cluster

    init() throws {
        cluster = Cluster(
            name: "demo",
            hosts: (1...3).map { number in
                ClusterHost(
                    name: "pg\(number)", address: "10.0.0.\(number)",
                    roles: [RoleAssignment(role: .member(number), services: ServiceKind.allCases)])
            })
        var state = UnitState(load: "loaded", active: "active", sub: "running", fileState: "enabled")
        state.controlGroup = Self.group
        fake.services.set(Self.unit, state)
        let files = fake.files
        fake.services.onKill { _ in
            files.put(Self.processes, "")
            for process in [50, 60, 61] { _ = try? files.remove("/proc/\(process)/stat") }
        }
        coordination.set("/service/pg_cluster/leader", "pg1", owner: 7)
        coordination.set("/service/pg_cluster/leader", "pg1", owner: 7)
        coordination.set("/pgha/pg_cluster/marks", "")
        coordination.set("/service/pg_cluster/members/pg1", "{}", owner: 7)
        coordination.set("/service/pg_cluster/members/pg1", "{}", owner: 7)
        coordination.set("/service/pg_cluster/sync", "{\"leader\":\"pg1\",\"sync_standby\":\"pg2\"}")
        for number in 2...3 {
            var status = PatroniStatus(state: "running", role: "replica")
            status.replicationState = "streaming"
            fake.patroni.set("10.0.0.\(number)", 8007 + number, status, members: [])
        }
    }

    /// PostgreSQL as pg_control has it (1 shut down, 6 in production), and whether its processes are there.
    func setPostgres(
        control state: UInt8, isAlive: Bool, patroni isPatroniAlive: Bool = true, status: String? = "ready"
    ) {
        let bytes = [UInt8](repeating: 0, count: 16) + [state, 0, 0, 0]
        fake.files.put("\(Self.data)/global/pg_control", String(decoding: bytes, as: UTF8.self))
        fake.files.put(Self.processes, (isPatroniAlive ? "50\n" : "") + (isAlive ? "60\n61\n" : ""))
        fake.files.put("/proc/50/stat", "50 (patroni) S 1")
        for process in [60, 61] where isAlive { fake.files.put("/proc/\(process)/stat", "\(process) (postgres) S 1") }
        var lines = ["60", Self.data, "1764190000", "5433", "/run/postgresql", "127.0.0.1", " 1 2"]
        if let status { lines.append(status) }
        if isAlive { fake.files.put("\(Self.data)/postmaster.pid", lines.joined(separator: "\n") + "\n") }
    }

    var context: AgentContext { context(with: coordination) }

    func context(with coordination: any CoordinationService) -> AgentContext {
        AgentContext(
            machine: fake.machine,
            ports: AgentPorts(
                notifier: world, coordination: coordination, processes: world, events: world, server: world,
                peers: world),
            cluster: cluster, host: cluster.hosts[0],
            secrets: Secrets(superuser: "a", replication: "b", rewind: "c", restAPI: "d", zookeeper: "e"))
    }

    func leads(_ number: Int) async throws -> LeaderSight {
        let node = try await coordination.node(at: "/service/pg_cluster/leader", isFresh: true, within: .seconds(1))
        let sight = LeaderSight.member(
            LeaderKey(
                member: .member(number),
                node: node ?? CoordinationNode(data: [], created: 0, modified: 0, version: 0, owner: 0)))
        await board.post(sight)
        return sight
    }

    var memberProcesses: MemberProcesses {
        MemberProcesses(machine: fake.machine, role: .member(1), directory: Self.data)
    }

    var keeper: MemberKeeper { MemberKeeper(context: context, board: board, role: .member(1)) }
}
