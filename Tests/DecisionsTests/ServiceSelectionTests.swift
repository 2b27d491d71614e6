import ClusterModel
import Decisions
import Testing

@Suite struct ServiceSelectionTests {
    private let cluster = Cluster(
        name: "shop",
        hosts: (1...3).map { number in
            ClusterHost(
                name: "host\(number)", address: "10.0.0.\(number)",
                roles: [RoleAssignment(role: .member(number), services: [.zookeeper, .patroni, .haproxy])])
        })

    private func units(_ names: [String], all: Bool = false) throws(NodeFailure) -> [String] {
        try ServiceSelection.services(named: names, all: all, on: cluster.hosts[0], of: cluster).map(\.unit.text)
    }

    @Test(arguments: [
        (["pg1"], ["pgha-patroni@pg1.service"]),
        (["zookeeper"], ["pgha-zookeeper@pg1.service"]),
        (["patroni"], ["pgha-patroni@pg1.service"]),
        (
            ["haproxy", "pg1", "zookeeper", "pg1"],
            ["pgha-zookeeper@pg1.service", "pgha-patroni@pg1.service", "pgha-haproxy@pg1.service"]
        ),
    ])
    func `takes a role for what its container would be, and gives start order`(names: [String], wanted: [String])
        throws
    {
        #expect(try units(names) == wanted)
    }

    @Test func `takes all services of the host in start order`() throws {
        #expect(
            try units([], all: true) == [
                "pgha-zookeeper@pg1.service", "pgha-patroni@pg1.service", "pgha-haproxy@pg1.service",
            ])
    }

    @Test func `knows the five roles on one host by their own names`() throws {
        let members = (1...3).map { RoleAssignment(role: .member($0), services: [.patroni]) }
        let others = [
            RoleAssignment(role: .zookeeper, services: [.zookeeper]),
            RoleAssignment(role: .haproxy, services: [.haproxy]),
        ]
        let cluster = Cluster(
            name: "shop", hosts: [ClusterHost(name: "solo", address: "10.0.0.1", roles: members + others)])

        let units = try ServiceSelection.services(
            named: ["haproxy", "pg2", "zookeeper"], all: false, on: cluster.hosts[0], of: cluster)

        #expect(
            units == [
                PlacedService(.zookeeper, of: .zookeeper), PlacedService(.patroni, of: .member(2)),
                PlacedService(.haproxy, of: .haproxy),
            ])
    }

    @Test func `says which host has it`() {
        let failure = #expect(throws: NodeFailure.self) { try units(["pg2"]) }
        #expect(failure?.code == .notFound)
        #expect(failure?.message == "\"pg2\" is not on this host")
        #expect(failure?.detail == "It is on host \"host2\" (10.0.0.2); this one is \"host1\".")
    }

    @Test func `suggests the nearest name`() {
        let failure = #expect(throws: NodeFailure.self) { try units(["pg1", "haprxy"]) }
        #expect(failure?.code == .notFound)
        #expect(failure?.message == "there is no \"haprxy\" in the cluster \"shop\"")
        #expect(
            failure?.hint
                == "Did you mean \"haproxy\"? On this host there are \"pg1\", \"zookeeper\", \"patroni\", \"haproxy\".")
    }

    @Test func `wants a name`() {
        let failure = #expect(throws: NodeFailure.self) { try units([]) }
        #expect(failure?.code == .usage)
    }

    @Test(arguments: [
        (["agent"], 0, true), (["agent", "pg1"], 1, true), (["pg1"], 1, false), (["agent", "agent"], 0, true),
    ])
    func `knows the agent beside the services`(names: [String], services: Int, agent: Bool) throws {
        let found = try ServiceSelection.selection(named: names, all: false, on: cluster.hosts[0], of: cluster)
        #expect(found.placed.count == services)
        #expect(found.includesAgent == agent)
    }

    @Test func `means the agent too by all, and still wants a name`() throws {
        let all = try ServiceSelection.selection(named: [], all: true, on: cluster.hosts[0], of: cluster)
        #expect(all.placed.count == 3)
        #expect(all.includesAgent)
        let failure = #expect(throws: NodeFailure.self) {
            try ServiceSelection.selection(named: [], all: false, on: cluster.hosts[0], of: cluster)
        }
        #expect(failure?.code == .usage)
    }
}
