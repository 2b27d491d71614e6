import ClusterModel
import Testing

@Suite struct KeyRefusalTests {
    @Test(arguments: [
        Refusal.after(
            "patroni:\n  loop_weit: 5\n", "7:3: there is no key \"loop_weit\" in \"patroni\"",
            hint: "Did you mean \"loop_wait\"?"),
        Refusal.after(
            "patroni: { loop-wait: 5 }\n", "6:12: there is no key \"loop-wait\" in \"patroni\"", hint: "loop_wait\"?"),
        Refusal.after("postgres: {}\n", "6:1: there is no key \"postgres\"", hint: "Did you mean \"postgresql\"?"),
        Refusal.after("ttl: 30\n", "6:1: there is no key \"ttl\"", hint: "It belongs in \"patroni\"."),
        Refusal.after("foo: 1\n", "6:1: there is no key \"foo\"", hint: "Keys here are name, scope, hosts, ports,"),
        Refusal.after(
            "ports:\n  5432: x\n", "7:3: there is no key \"5432\" in \"ports\"", hint: "Keys here are read_write,"),
        Refusal.after(
            "versions: { patrony: pinned }\n", "6:13: there is no key \"patrony\" in \"versions\"", hint: "\"patroni\"?"
        ),
        Refusal.after(
            "haproxy: { max_conn: 1 }\n", "6:12: there is no key \"max_conn\" in \"haproxy\"", hint: "max_connections"),
        Refusal.after(
            "directories: { pgdata: /x }\n", "6:16: there is no key \"pgdata\" in \"directories\"", hint: "\"data\"?"),
        Refusal.after(
            "zookeeper: { tickTime: 1 }\n", "6:14: there is no key \"tickTime\" in \"zookeeper\"",
            hint: "\"tick_time\"?"),
        Refusal.after(
            "postgresql: { hba: [] }\n", "6:15: there is no key \"hba\" in \"postgresql\"",
            hint: "parameters and pg_hba"),
        Refusal(
            "name: demo\nhosts:\n  a: { adress: 192.0.2.1, roles: [pg1] }\n",
            "3:8: there is no key \"adress\" in \"hosts.a\"", hint: "Did you mean \"address\"?"),
        Refusal(
            "name: demo\nhosts:\n  a:\n    address: 192.0.2.1\n    roles:\n      pg1: { port: 1 }\n",
            "6:14: there is no key \"port\" in \"hosts.a.roles.pg1\"", hint: "services, postgres_port and"),
        Refusal("hosts: { pg1: 192.0.2.1 }\n", "1:1: \"name\" is missing", hint: "The cluster's name"),
        Refusal("name: demo\n", "1:1: \"hosts\" is missing", hint: "names to addresses"),
        Refusal("name: demo\nhosts:\n  a:\n    roles: [pg1]\n", "3:3: \"hosts.a.address\" is missing"),
    ])
    func `knows the keys of every level`(_ refusal: Refusal) {
        refusal.expect()
    }

    @Test(arguments: [
        Refusal.after(
            "patroni:\n  ttl: soon\n", "7:8: \"patroni.ttl\" must be a whole number, not text", hint: "without quotes"),
        Refusal.after(
            "patroni: { ttl: \"30\" }\n", "6:17: \"patroni.ttl\" must be a whole number, not text",
            hint: "without quotes"),
        Refusal.after(
            "patroni: { ttl: 30s }\n", "6:17: \"patroni.ttl\" must be a whole number, not text", hint: "without"),
        Refusal.after(
            "patroni: { ttl: 3.5 }\n", "6:17: \"patroni.ttl\" must be a whole number, not \"3.5\"", hint: "digits"),
        Refusal.after("patroni: { ttl: 0x1E }\n", "6:17: \"patroni.ttl\" must be a whole number, not \"0x1E\""),
        Refusal.after("patroni: { ttl: 030 }\n", "6:17: \"patroni.ttl\" must be a whole number, not \"030\""),
        Refusal.after("patroni: { ttl: on }\n", "6:17: \"patroni.ttl\" must be a whole number, not true or false"),
        Refusal.after(
            "patroni:\n  ttl:\n  loop_wait: 5\n", "7:3: \"patroni.ttl\" has no value", hint: "or remove the line"),
        Refusal.after("patroni:\n  ttl: [1]\n", "7:8: \"patroni.ttl\" must be a whole number, not a list"),
        Refusal.after("patroni: 30\n", "6:10: \"patroni\" must be a map, not a number", hint: "indented by two spaces"),
        Refusal.after("patroni: [ttl]\n", "6:10: \"patroni\" must be a map, not a list"),
        Refusal.after(
            "patroni: { failsafe_mode: 1 }\n", "6:27: \"patroni.failsafe_mode\" must be true or false, not a number"),
        Refusal.after(
            "haproxy: { statistics_open: \"no\" }\n",
            "6:29: \"haproxy.statistics_open\" must be true or false, not text"),
        Refusal.after("scope: 2024\n", "6:8: \"scope\" must be a scope, not a number", hint: "put it in quotes"),
        Refusal.after(
            "postgresql: { pg_hba: local all all peer }\n", "6:23: \"postgresql.pg_hba\" must be a list, not text",
            hint: "[one, two]"),
        Refusal.after(
            "postgresql: { pg_hba: [[a]] }\n", "6:24: \"postgresql.pg_hba\" must be a line of pg_hba.conf, not a list"),
        Refusal.after(
            "postgresql: { parameters: { jit: [1] } }\n",
            "6:34: \"postgresql.parameters.jit\" must be text, a number, or true or false, not a list"),
        Refusal.after("postgresql: { parameters: { jit: } }\n", "6:29: \"postgresql.parameters.jit\" has no value"),
        Refusal("name:\nhosts: { pg1: 192.0.2.1 }\n", "1:1: \"name\" has no value", hint: "The cluster's name"),
        Refusal("name: demo\nhosts:\n", "2:1: \"hosts\" has no value", hint: "names to addresses"),
        Refusal("name: demo\nhosts: [pg1]\n", "2:8: \"hosts\" must be a map, not a list"),
        Refusal("name: demo\nhosts: {}\n", "2:1: there is no host", hint: "pg1: 192.0.2.11"),
        Refusal("name: demo\nhosts: { pg1: }\n", "2:10: \"hosts.pg1\" has no value"),
    ])
    func `says what kind of value is wanted`(_ refusal: Refusal) {
        refusal.expect()
    }

