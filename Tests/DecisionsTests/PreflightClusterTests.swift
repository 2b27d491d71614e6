import ClusterModel
import Decisions
import Testing

@Suite struct PreflightClusterTests {
    private var fixture = PreflightFixture()

    private mutating func seeMember(_ name: String, at host: String?, state: String) {
        fixture.facts.peers[0].members[0].sees.append(.init(name: name, host: host, state: state))
    }

    @Test(arguments: ["running", "streaming"])
    mutating func `stops where another host has the role and is alive`(state: String) throws {
        seeMember("pg1", at: "10.0.0.9", state: state)

        let finding = try fixture.finding(.roleClaimed)
        #expect(finding.verdict == .failed)
        #expect(finding.finding == "pg1 is alive on 10.0.0.9 already")
    }

    @Test mutating func `stops where another host itself says that it is this member`() throws {
        fixture.facts.peers[1].members[0].name = "pg1"

        #expect(try fixture.finding(.roleClaimed).finding == "pg1 is alive on 10.0.0.3 already")
    }

    @Test mutating func `does not mind itself, the dead and the unknown in the list of members`() throws {
        seeMember("pg1", at: "10.0.0.1", state: "running")
        seeMember("pg1", at: "10.0.0.9", state: "stopped")
        seeMember("pg1", at: nil, state: "running")
        seeMember("pg2", at: "10.0.0.2", state: "running")

        #expect(
            try fixture.finding(.roleClaimed)
                == PreflightFinding(.roleClaimed, .ok, "no other host runs pg1"))
    }

    @Test mutating func `knows its own other addresses`() throws {
        fixture.facts.localAddresses.append("192.168.0.1")
        seeMember("pg1", at: "192.168.0.1", state: "running")

        #expect(try fixture.finding(.roleClaimed).verdict == .ok)
    }

    @Test mutating func `has no claim to check for a host without members`() throws {
        fixture.host.roles = [RoleAssignment(role: .haproxy, services: [.haproxy])]

        #expect(try fixture.finding(.roleClaimed).finding == "this host has no member role")
    }

    @Test mutating func `stops where a peer belongs to another cluster`() throws {
        fixture.facts.peers[1].members[0].scope = "billing"

        let finding = try fixture.finding(.sameCluster)
        #expect(finding.verdict == .failed)
        #expect(finding.finding == "host3 belongs to \"billing\", and this is \"pg_cluster\"")
    }

    @Test mutating func `stops before data of another database system and says where it is`() throws {
        fixture.facts.dataDirectories[0].systemIdentifier = "1"

        let finding = try fixture.finding(.systemIdentifier)
        #expect(finding.verdict == .failed)
        #expect(
            finding.finding == "the data in /var/lib/pgha/pg1/postgresql is another database system: 1, "
                + "and host2 has 7000000000000000001")
        #expect(finding.hint?.contains("Nothing was touched. Look at /var/lib/pgha/pg1/postgresql") == true)
    }

    @Test mutating func `compares the members of one host among themselves`() throws {
        fixture.facts.peers = []
        var second = PreflightFacts.DataDirectory(role: .member(2), service: .patroni, path: "/pg2", isEmpty: false)
        second.systemIdentifier = "2"
        fixture.facts.dataDirectories.append(second)

        #expect(try fixture.finding(.systemIdentifier).verdict == .failed)
    }

    @Test mutating func `skips the comparison while there is no data`() throws {
        fixture.facts.dataDirectories = []
        #expect(try fixture.finding(.systemIdentifier).finding == "there is no PostgreSQL data here yet")

        fixture = PreflightFixture()
        fixture.facts.dataDirectories[0].systemIdentifier = nil
        #expect(
            try fixture.finding(.systemIdentifier).finding == "pg_controldata could not read the data directory")
    }

    @Test mutating func `skips what only a peer could tell`() throws {
        for index in fixture.facts.peers.indices { fixture.facts.peers[index].members = [] }

        for check in [PreflightCheck.roleClaimed, .sameCluster, .systemIdentifier] {
            #expect(try fixture.finding(check) == PreflightFinding(check, .skipped, "no peer answers yet"))
        }
    }
}
