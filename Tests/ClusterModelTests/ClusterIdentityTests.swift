import ClusterModel
import Testing

@Suite struct ClusterIdentityTests {
    private static func cluster(_ file: ValidFile = .everything) throws -> Cluster { try file.load() }

    @Test func `finds the host by any of its addresses`() throws {
        let cluster = try Self.cluster()
        #expect(try cluster.host(withAnyAddress: ["10.0.0.1", "192.0.2.20"], roles: []).name == "solo")
        #expect(try cluster.host(withAnyAddress: ["2001:DB8:0::5"], roles: []).name == "other")
    }

    @Test func `finds the host by its roles`() throws {
        let cluster = try Self.cluster()
        let host = try cluster.host(withAnyAddress: ["192.0.2.20"], roles: [.haproxy, .member(2)])
        #expect(host == cluster.hosts[1])
    }

    @Test func `takes the one host on loopback for this one`() throws {
        let cluster = try ClusterFile.load(Array("name: dev\nhosts: { pg1: 127.0.0.1 }".utf8), file: "cluster.yml")
        #expect(try cluster.host(withAnyAddress: ["192.0.2.1"], roles: []).name == "pg1")
        #expect(try cluster.host(withAnyAddress: [], roles: [.member(1)]).name == "pg1")
    }

    @Test func `says that no host has the role`() throws {
        let cluster = try Self.cluster(.smallest)
        let failure = #expect(throws: NodeFailure.self) { try cluster.host(withAnyAddress: [], roles: [.member(7)]) }
        #expect(failure?.code == .notFound)
        #expect(failure?.message == "no host of the cluster \"demo\" has the role pg7")
        #expect(failure?.hint == "Its roles are pg1, pg2 and pg3.")
    }

    @Test func `says that the role belongs to another host`() throws {
        let cluster = try Self.cluster(.smallest)
        let failure = #expect(throws: NodeFailure.self) {
            try cluster.host(withAnyAddress: ["192.0.2.12", "10.0.0.1"], roles: [.member(1)])
        }
        #expect(failure?.code == .invalidConfiguration)
        #expect(
            failure?.message == "pg1 belongs to host \"pg1\" at 192.0.2.11, which is not an address of this host")
        #expect(failure?.detail == "This host's addresses are 192.0.2.12 and 10.0.0.1.")
        #expect(failure?.hint?.contains("Run this on pg1") == true)
    }

    @Test func `says that the roles belong to two hosts`() throws {
        let cluster = try Self.cluster()
        let failure = #expect(throws: NodeFailure.self) {
            try cluster.host(withAnyAddress: ["192.0.2.11"], roles: [.member(1), .haproxy])
        }
        #expect(failure?.code == .invalidConfiguration)
        #expect(failure?.message == "pg1 and haproxy belong to different hosts")
        #expect(failure?.detail?.contains("haproxy to host \"solo\"") == true)
    }

    @Test func `says that this host is not in the cluster`() throws {
        let cluster = try Self.cluster(.smallest)
        let failure = #expect(throws: NodeFailure.self) { try cluster.host(withAnyAddress: [], roles: []) }
        #expect(failure?.message == "this host is not in the cluster \"demo\"")
        #expect(failure?.detail?.hasPrefix("This host has no address. The cluster's are 192.0.2.11 (pg1),") == true)
        #expect(failure?.hint?.contains("cluster.yml") == true)
    }

    @Test func `asks for the role where one machine has the addresses of two hosts`() throws {
        let cluster = try Self.cluster(.smallest)
        let addresses = ["192.0.2.12", "192.0.2.13"]
        let failure = #expect(throws: NodeFailure.self) { try cluster.host(withAnyAddress: addresses, roles: []) }
        #expect(failure?.message == "this host has the addresses of 2 hosts of the cluster")
        #expect(failure?.hint?.contains("--role pg2") == true)
        #expect(try cluster.host(withAnyAddress: addresses, roles: [.member(3)]).name == "pg3")
    }
}
