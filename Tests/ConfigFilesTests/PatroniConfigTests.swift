import ClusterModel
import ConfigFiles
import Testing
import Yams

@Suite struct PatroniConfigTests {
    private func document(_ layout: Layout, host index: Int = 0) throws -> Node {
        try document(layout.cluster, host: index)
    }

    private func document(_ cluster: Cluster, host index: Int = 0, secrets: Secrets = Layout.secrets) throws -> Node {
        let files = ConfigRenderer.files(for: cluster.hosts[index], of: cluster, secrets: secrets)
        let file = try #require(files.first { $0.path.hasSuffix("/patroni.yml") })
        return try #require(try Yams.compose(yaml: file.contents))
    }

    @Test(arguments: Layout.allCases)
    func `is YAML with the member's own name and ports`(layout: Layout) throws {
        let document = try document(layout)
        let postgres = try #require(document["postgresql"])
        #expect(document["name"]?.string == "pg1")
        #expect(document["scope"]?.string == "pg_cluster")
        #expect(postgres["connect_address"]?.string?.hasSuffix(":5433") == true)
        #expect(document["restapi"]?["listen"]?.string?.hasSuffix(":8008") == true)
        #expect(postgres["authentication"]?["superuser"]?["password"]?.string == "FakeSuperuserSecret")
        #expect(postgres["authentication"]?["replication"]?["username"]?.string == "replicator")
        #expect(postgres["authentication"]?["rewind"]?["username"]?.string == "rewind")
    }

    @Test(arguments: [
        (Durability.synchronous, "true", false), (.strict, "true", true), (.asynchronous, "false", false),
        (.quorum, "quorum", false),
    ])
    func `maps durability to Patroni's words`(durability: Durability, mode: String, isStrict: Bool) throws {
        var cluster = Layout.threeHosts.cluster
        cluster.durability = durability
        let dcs = try #require(try document(cluster)["bootstrap"]?["dcs"])
        #expect(dcs["synchronous_mode"]?.scalar?.string == mode)
        #expect(dcs["synchronous_mode_strict"]?.bool == isStrict)
    }

    @Test func `gives each parameter to the place where Patroni heeds it`() throws {
        let document = try document(.threeHosts)
        let shared = try #require(document["bootstrap"]?["dcs"]?["postgresql"]?["parameters"]?.mapping)
        let local = try #require(document["postgresql"]?["parameters"]?.mapping)
        #expect(shared.keys.map(\.string) == ["max_connections"])
        #expect(local["shared_buffers"]?.string == "256MB")
        #expect(local["log_line_prefix"]?.string == "%m [%p] \"%a\" ")
        #expect(local["max_connections"] == nil)
        #expect(local["password_encryption"]?.string == "scram-sha-256")
    }

    @Test func `opens pg_hba to the addresses of the cluster only, after the user's lines`() throws {
        let lines = try #require(try document(.fiveRoles)["postgresql"]?["pg_hba"]?.array().compactMap(\.string))
        #expect(lines[0] == "local all postgres peer")
        #expect(lines.filter { $0.contains("192.0.2.21/32") } == ["host all all 192.0.2.21/32 scram-sha-256"])
        #expect(!lines.contains { $0.contains("trust") || $0.contains("0.0.0.0") || $0.contains(" all all all ") })

        let opened = try #require(try document(.threeHosts)["postgresql"]?["pg_hba"]?.array().compactMap(\.string))
        #expect(opened[0] == "hostssl shop shop 198.51.100.0/24 scram-sha-256")
    }

    @Test func `quotes what YAML would read as something else`() throws {
        let odd = [
            "yes", "1e3", "# no comment", "a: b", "tab\tand \"quotes\" and \\", "- x", "", "line\nbreak", "ä\u{7f}",
        ]
        for text in odd {
            var cluster = Layout.threeHosts.cluster
            cluster.postgres.parameters = [ConfigParameter(name: "pg_stat_statements.track", value: text)]
            let parameters = try document(cluster)["postgresql"]?["parameters"]
            #expect(parameters?["pg_stat_statements.track"]?.string == text)
            #expect(parameters?["pg_stat_statements.track"]?.tag.description == "tag:yaml.org,2002:str")
        }
    }

    @Test func `writes the same dynamic configuration as JSON and as YAML`() throws {
        for layout in Layout.allCases {
            let json = try Yams.compose(yaml: ConfigRenderer.dynamicConfiguration(of: layout.cluster))
            #expect(try json == document(layout)["bootstrap"]?["dcs"])
        }
    }
}
