import ClusterModel
import Decisions
import HostFakes
import HostPorts
import Testing

@testable import NodeInstaller

/// The first of three hosts, all fakes, freshly installed Debian.
struct FactGathererFixture {
    var fake: FakeMachine
    var cluster: Cluster
    var host: ClusterHost

    init() {
        let hosts = (1...3).map { number in
            ClusterHost(
                name: "host\(number)", address: "10.0.0.\(number)",
                roles: [RoleAssignment(role: .member(number), services: [.zookeeper, .patroni, .haproxy])])
        }
        cluster = Cluster(name: "test", hosts: hosts)
        host = hosts[0]
        fake = FakeMachine(files: [
            "/proc/1/comm": "systemd\n",
            "/proc/meminfo": "MemTotal:        8388608 kB\nMemFree:  1 kB\nSwapTotal:       0 kB\n",
            "/proc/sys/vm/swappiness": "60\n",
            "/proc/sys/vm/overcommit_memory": "0\n",
            "/sys/kernel/mm/transparent_hugepage/enabled": "always [madvise] never\n",
            "/sys/fs/cgroup/cgroup.controllers": "memory\n",
            "/sys/fs/cgroup/system.slice/cgroup.freeze": "0\n",
            "/etc/os-release": "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\nVERSION_ID=\"12\"\n",
        ])
    }

    func gather() async throws -> PreflightFacts {
        try await FactGatherer(machine: fake.machine, cluster: cluster, host: host).gather()
    }

    func judge() async throws -> [PreflightFinding] {
        Preflight.judge(try await gather(), cluster: cluster, host: host)
    }

    /// What an installation leaves: a receipt, data, units that hold their ports.
    func install() throws {
        let data = cluster.directories.postgres(of: .member(1))
        let store = cluster.directories.zookeeper(of: .member(1))
        var receipt = Receipt(cluster: "test")
        receipt.dataDirectories = [data, store]
        try ReceiptStore(files: fake.files).save(receipt)
        fake.files.put("\(data)/PG_VERSION", "15\n")
        fake.files.put("\(store)/myid", "1\n")
        fake.commands.on(
            "/usr/lib/postgresql/15/bin/pg_controldata", ["-D", data],
            output: "pg_control version number:            1300\nDatabase system identifier:           7001\n")
        let holders = [
            (2181, "zookeeper"), (3888, "zookeeper"), (5433, "patroni"), (8008, "patroni"), (5432, "haproxy"),
        ]
        fake.network.set(
            listening: holders.map { port, service in
                ListeningPort(
                    address: "0.0.0.0", port: port, process: service,
                    controlGroup: "/pgha.slice/pgha-\(service)@pg1.service")
            })
        fake.services.set(
            "postgresql.service", UnitState(load: "masked", active: "inactive", sub: "dead", fileState: "masked"))
    }

    func startPeer(_ number: Int, identifier: String = "7001", date: Double = 1_800_000_000) {
        var status = PatroniStatus(state: "running", role: "replica")
        status.scope = "pg_cluster"
        status.name = "pg\(number)"
        status.systemIdentifier = identifier
        status.date = date
        let members = (1...3).map { number in
            var member = PatroniMember(name: "pg\(number)", role: "replica", state: "streaming")
            member.host = "10.0.0.\(number)"
            return member
        }
        fake.patroni.set("10.0.0.\(number)", 8007 + number, status, members: members)
    }
}

@Suite struct FactGathererTests {
    private let fixture = FactGathererFixture()

