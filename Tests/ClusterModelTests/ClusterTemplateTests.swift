import ClusterModel
import Testing

@Suite struct ClusterTemplateTests {
    private static func load(_ text: String) throws -> Cluster {
        try ClusterFile.load(Array(text.utf8), file: "cluster.yml")
    }

    /// A setting has its `#` next to its name, a remark has a space there.
    private static func uncomment(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            let indentation = line.prefix { $0 == " " }
            let rest = line.dropFirst(indentation.count)
            guard rest.hasPrefix("#"), rest.dropFirst().first?.isLetter == true else { return String(line) }
            return String(indentation + rest.dropFirst())
        }.joined(separator: "\n")
    }

    private static let hosts: [(name: String, address: String, roles: [RoleName]?)] = [
        (name: "pg1", address: "192.0.2.11", roles: nil),
        (name: "solo", address: "2001:db8::", roles: [.member(2), .zookeeper, .haproxy]),
        (name: "pg3", address: "192.0.2.13", roles: [.member(3)]),
    ]

    @Test func `is a cluster of three hosts for example`() throws {
        let text = ClusterTemplate.render(name: "demo", hosts: [])
        #expect(text.hasPrefix("# yaml-language-server: $schema=cluster.schema.json\n"))
        #expect(try Self.load(text) == ValidFile.smallest.load())
    }

    @Test func `has the hosts that it is given`() throws {
        let cluster = try Self.load(ClusterTemplate.render(name: "shop", hosts: Self.hosts))

        #expect(cluster.name == "shop")
        #expect(cluster.hosts.map(\.name) == ["pg1", "solo", "pg3"])
        #expect(cluster.hosts.map(\.address) == ["192.0.2.11", "2001:db8::", "192.0.2.13"])
        #expect(
            cluster.hosts.map { $0.roles.map(\.role) } == [
                [.member(1)], [.member(2), .zookeeper, .haproxy], [.member(3)],
            ])
    }

    @Test func `stays the same cluster when every setting is uncommented`() throws {
        for hosts in [[], Self.hosts] {
            let text = ClusterTemplate.render(name: "demo", hosts: hosts)
            let uncommented = Self.uncomment(text)

            #expect(uncommented.count == text.count - 35)
            #expect(try Self.load(uncommented) == Self.load(text))
        }
    }

    @Test func `shows every key with its default`() {
        let text = ClusterTemplate.render(name: "demo", hosts: [])
        for line in [
            "#scope: pg_cluster", "  #read_write: 5432", "  #zookeeper_election: 3888", "  #patroni: pinned",
            "#durability: synchronous", "#lease: standard", "#profile: standard", "  #maximum_lag_on_failover: 1MB",
            "  #parameters: {}",
            "  #pg_hba: []", "  #heap_megabytes: 192", "  #statistics_open: false", "  #data: /var/lib/pgha",
        ] {
            #expect(text.contains("\n\(line)\n"), "\(line)")
        }
        for name in ["services", "postgres_port", "patroni_port", "address", "roles"] {
            #expect(text.contains("\(name):"), "\(name)")
        }
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 120 })
    }

    @Test(arguments: ["", "no", "123", "a: b", "x\ny: z", "# x", "\"quoted\"", "- a", "null", "a:"])
    func `cannot be made another file by what it is given`(text: String) {
        let template = ClusterTemplate.render(
            name: "demo",
            hosts: [(name: "pg1", address: text, roles: nil), (name: text, address: "192.0.2.1", roles: nil)])
        let failure = #expect(throws: NodeFailure.self) { try Self.load(template) }
        #expect(failure?.message.contains("is not an IP address") == true, "\(String(describing: failure))")
    }
}
