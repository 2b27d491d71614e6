import ClusterModel
import Decisions
import HostFakes
import HostPorts
import Testing

@testable import NodeInstaller

@Suite struct FactGathererPeersTests {
    private let fixture = FactGathererFixture()

    @Test func `takes a refusal for a sign of life`() async throws {
        fixture.fake.network.set("10.0.0.2", 2181, .refused)
        fixture.fake.network.set("10.0.0.2", 2888, .timedOut)
        fixture.fake.network.set("10.0.0.3", 8010, .unreachable("no route to host"))

        let facts = try await fixture.gather()

        #expect(facts.peers.map(\.name) == ["host2", "host3"])
        #expect(
            facts.peers[0].probes == [
                .init(port: 2181, .answered), .init(port: 2888, .silent), .init(port: 3888, .answered),
                .init(port: 5434, .answered), .init(port: 8009, .answered),
            ])
        #expect(facts.peers[1].probes.last == .init(port: 8010, .noWay("no route to host")))
    }

    @Test func `asks neither itself nor, once installed, the ports that log it`() async throws {
        try fixture.install()

        _ = try await fixture.gather()

        #expect(
            Set(fixture.fake.network.calls) == [
                "connect 10.0.0.2:2181", "connect 10.0.0.2:5434", "connect 10.0.0.2:8009",
                "connect 10.0.0.3:2181", "connect 10.0.0.3:5435", "connect 10.0.0.3:8010",
            ])
        #expect(fixture.fake.patroni.calls.allSatisfy { !$0.contains("10.0.0.1:") })
    }

    @Test func `reads what a peer's Patroni says`() async throws {
        fixture.startPeer(3, date: 1_800_000_007)

        let facts = try await fixture.gather()

        #expect(facts.peers[0].members == [])
        let member = try #require(facts.peers[1].members.first)
        #expect(member.name == "pg3")
        #expect(member.scope == "pg_cluster")
        #expect(member.systemIdentifier == "7001")
        #expect(member.clockOffset == 7.5)
        #expect(member.sees.first == .init(name: "pg1", host: "10.0.0.1", state: "streaming"))
    }

    @Test func `finds the second host that has this role`() async throws {
        fixture.fake.network.set(addresses: ["10.0.0.4"])
        var fixture = fixture
        fixture.cluster.hosts[0].address = "10.0.0.4"
        fixture.host.address = "10.0.0.4"
        fixture.startPeer(2)

        let finding = try await fixture.judge().first { $0.check == .roleClaimed }
        #expect(finding?.verdict == .failed)
        #expect(finding?.finding == "pg1 is alive on 10.0.0.1 already")
    }

    @Test func `probes the entry point of a host that has nothing else`() async throws {
        var fixture = fixture
        fixture.cluster.hosts[2].roles = [RoleAssignment(role: .haproxy, services: [.haproxy])]

        let facts = try await fixture.gather()

        #expect(facts.peers[1].probes == [.init(port: 5432, .answered)])
        #expect(facts.peers[1].members == [])
    }
}
