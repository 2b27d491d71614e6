import ClusterModel
import Foundation
import Testing

/// The files in `Valid`, which also are checked against the schema.
enum ValidFile: String, CaseIterable, Sendable {
    case smallest
    case fiveRoles = "five-roles"
    case oneHost = "one-host"
    case everything
    case reference
    case parameters

    var bytes: [UInt8] {
        get throws {
            let directory = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Valid")
            return Array(try Data(contentsOf: directory.appending(path: "\(rawValue).yml")))
        }
    }

    func load() throws -> Cluster {
        try ClusterFile.load(try bytes, file: "\(rawValue).yml")
    }
}

@Suite struct ClusterFileTests {
    private static func member(_ number: Int, _ services: [ServiceKind]) -> RoleAssignment {
        RoleAssignment(role: .member(number), services: services)
    }

    @Test func `gives three hosts everything`() throws {
        let expected = Cluster(
            name: "demo",
            hosts: (1...3).map { number in
                ClusterHost(
                    name: "pg\(number)", address: "192.0.2.1\(number)",
                    roles: [Self.member(number, [.zookeeper, .patroni, .haproxy])])
            })
        #expect(try ValidFile.smallest.load() == expected)
    }

    @Test func `leaves to five hosts what each is for`() throws {
        let members = (1...3).map { number in
            ClusterHost(name: "pg\(number)", address: "192.0.2.1\(number)", roles: [Self.member(number, [.patroni])])
        }
        let others = [
            ClusterHost(
                name: "zookeeper", address: "192.0.2.20",
                roles: [RoleAssignment(role: .zookeeper, services: [.zookeeper])]),
            ClusterHost(
                name: "haproxy", address: "192.0.2.21", roles: [RoleAssignment(role: .haproxy, services: [.haproxy])]),
        ]
        var expected = Cluster(name: "five", hosts: members + others)
        expected.haproxy.statisticsOpen = true
        expected.durability = .quorum
        #expect(try ValidFile.fiveRoles.load() == expected)
    }

    @Test func `puts all roles on one host, in the order of the file`() throws {
        let roles =
            [RoleAssignment(role: .haproxy, services: [.haproxy])] + (1...3).map { Self.member($0, [.patroni]) }
            + [RoleAssignment(role: .zookeeper, services: [.zookeeper])]
        var expected = Cluster(
            name: "one", hosts: [ClusterHost(name: "single", address: "2001:db8::10", roles: roles)])
        expected.directories.data = "/srv/pgha"
        expected.durability = .strict
        #expect(try ValidFile.oneHost.load() == expected)
    }

    @Test func `reads every key`() throws {
        let hosts = [
            ClusterHost(name: "pg1", address: "192.0.2.11", roles: [Self.member(1, [.patroni])]),
            ClusterHost(
                name: "solo", address: "192.0.2.20",
                roles: [
                    Self.member(2, [.patroni]),
                    RoleAssignment(role: .zookeeper, services: [.zookeeper]),
                    RoleAssignment(role: .haproxy, services: [.haproxy]),
                ]),
            ClusterHost(
                name: "other", address: "2001:db8::5",
                roles: [
                    RoleAssignment(
                        role: .member(3), services: [.patroni, .haproxy], postgresPort: 5439, patroniPort: 8019),
                    Self.member(4, [.patroni]),
                ]),
        ]
        var expected = Cluster(name: "demo", hosts: hosts)
        expected.postgres.parameters = [
            ConfigParameter(name: "max_connections", value: "200"),
            ConfigParameter(name: "shared_buffers", value: "256MB"),
        ]
        expected.postgres.hbaLines = ["hostssl shop shop 198.51.100.0/24 scram-sha-256"]
        expected.directories.postgresql = "/srv/pg"
        expected.directories.zookeeper = "/srv/zk"
        #expect(try ValidFile.everything.load() == expected)
    }

