import ClusterModel
import Testing

@Suite struct RuleRefusalTests {
    private static let single = "name: demo\nhosts:\n  pg1: 192.0.2.11\n"
    private static let oneHost = """
        name: demo
        hosts:
          solo:
            address: 192.0.2.20
            roles:
              pg1: { postgres_port: 5433 }
              zookeeper:
              haproxy:
              pg2:

        """

    private static func clash(
        _ yaml: String, _ place: String, _ first: String, _ second: String, hint: String = "another port"
    ) -> Refusal {
        Refusal(yaml, "\(place) is taken twice: by \(first) and by \(second)", hint: hint)
    }

    private static func ports(_ settings: String) -> String { Refusal.threeHosts + "ports: { \(settings) }\n" }

    @Test(arguments: [
        clash(
            ports("read_write: 5433"), "6:22: port 5433 on host \"pg1\"",
            "PostgreSQL of pg1", "HAProxy of pg1 (read-write)"),
        clash(
            ports("read_only: 5432"), "6:21: port 5432 on host \"pg1\"",
            "HAProxy of pg1 (read-write)", "HAProxy of pg1 (read-only)"),
        clash(
            ports("statistics: 8108"), "6:22: port 8108 on host \"pg1\"",
            "the agent", "HAProxy of pg1 (statistics)", hint: "8108 and 8109 are kept for the agent"),
        clash(
            ports("zookeeper_election: 2888"), "6:30: port 2888 on host \"pg1\"",
            "ZooKeeper of pg1 (peers)", "ZooKeeper of pg1 (election)"),
        clash(
            ports("read_only: 7000, statistics: 7000"), "6:39: port 7000 on host \"pg1\"",
            "HAProxy of pg1 (read-only)", "HAProxy of pg1 (statistics)"),
        clash(
            oneHost.replacing("5433", with: "8109"), "6:29: port 8109 on host \"solo\"",
            "the agents among themselves", "PostgreSQL of pg1"),
        clash(
            oneHost.replacing("5433", with: "5434"), "6:29: port 5434 on host \"solo\"",
            "PostgreSQL of pg1", "PostgreSQL of pg2"),
        clash(
            oneHost.replacing("5433", with: "8008"), "6:29: port 8008 on host \"solo\"",
            "PostgreSQL of pg1", "Patroni of pg1"),
        clash(
            oneHost.replacing("      haproxy:\n", with: ""), "8:7: port 5432 on host \"solo\"",
            "HAProxy of pg1 (read-write)", "HAProxy of pg2 (read-write)", hint: "Give it the role haproxy"),
        clash(
            oneHost.replacing("zookeeper:", with: "pg3:"), "7:7: port 2181 on host \"solo\"",
            "ZooKeeper of pg1", "ZooKeeper of pg3", hint: "Give it the role zookeeper"),
        clash(
            oneHost + "ports: { read_only: 5433 }\n", "10:21: port 5433 on host \"solo\"",
            "PostgreSQL of pg1", "HAProxy (read-only)"),
    ])
    func `says which two services clash over a port`(_ refusal: Refusal) {
        refusal.expect()
    }

    @Test(arguments: [
        Refusal.after(
            "versions: { patroni: distribution }\ndurability: quorum\n",
            "7:13: durability quorum needs Patroni 4, and \"versions.patroni\" is distribution", hint: "patroni: pinned"
        ),
        Refusal.after(
            "durability: quorum\nversions: { patroni: distribution }\n",
            "7:22: durability quorum needs Patroni 4, and \"versions.patroni\" is distribution"),
        Refusal(
            single + "durability: strict\n",
            "4:13: durability strict needs at least two members, and the cluster has one", hint: "Add a member"),
    ])
    func `refuses a durability that cannot be had`(_ refusal: Refusal) {
        refusal.expect()
    }

    @Test(arguments: [
        Refusal(single + "lease: short\n", "4:8: lease short needs at least three hosts, and the cluster has 1"),
        Refusal.after(
            "lease: short\ndurability: asynchronous\n", "7:13: lease short needs synchronous durability",
            hint: "Use durability synchronous"),
        Refusal.after("profile: reference\nlease: short\n", "7:8: profile reference has no short lease"),
        Refusal.after("lease: long\n", "6:8: there is no lease \"long\"", hint: "Use standard or short"),
    ])
    func `refuses a short lease where it would not be safe`(_ refusal: Refusal) {
        refusal.expect()
    }

    @Test(arguments: [
        Refusal.after(
            "agent: { suspicion: 15001 }\n",
            "6:21: \"agent.suspicion\" is 15001 ms, and half of \"patroni.ttl\" is 15000 ms",
            hint: "Set suspicion to 15000 or less"),
        Refusal.after(
            "agent: { suspicion: 499 }\n", "6:21: \"agent.suspicion\" must be from 500 to 600000, not \"499\""),
        Refusal.after(
            "agent: { on_crash: panic }\n", "6:20: there is no answer to a crash \"panic\"",
            hint: "Use restart or failover"
        ),
    ])
    func `keeps the suspicion below the lease, and knows two answers to a crash`(_ refusal: Refusal) {
        refusal.expect()
    }