    @Test func `finds nothing wrong on a fresh host`() async throws {
        let findings = try await fixture.judge()

        #expect(findings.filter { $0.verdict == .failed || $0.verdict == .warning } == [])
        #expect(
            findings.filter { $0.verdict == .skipped }.map(\.check)
                == [.clockSkew, .roleClaimed, .sameCluster, .systemIdentifier])
    }

    @Test func `finds nothing wrong on a host that is ours already`() async throws {
        try fixture.install()
        fixture.startPeer(2)
        fixture.startPeer(3)

        #expect(try await fixture.judge().filter { $0.verdict != .ok } == [])
    }

    @Test func `changes nothing`() async throws {
        try fixture.install()
        let before = fixture.fake.files.tree

        _ = try await fixture.gather()

        #expect(fixture.fake.files.tree == before)
        #expect(fixture.fake.services.calls == [])
    }

    @Test func `reads kernel, distribution and memory`() async throws {
        let facts = try await fixture.gather()

        #expect(facts.initProcess == "systemd")
        #expect(facts.systemdVersion == "252 (252.39-1~deb12u1)")
        #expect(facts.hasUnifiedControlGroups)
        #expect(facts.hasFreezer)
        #expect(facts.distribution?.name == "Debian GNU/Linux 12 (bookworm)")
        #expect(facts.memory == 8 << 30)
        #expect(facts.swappiness == 60)
        #expect(facts.overcommitMemory == 0)
        #expect(facts.transparentHugePages == "always [madvise] never")
        #expect(facts.localAddresses == ["10.0.0.1"])
    }

    @Test(arguments: [("536870912\n", Int64(512 << 20)), ("max\n", 8 << 30), ("99999999999999\n", 8 << 30)])
    func `knows the memory limit of a container`(limit: String, memory: Int64) async throws {
        fixture.fake.files.put("/sys/fs/cgroup/memory.max", limit)

        #expect(try await fixture.gather().memory == memory)
    }

    @Test func `leaves out what it cannot read`() async throws {
        fixture.fake.files.fail("/proc/meminfo", with: NodeFailure(.notPermitted, "no"))
        fixture.fake.services.fail("version", with: NodeFailure(.unreachable, "no bus"))
        fixture.fake.services.fail("unit-files", with: NodeFailure(.unreachable, "no bus"))

        let facts = try await fixture.gather()

        #expect(facts.memory == nil)
        #expect(facts.systemdVersion == nil)
        #expect(facts.foreignUnits == nil)
    }

    @Test func `refuses to guess where the receipt is damaged`() async throws {
        fixture.fake.files.put("/var/lib/pgha/receipt.json", "{")

        let failure = await #expect(throws: NodeFailure.self) { try await fixture.gather() }
        #expect(failure?.code == .invalidConfiguration)
    }

    @Test func `calls data without a receipt a leftover and identifies it`() async throws {
        try fixture.install()
        try ReceiptStore(files: fixture.fake.files).remove()
        fixture.startPeer(2, identifier: "8002")

        let findings = try await fixture.judge()

        #expect(findings.first { $0.check == .leftovers }?.verdict == .failed)
        #expect(
            findings.first { $0.check == .systemIdentifier }?.finding
                == "the data in /var/lib/pgha/pg1/postgresql is another database system: 7001, and host2 has 8002")
        #expect(fixture.fake.commands.calls.first?.environment["LANG"] == "C")
    }

    @Test func `does not start pg_controldata where there is no PostgreSQL data`() async throws {
        fixture.fake.files.put("/var/lib/pgha/pg1/postgresql/lost+found", "")

        let facts = try await fixture.gather()

        #expect(facts.dataDirectories.first { $0.service == .patroni }?.isEmpty == false)
        #expect(fixture.fake.commands.calls == [])
    }

    @Test(
        arguments: [
            ("Database system identifier:           7001\n", "7001"), ("Database system identifier:\n", nil), ("", nil),
        ] as [(String, String?)])
    func `finds the identifier in what pg_controldata says`(text: String, identifier: String?) {
        #expect(FactGatherer.systemIdentifier(in: text) == identifier)
    }

    @Test func `measures each file system once`() async throws {
        let roles = (1...3).map { RoleAssignment(role: .member($0), services: [.patroni]) }
        var fixture = fixture
        fixture.host.roles = roles
        fixture.fake.files.setSyncLatency(.milliseconds(7))

        let facts = try await fixture.gather()

        #expect(
            facts.volumes == [
                .init(path: "/var/lib/pgha/pg1", free: 50 << 30, total: 100 << 30, syncLatency: .milliseconds(7))
            ])
    }
}