    @Test func `takes other values than the defaults`() throws {
        let settings = """
            scope: other
            ports: { read_write: 6432, read_only: 6442, statistics: 7001 }
            versions: { postgresql: 17, patroni: distribution }
            durability: strict
            lease: short
            patroni: { ttl: 40, loop_wait: 6, retry_timeout: 7, maximum_lag_on_failover: 16kB, use_pg_rewind: off }
            zookeeper: { tick_time: 500, init_limit: 21, sync_limit: 6, heap_megabytes: 256 }
            haproxy: { max_connections: 500, statistics_open: on }
            agent: { suspicion: 5000, on_crash: failover }
            """
        var expected = try ValidFile.smallest.load()
        expected.scope = "other"
        expected.ports.readWrite = 6432
        expected.ports.readOnly = 6442
        expected.ports.statistics = 7001
        expected.postgres.version = 17
        expected.patroni.source = .distribution
        expected.durability = .strict
        expected.lease = .short
        expected.patroni.ttl = 40
        expected.patroni.loopWait = 6
        expected.patroni.retryTimeout = 7
        expected.patroni.maximumLagOnFailover = 16384
        expected.patroni.usePgRewind = false
        expected.zookeeper.tickTime = 500
        expected.zookeeper.initLimit = 21
        expected.zookeeper.syncLimit = 6
        expected.zookeeper.heapMegabytes = 256
        expected.haproxy.maxConnections = 500
        expected.haproxy.statisticsOpen = true
        expected.agent.suspicion = 5000
        expected.agent.onCrash = .failover
        #expect(try ClusterFile.load(Array((Refusal.threeHosts + settings).utf8), file: "cluster.yml") == expected)
    }

    @Test func `takes other limits and ports of ZooKeeper`() throws {
        let settings = """
            ports: { zookeeper: 2182, zookeeper_peer: 2889, zookeeper_election: 3889 }
            patroni: { failsafe_mode: false }
            zookeeper: { min_session_timeout: 1000, max_session_timeout: 50000 }
            """
        var expected = try ValidFile.smallest.load()
        expected.ports.zookeeperClient = 2182
        expected.ports.zookeeperPeer = 2889
        expected.ports.zookeeperElection = 3889
        expected.patroni.failsafeMode = false
        expected.zookeeper.minSessionTimeout = 1000
        expected.zookeeper.maxSessionTimeout = 50000
        #expect(try ClusterFile.load(Array((Refusal.threeHosts + settings).utf8), file: "cluster.yml") == expected)
    }

    @Test func `lets the profile reference change defaults, and explicit values win`() throws {
        let reference = try ValidFile.reference.load()
        #expect(reference.durability == .asynchronous)
        #expect(reference.patroni.failsafeMode == false)
        #expect(reference.patroni.source == .pinned)

        let yaml = Refusal.threeHosts + "profile: reference\ndurability: strict\npatroni: { failsafe_mode: true }\n"
        let explicit = try ClusterFile.load(Array(yaml.utf8), file: "cluster.yml")
        #expect(explicit.durability == .strict)
        #expect(explicit.patroni.failsafeMode == true)
    }

    @Test func `keeps values of parameters as they are written`() throws {
        let cluster = try ValidFile.parameters.load()
        let values = Dictionary(uniqueKeysWithValues: cluster.postgres.parameters.map { ($0.name, $0.value) })

        #expect(values["work_mem"] == "8MB")
        #expect(values["random_page_cost"] == "1.10")
        #expect(values["jit"] == "off")
        #expect(values["wal_compression"] == "on")
        #expect(values["track_io_timing"] == "on")
        #expect(values["log_line_prefix"] == "%m [%p] \"%a\" ")
        #expect(values["archive_command"] == "test ! -f /mnt/archive/%f && cp %p /mnt/archive/%f")
        #expect(values["auto_explain.log_min_duration"] == "0")
        #expect(values["application_name"] == "")
        #expect(cluster.postgres.parameters.first?.name == "work_mem")
        #expect(cluster.postgres.hbaLines.count == 3)
    }

    @Test func `lets a member be a witness without a database`() throws {
        let cluster = try ValidFile.parameters.load()
        let witness = RoleAssignment(role: .member(3), services: [.zookeeper])

        #expect(cluster.hosts[2].roles == [witness])
        #expect(witness.postgresPort == nil)
        #expect(cluster.placements(of: .patroni).map(\.role) == [.member(1), .member(2)])
    }

    @Test func `puts each kind of data below its own base`() throws {
        let directories = try ValidFile.everything.load().directories
        #expect(directories.postgres(of: .member(1)) == "/srv/pg/pg1/postgresql")
        #expect(directories.zookeeper(of: .zookeeper) == "/srv/zk/zookeeper/zookeeper")
        #expect(Directories().postgres(of: .member(1)) == "/var/lib/pgha/pg1/postgresql")
    }

    @Test func `allows loopback for the one host of a cluster`() throws {
        let yaml = "name: dev\nhosts: { pg1: 127.0.0.1 }\n"
        #expect(try ClusterFile.load(Array(yaml.utf8), file: "cluster.yml").hosts[0].address == "127.0.0.1")
    }
}
