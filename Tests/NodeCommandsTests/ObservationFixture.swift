import ArgumentParser
import ClusterModel
import Decisions
import HostFakes
import HostPorts
import Testing

@testable import NodeCommands

/// The first of three hosts, with all services running.
struct ObservationFixture: Sendable {
    static let patroni = "pgha-patroni@pg1.service"
    static let haproxy = "pgha-haproxy@pg1.service"
    static let psql = "/usr/lib/postgresql/15/bin/psql"

    let fake = FakeMachine()

    init() {
        let hosts = (1...3).map { "  pg\($0): 10.0.0.\($0)\n" }.joined()
        fake.files.put("/etc/pgha/cluster.yml", "name: shop\nhosts:\n\(hosts)")
        let names = ["superuser", "replication", "rewind", "rest_api", "zookeeper"]
        let secrets = names.map { "\($0): secret-of-\($0)-0123456789\n" }.joined()
        fake.files.put("/etc/pgha/secrets/secrets.yml", secrets, mode: 0o600)
        fake.files.put(Self.psql, "", mode: 0o755)
        fake.files.put("/proc/246/environ", "USER=postgres\0INVOCATION_ID=1\0PATH=/usr/bin\0")
        fake.files.put("/proc/246/status", "Umask:\t0077\nUid:\t1\t102\t1\t1\nGid:\t1\t104\t1\t1\nGroups:\t104 105\n")
        fake.files.put("/proc/246/cmdline", "/usr/bin/patroni\0/etc/pgha/pg1/patroni.yml\0")
        set()
    }

    func set(active: String = "active", freezer: String = "running") {
        fake.services.set(
            Self.patroni,
            UnitState(load: "loaded", active: active, sub: "running", freezer: freezer, mainPID: 246))
        var details = UnitDetails()
        details.load = "loaded"
        details.active = active
        details.freezer = freezer
        details.mainPID = 246
        details.user = "postgres"
        fake.units.set(Self.patroni, details)
    }

    func setMembers(leader: String, streaming: [String]) {
        let members =
            [PatroniMember(name: leader, role: "leader", state: "running")]
            + streaming.map { PatroniMember(name: $0, role: "replica", state: "streaming") }
        fake.patroni.set("10.0.0.1", 8008, PatroniStatus(state: "running", role: "replica"), members: members)
    }

    func parse<Verb>(_ type: Verb.Type, _ words: String...) throws -> Verb {
        try #require(try PghaNodeCommand.parseAsRoot(words) as? Verb)
    }
}