    @Test(arguments: [
        Refusal.after("patroni: { ttl: 2 }\n", "6:17: \"patroni.ttl\" must be from 3 to 86400, not \"2\""),
        Refusal.after("patroni: { ttl: -30 }\n", "6:17: \"patroni.ttl\" must be from 3 to 86400, not \"-30\""),
        Refusal.after(
            "patroni: { ttl: 99999999999999999999 }\n",
            "6:17: \"patroni.ttl\" must be from 3 to 86400, not \"99999999999999999999\""),
        Refusal.after(
            "ports: { read_write: 65536 }\n", "6:22: \"ports.read_write\" must be from 1 to 65535, not \"65536\""),
        Refusal.after("ports: { zookeeper: 80 }\n", "6:21: \"ports.zookeeper\" must be from 1024 to 65535, not \"80\""),
        Refusal.after(
            "versions: { postgresql: 9 }\n", "6:25: \"versions.postgresql\" must be from 13 to 18, not \"9\""),
        Refusal.after(
            "patroni: { maximum_lag_on_failover: 1mb }\n",
            "6:37: \"patroni.maximum_lag_on_failover\" must be a number of bytes or a size such as 16MB, not \"1mb\"",
            hint: "kB, MB and GB"),
        Refusal.after(
            "patroni: { maximum_lag_on_failover: 9000000000GB }\n",
            "6:37: \"patroni.maximum_lag_on_failover\" must be from 0 to 1125899906842624, not \"9000000000GB\""),
        Refusal.after(
            "versions: { patroni: 4.0.0 }\n", "6:22: there is no Patroni version \"4.0.0\"",
            hint: "pinned, which is 4.1.5, or distribution"),
        Refusal.after(
            "durability: sync\n", "6:13: there is no durability \"sync\"",
            hint: "synchronous, asynchronous, strict or quorum"),
        Refusal.after(
            "durability: synchronus\n", "6:13: there is no durability \"synchronus\"",
            hint: "Did you mean \"synchronous\"?"),
        Refusal.after(
            "durability: off\n",
            "6:13: \"durability\" must be synchronous, asynchronous, strict or quorum, not true or false"),
        Refusal.after("profile: fast\n", "6:10: there is no profile \"fast\"", hint: "standard or reference"),
        Refusal.after("scope: my cluster\n", "6:8: \"my cluster\" is not a scope", hint: "underscores"),
        Refusal.after("scope: \"\"\n", "6:8: this is not a scope"),
        Refusal("name: Demo\nhosts: { pg1: 192.0.2.1 }\n", "1:7: \"Demo\" is not a cluster name", hint: "lower-case"),
        Refusal(
            "name: \(String(repeating: "a", count: 64))\nhosts: { pg1: 192.0.2.1 }\n",
            "1:7: \"\(String(repeating: "a", count: 60))…\" is not a cluster name", hint: "1 to 63"),
        Refusal(
            "name: demo\nhosts: { 1st: 192.0.2.1 }\n", "2:10: \"1st\" is not a host name",
            hint: "beginning with a letter"),
    ])
    func `says which values are possible`(_ refusal: Refusal) {
        refusal.expect()
    }
}
