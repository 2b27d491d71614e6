import ClusterModel
import ConfigFiles
import GoldenFiles
import Testing

@Suite struct ComposeConfigTests {
    @Test(arguments: [Layout.threeHosts, .fiveRoles, .oneHost])
    func `any layout becomes five containers with one role each, at the addresses of the compose file`(
        layout: Layout
    ) {
        let composed = layout.cluster.composed()
        #expect(composed.hosts.map(\.name) == ["pg1", "pg2", "pg3", "zookeeper", "haproxy"])
        #expect(composed.hosts.allSatisfy { $0.roles.count == 1 && $0.address.hasPrefix("172.28.80.") })
        #expect(composed.ports == ClusterPorts())
        #expect(composed.postgres.parameters == layout.cluster.postgres.parameters)
        #expect(composed.durability == layout.cluster.durability)
    }

    @Test func `what is composed already stays the same but for the lines of pg_hba`() {
        let once = Layout.threeHosts.cluster.composed()
        #expect(once.composed().hosts == once.hosts)
    }

    @Test func `passwords are only in files that others cannot read`() {
        let secrets = Layout.secrets
        let all = [secrets.superuser, secrets.replication, secrets.rewind, secrets.restAPI, secrets.zookeeper]
        for file in ComposeConfig.files(of: Layout.threeHosts.cluster, secrets: secrets)
        where all.contains(where: { file.contents.contains($0) }) {
            #expect(file.mode & 0o077 == 0, "\(file.path)")
        }
    }

    @Test func `renders the files that were reviewed, and no units`() throws {
        let files = ComposeConfig.files(of: Layout.threeHosts.cluster, secrets: Layout.secrets)
        let list = files.map { "\(String($0.mode, radix: 8)) \($0.path)\n" }.joined()
        try Golden.expect(list, named: "compose/files.txt")
        for path in ["pg1/patroni.yml", "zookeeper/zoo.cfg", "haproxy/haproxy.cfg", "client/pg_service.conf"] {
            let file = try #require(files.first { $0.path == path })
            try Golden.expect(file.contents, named: "compose/\(path)")
        }
    }

    @Test func `the containers are told where the distribution's Patroni is wanted`() {
        let paths = ComposeConfig.files(of: Layout.distribution.cluster, secrets: Layout.secrets).map(\.path)
        #expect(paths.contains("pg1/patroni-source"))
    }
}
