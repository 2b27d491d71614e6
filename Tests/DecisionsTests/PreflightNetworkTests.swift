import ClusterModel
import Decisions
import Testing

@Suite struct PreflightNetworkTests {
    private var fixture = PreflightFixture()

    @Test mutating func `names the addresses it has instead of the one it should have`() throws {
        fixture.facts.localAddresses = ["10.0.0.7", "fd00::7"]

        #expect(
            try fixture.finding(.address)
                == PreflightFinding(
                    .address, .failed, "10.0.0.1, the address of host1, is not on any interface of this host",
                    hint: "The addresses here are: 10.0.0.7, fd00::7. Correct cluster.yml, or run this on host1."))
    }

    @Test mutating func `takes a loopback address only where there is one host`() throws {
        fixture.host.address = "127.0.0.1"
        #expect(try fixture.finding(.address).verdict == .failed)

        fixture.cluster.hosts = [fixture.host]
        #expect(try fixture.finding(.address).verdict == .ok)
    }

    @Test func `lists the ports it found free`() throws {
        #expect(
            try fixture.finding(.ports).finding == "free: 2181, 2888, 3888, 5432, 5433, 5442, 7000, 8008, 8108, 8109")
    }

    @Test mutating func `does not mind ports that our own units hold`() throws {
        fixture.facts.listeners = [
            .init(port: 5432, process: "haproxy", controlGroup: "/pgha.slice/pgha-haproxy@pg1.service"),
            .init(port: 22, process: "sshd", controlGroup: "/system.slice/ssh.service"),
        ]

        #expect(
            try fixture.finding(.ports)
                == PreflightFinding(.ports, .ok, "free or ours: 5432 in use by pgha-haproxy@pg1"))
    }

    @Test mutating func `names whoever holds a port`() throws {
        fixture.facts.listeners = [
            .init(port: 5432, process: "haproxy", controlGroup: "/pgha.slice/pgha-haproxy@pg1.service"),
            .init(port: 5432, process: "postgres", controlGroup: "/system.slice/postgresql@15-main.service"),
            .init(port: 2181),
        ]

        let finding = try fixture.finding(.ports)
        #expect(finding.verdict == .failed)
        #expect(
            finding.finding
                == "ports are in use: 2181 by \"an unknown process\", 5432 by \"postgres\" (postgresql@15-main.service)"
        )
    }

    @Test func `is content when the others answer`() throws {
        #expect(try fixture.finding(.peers).finding == "reached host2, host3")
    }

    @Test mutating func `warns of a host that is silent or out of reach`() throws {
        fixture.facts.peers[0].probes = [.init(port: 2888, .silent), .init(port: 3888, .silent)]
        fixture.facts.peers[1].probes = [.init(port: 2888, .noWay("no route to host"))]

        let finding = try fixture.finding(.peers)
        #expect(finding.verdict == .warning)
        #expect(finding.finding == "host2 (10.0.0.2) does not answer; host3 (10.0.0.3): no route to host")
        #expect(finding.hint?.hasPrefix("Either the host is not up yet, or a firewall drops 2888, 3888;") == true)
    }

    @Test mutating func `tells a firewall by the ports that alone are silent`() throws {
        fixture.facts.peers[0].probes = [.init(port: 2181, .answered), .init(port: 2888, .silent)]

        #expect(try fixture.finding(.peers).finding == "host2 (10.0.0.2) answers, but not on 2888")
    }

    @Test mutating func `needs no peers where there is one host`() throws {
        fixture.facts.peers = []

        #expect(try fixture.finding(.peers) == PreflightFinding(.peers, .ok, "there are no other hosts"))
        #expect(try fixture.finding(.clockSkew).finding == "there are no other hosts")
    }

    @Test(arguments: [
        (1.4, PreflightVerdict.ok, "the clocks of 2 other hosts agree with ours"),
        (1.6, .warning, "the clock of host2 is 1.6 s ahead of ours"),
        (-4.9, .warning, "the clock of host2 is 4.9 s behind ours"),
        (-5.0, .failed, "the clock of host2 is 5.0 s behind ours"),
        (120.25, .failed, "the clock of host2 is 120.2 s ahead of ours"),
    ])
    mutating func `compares the clocks`(offset: Double, verdict: PreflightVerdict, text: String) throws {
        fixture.facts.peers[0].members[0].clockOffset = offset

        let finding = try fixture.finding(.clockSkew)
        #expect(finding.verdict == verdict)
        #expect(finding.finding == text)
    }

    @Test mutating func `cannot compare clocks before a peer answers`() throws {
        for index in fixture.facts.peers.indices { fixture.facts.peers[index].members = [] }

        #expect(try fixture.finding(.clockSkew) == PreflightFinding(.clockSkew, .skipped, "no peer answers yet"))
    }
}