    @Test(arguments: [
        Refusal.after(
            "patroni: { retry_timeout: 13 }\n", "6:27: \"patroni.ttl\" is 30, and loop_wait + 2 * retry_timeout is 31",
            hint: "Set ttl to 31 or more"),
        Refusal.after(
            "patroni:\n  retry_timeout: 10\n  ttl: 20\n",
            "8:8: \"patroni.ttl\" is 20, and loop_wait + 2 * retry_timeout is 25"),
        Refusal.after("patroni: { ttl: 19 }\n", "6:17: \"patroni.ttl\" must be at least 20, not 19"),
        Refusal.after("patroni: { retry_timeout: 2 }\n", "6:27: \"patroni.retry_timeout\" must be at least 3, not 2"),
        Refusal.after(
            "versions: { patroni: distribution }\npatroni: { ttl: 14 }\n",
            "7:17: \"patroni.ttl\" is 14, and loop_wait + 2 * retry_timeout is 15"),
    ])
    func `keeps Patroni's rule of the lease`(_ refusal: Refusal) {
        refusal.expect()
    }

    @Test(arguments: [
        Refusal.after(
            "patroni: { ttl: 61 }\n",
            "6:17: \"patroni.ttl\" is 61 s, and \"zookeeper.max_session_timeout\" is 60000 ms",
            hint: "Set max_session_timeout to 61000 or more."),
        Refusal.after(
            "zookeeper: { max_session_timeout: 20000 }\n",
            "6:35: \"patroni.ttl\" is 30 s, and \"zookeeper.max_session_timeout\" is 20000 ms"),
        Refusal.after(
            "zookeeper: { min_session_timeout: 30001 }\n",
            "6:35: \"patroni.ttl\" is 30 s, and \"zookeeper.min_session_timeout\" is 30001 ms", hint: "30000 or less"),
        Refusal.after(
            "zookeeper:\n  max_session_timeout: 40000\n  min_session_timeout: 50000\n",
            "8:24: \"zookeeper.min_session_timeout\" is 50000, and \"zookeeper.max_session_timeout\" is 40000",
            hint: "must not be above"),
    ])
    func `refuses session limits that would change the lease`(_ refusal: Refusal) {
        refusal.expect()
    }

    @Test func `explains what a shortened session does`() {
        let yaml = Refusal.threeHosts + "patroni: { ttl: 90 }\n"
        let failure = #expect(throws: NodeFailure.self) { try ClusterFile.load(Array(yaml.utf8), file: "cluster.yml") }
        #expect(failure?.detail?.contains("shortens the session silently, and Patroni goes on to believe") == true)
    }

    @Test(arguments: [
        ("srv/pg", "\"srv/pg\" is not an absolute path", "from / on"),
        ("/srv/../etc", "\"/srv/../etc\" is not a plain path", "\"..\""),
        ("/srv//pg", "\"/srv//pg\" is not a plain path", ""),
        ("/srv/./pg", "\"/srv/./pg\" is not a plain path", ""),
        ("/srv/my data", "\"/srv/my data\" has a character that a directory of ours may not have", "letters, digits"),
        ("/srv/%i", "\"/srv/%i\" has a character that a directory of ours may not have", ""),
        ("\"/srv/a\\nb\"", "\"/srv/a<U+000A>b\" has a character that a directory of ours may not have", ""),
        ("/", "\"/\" belongs to the system", "/srv/pgha"),
        ("/etc", "\"/etc\" belongs to the system", ""),
        ("/usr/local/pg", "\"/usr/local/pg\" belongs to the system", ""),
        ("/run/pg/", "\"/run/pg/\" belongs to the system", ""),
        ("/var/lib", "\"/var/lib\" belongs to the system", ""),
        ("/home/postgres", "\"/home/postgres\" belongs to the system", ""),
        ("\"\"", "\"\" is not an absolute path", ""),
        (
            "/srv/" + String(repeating: "a", count: 200), "\"/srv/\(String(repeating: "a", count: 55))…\" is too long",
            "200"
        ),
    ])
    func `takes directories that are ours`(directory: String, message: String, hint: String) {
        for key in ["data", "postgresql", "zookeeper"] {
            let column = "directories: { \(key): ".count + 1
            Refusal.after("directories: { \(key): \(directory) }\n", "6:\(column): \(message)", hint: hint).expect()
        }
    }

    @Test func `keeps one service's data out of another's`() {
        Refusal.after(
            "directories: { zookeeper: /var/lib/pgha/pg2/postgresql/zk }\n",
            "6:27: \"directories.zookeeper\" is in the data of pg2", hint: "of its own"
        ).expect()
    }
}
