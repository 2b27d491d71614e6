import ClusterModel
import Testing

@Suite struct HostRefusalTests {
    private static func host(_ text: String) -> String { "name: demo\nhosts:\n\(text)\n" }

    @Test(arguments: [
        ("192.0.2.256", "\"192.0.2.256\" is not an IP address", "IPv4 address such as"),
        ("db1.example.com", "\"db1.example.com\" is not an IP address", "must not depend on a name server"),
        ("192.0.2.1/24", "\"192.0.2.1/24\" is not an IP address", "without the length of the network"),
        ("\"192.0.2.1:5432\"", "\"192.0.2.1:5432\" is not an IP address", "ports have keys of their own"),
        ("\"[2001:db8::5]\"", "\"[2001:db8::5]\" is not an IP address", "without brackets"),
        ("192.0.2.011", "\"192.0.2.011\" is not an IP address", ""),
        ("fe80::1%eth0", "\"fe80::1%eth0\" is not an IP address", "link-local"),
        ("fe80::1", "\"fe80::1\" is a link-local address", "unique local"),
        ("169.254.1.1", "\"169.254.1.1\" is a link-local address", "by which the other hosts reach this one"),
        ("224.0.0.1", "\"224.0.0.1\" is a multicast address", ""),
        ("ff02::1", "\"ff02::1\" is a multicast address", ""),
        ("0.0.0.0", "\"0.0.0.0\" is not the address of a host", ""),
        ("\"::\"", "\"::\" is not the address of a host", ""),
        ("255.255.255.255", "\"255.255.255.255\" is a reserved address", ""),
        ("\"::ffff:192.0.2.1\"", "\"::ffff:192.0.2.1\" is an IPv4 address in the form of IPv6", "Write it as IPv4."),
        ("\"192.0.2.1\\0\"", "\"192.0.2.1<U+0000>\" is not an IP address", ""),
        ("\"\"", "\"\" is not an IP address", ""),
    ])
    func `takes addresses of hosts only`(address: String, message: String, hint: String) {
        Refusal(Self.host("  pg1: \(address)"), "3:8: \(message)", hint: hint).expect()
        Refusal(Self.host("  a: { address: \(address), roles: [pg1] }"), "3:17: \(message)", hint: hint).expect()
    }

    @Test(arguments: [
        Refusal(
            host("  pg1: 127.0.0.1\n  pg2: 192.0.2.2"),
            "3:8: \"127.0.0.1\" is a loopback address, and the cluster has 2 hosts", hint: "the other hosts reach"),
        Refusal(
            host("  pg1: 192.0.2.1\n  pg2: { address: \"::1\" }"),
            "4:19: \"::1\" is a loopback address, and the cluster has 2 hosts"),
        Refusal(
            host("  pg1: 2001:db8::1\n  pg2: 2001:DB8:0:0::1"),
            "4:8: the hosts \"pg1\" and \"pg2\" have the same address", hint: "Put the roles of both on one host"),
        Refusal(
            host("  pg1: 192.0.2.1\n  b:\n    roles: [pg2]\n    address: 192.0.2.1"),
            "6:14: the hosts \"pg1\" and \"b\" have the same address"),
    ])
    func `takes each address once, and loopback only alone`(_ refusal: Refusal) {
        refusal.expect()
    }

