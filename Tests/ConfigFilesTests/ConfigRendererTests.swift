import ClusterModel
import ConfigFiles
import Testing
import UnitFiles

@Suite struct ConfigRendererTests {
    private func files(_ layout: Layout, host index: Int = 0) -> [RenderedFile] {
        ConfigRenderer.files(for: layout.cluster.hosts[index], of: layout.cluster, secrets: Layout.secrets)
    }

    private func contents(_ layout: Layout, _ suffix: String, host index: Int = 0) throws -> String {
        try #require(files(layout, host: index).first { $0.path.hasSuffix(suffix) }).contents
    }

    @Test(arguments: Layout.allCases)
    func `names every path once`(layout: Layout) {
        for host in layout.cluster.hosts.indices {
            let paths = files(layout, host: host).map(\.path)
            #expect(Set(paths).count == paths.count)
            #expect(paths.allSatisfy { $0.hasPrefix("/") })
        }
    }

    @Test(arguments: Layout.allCases)
    func `keeps passwords out of files that anyone can read`(layout: Layout) {
        for host in layout.cluster.hosts.indices {
            for file in files(layout, host: host) where file.contents.contains("Fake") {
                #expect(file.mode & 0o007 == 0, "\(file.path)")
            }
        }
    }

    @Test func `renders some roles as it would render all of them`() {
        let cluster = Layout.oneHost.cluster
        let all = files(.oneHost)
        let some = ConfigRenderer.files(
            forRoles: [.member(2), .member(7)], on: cluster.hosts[0], of: cluster, secrets: Layout.secrets)
        #expect(some.allSatisfy(all.contains))
        #expect(some.contains { $0.path == "/etc/pgha/pg2/patroni.yml" })
        #expect(!some.contains { $0.path.contains("pg1") || $0.path.contains("haproxy") })
    }

    @Test func `orders the services of different roles on one host`() throws {
        let patroni = try contents(.oneHost, "/pgha-patroni@pg1.service.d/10-cluster.conf")
        let haproxy = try contents(.oneHost, "/pgha-haproxy@haproxy.service.d/10-cluster.conf")
        #expect(patroni.contains("\nAfter=pgha-zookeeper@zookeeper.service\n"))
        #expect(
            haproxy.contains("\nAfter=pgha-patroni@pg1.service pgha-patroni@pg2.service pgha-patroni@pg3.service\n"))
        #expect(!patroni.contains("Requires="))
    }

    @Test func `needs no drop-in where the template fits`() {
        #expect(!files(.threeHosts).contains { $0.path.hasSuffix(".conf") && $0.path.contains("service.d/") })
    }

    @Test func `runs the distribution's Patroni by a drop-in`() throws {
        let text = try contents(.distribution, "/pgha-patroni@pg1.service.d/10-cluster.conf")
        #expect(text.hasSuffix("[Service]\nExecStart=\nExecStart=/usr/bin/patroni /etc/pgha/%i/patroni.yml\n"))
    }

    @Test func `lets a single ZooKeeper stand alone and without a password`() throws {
        let zoo = try contents(.fiveRoles, "/zoo.cfg", host: 3)
        #expect(!zoo.contains("server.") && !zoo.contains("quorum."))
        #expect(!files(.fiveRoles, host: 3).contains { $0.path.hasSuffix("jaas.conf") || $0.path.hasSuffix("myid") })
    }

    @Test func `numbers the ZooKeeper servers alike on every host`() throws {
        for host in 0..<3 {
            #expect(try contents(.threeHosts, "/zoo.cfg", host: host).contains("\nserver.2=192.0.2.12:2888:3888\n"))
            #expect(try contents(.threeHosts, "/myid", host: host) == "\(host + 1)\n")
        }
    }

    @Test func `starts HAProxy with every server down, except in the reference profile`() throws {
        let state = try contents(.threeHosts, "/haproxy.state")
        let servers = state.split(separator: "\n").dropFirst(2).map { $0.split(separator: " ") }
        #expect(servers.count == 6)
        #expect(servers.allSatisfy { $0.count == 25 && $0[5] == "0" })
        #expect(try contents(.threeHosts, "/haproxy.cfg").contains("server-state-file /etc/pgha/pg1/haproxy.state"))
        #expect(!(try contents(.reference, "/haproxy.cfg").contains("state-file")))
        #expect(!files(.reference).contains { $0.path.hasSuffix("/haproxy.state") })
    }

    @Test func `checks at the pace of the profile`() throws {
        #expect(
            try contents(.reference, "/haproxy.cfg")
                .contains("default-server inter 3s fall 3 rise 2 on-marked-down shutdown-sessions\n"))
        #expect(try contents(.threeHosts, "/haproxy.cfg").contains("downinter 500ms"))
    }

    @Test func `carries the unit files`() {
        #expect(UnitFiles.all.map(\.name).contains("pgha-patroni@.service"))
        #expect(UnitFiles.all.allSatisfy { $0.contents.contains("[Unit]") })
    }
}