    @Test(arguments: [
        Refusal(host("  db1: 192.0.2.1"), "3:3: the host \"db1\" has no roles", hint: "roles: [pg1]"),
        Refusal(host("  db1: { address: 192.0.2.1 }"), "3:3: the host \"db1\" has no roles"),
        Refusal(
            host("  pg1: { address: 192.0.2.1, roles: [] }"), "3:37: the host \"pg1\" has no roles", hint: "to pg9"),
        Refusal(
            host("  a: { address: 192.0.2.1, roles: [pg0] }"), "3:36: there is no role \"pg0\"", hint: "pg1 to pg9"),
        Refusal(host("  a: { address: 192.0.2.1, roles: [pg10] }"), "3:36: there is no role \"pg10\""),
        Refusal(host("  a: { address: 192.0.2.1, roles: { zookeper: } }"), "3:37: there is no role \"zookeper\""),
        Refusal(
            host("  a: { address: 192.0.2.1, roles: [zookeper] }"), "3:36: there is no role \"zookeper\"",
            hint: "Did you mean \"zookeeper\"?"),
        Refusal(
            host("  a: { address: 192.0.2.1, roles: pg1 }"),
            "3:35: \"hosts.a.roles\" must be a list or a map, not text"),
        Refusal(
            host("  pg1: 192.0.2.1\n  b: { address: 192.0.2.2, roles: [pg2, pg1] }"),
            "4:41: the role pg1 is held by two hosts, \"pg1\" and \"b\"", hint: "held once"),
        Refusal(
            host("  b: { address: 192.0.2.2, roles: [pg2] }\n  pg2: 192.0.2.1"),
            "4:3: the role pg2 is held by two hosts, \"b\" and \"pg2\""),
        Refusal(
            host("  a: { address: 192.0.2.1, roles: [pg1, pg1] }"), "3:41: the host \"a\" has the role pg1 twice"),
    ])
    func `knows the roles and who holds them`(_ refusal: Refusal) {
        refusal.expect()
    }

    private static func roles(_ text: String) -> String {
        host("  a:\n    address: 192.0.2.1\n    roles:\n      \(text)")
    }

    @Test(arguments: [
        Refusal(
            roles("pg1: { services: [postgres] }"), "6:25: there is no service \"postgres\"",
            hint: "zookeeper, patroni and haproxy"),
        Refusal(roles("pg1: { services: [patronie] }"), "6:25: there is no service \"patronie\"", hint: "\"patroni\"?"),
        Refusal(roles("pg1: { services: [patroni, patroni] }"), "6:34: the service patroni is there twice"),
        Refusal(roles("pg1: { services: [] }"), "6:24: the role pg1 has no service", hint: "to have the default"),
        Refusal(
            roles("zookeeper: { services: [zookeeper, patroni] }"), "6:42: the role zookeeper cannot run patroni",
            hint: "Only pg1 to pg9 run Patroni."),
        Refusal(
            roles("haproxy: { services: [zookeeper] }"), "6:29: the role haproxy cannot run zookeeper",
            hint: "the role zookeeper as well"),
        Refusal(
            roles("haproxy: { postgres_port: 5433 }"), "6:18: haproxy has a \"postgres_port\" and does not run Patroni",
            hint: "Remove the line"),
        Refusal(
            roles("pg1: { patroni_port: 8008, services: [haproxy] }"),
            "6:14: pg1 has a \"patroni_port\" and does not run Patroni"),
        Refusal(
            roles("pg1: { postgres_port: 80 }"),
            "6:29: \"hosts.a.roles.pg1.postgres_port\" must be from 1024 to 65535, not \"80\""),
    ])
    func `knows what a role can run`(_ refusal: Refusal) {
        refusal.expect()
    }

    @Test(arguments: [
        Refusal(
            host("  zookeeper: 192.0.2.1\n  haproxy: 192.0.2.2"), "2:1: the cluster has no database member",
            hint: "the role pg1"),
        Refusal(
            host("  pg1: { address: 192.0.2.1, roles: { pg1: { services: [patroni, haproxy] } } }"),
            "2:1: the cluster has no ZooKeeper", hint: "the role zookeeper"),
        Refusal(
            host("  pg1: { address: 192.0.2.1, roles: { pg1: { services: [patroni, zookeeper] } } }"),
            "2:1: the cluster has no HAProxy", hint: "the role haproxy"),
        Refusal(
            host("  pg1: 192.0.2.1\n  pg2: 192.0.2.2"),
            "2:1: the cluster has 2 ZooKeeper servers, an even number", hint: "Have 1, 3 or 5"),
    ])
    func `demands members, HAProxy and an odd number of ZooKeeper servers`(_ refusal: Refusal) {
        refusal.expect()
    }
}
