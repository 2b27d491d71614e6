import ClusterModel
import HostFakes
import HostPorts
import NodeInstaller
import Testing

@Suite struct ReceiptTests {
    private let fixture = InstallFixture()

    @Test func `is root's alone and comes back as it was saved`() throws {
        var receipt = Receipt(cluster: "shop")
        receipt.roles = ["pg1"]
        receipt.packagesBefore = ["bash"]
        receipt.applied = ["pgha-patroni@pg1.service": "abc"]
        let store = ReceiptStore(files: fixture.fake.files)

        try store.save(receipt)

        #expect(try store.load() == receipt)
        #expect(try fixture.fake.files.attributes(ReceiptStore.path)?.mode == 0o600)
    }

    @Test func `is nil on a host that has none`() throws {
        #expect(try fixture.receipt() == nil)
    }

    @Test(arguments: ["", "{", "{}", "[]", "null", "{\"format\": 2, \"cluster\": \"shop\"}"])
    func `is refused by name if it is damaged`(text: String) async throws {
        fixture.fake.files.put(ReceiptStore.path, text)
        let before = fixture.snapshot

        for failure in [await fixture.installFailure(), await fixture.uninstallFailure()] {
            #expect(failure?.code == .invalidConfiguration)
            #expect(failure?.message == "\"/var/lib/pgha/receipt.json\" is damaged")
        }
        #expect(fixture.snapshot.changes(since: before) == [])
    }

    @Test func `is refused if it is of a later format`() async throws {
        try await fixture.install()
        let text = try #require(try fixture.fake.files.text(ReceiptStore.path))
        fixture.fake.files.put(ReceiptStore.path, text.replacing("\"format\" : 1", with: "\"format\" : 2"))

        #expect(throws: NodeFailure.self) { try fixture.receipt() }
    }

    @Test func `lists what was made, each once`() async throws {
        try await fixture.install()

        let receipt = try #require(try fixture.receipt())
        for list in [receipt.files, receipt.directories, receipt.dataDirectories, receipt.units, receipt.packages] {
            #expect(Set(list).count == list.count)
            #expect(list != [])
        }
        #expect(receipt.roles == ["pg1"])
        #expect(receipt.users == ["postgres", "haproxy", "zookeeper"])
        #expect(receipt.dataDirectories == ["/var/lib/pgha/pg1/zookeeper", "/var/lib/pgha/pg1/postgresql"])
        #expect(
            receipt.units == [
                "pgha.target", "pgha-agent.service", "pgha-zookeeper@pg1.service", "pgha-patroni@pg1.service",
                "pgha-haproxy@pg1.service",
            ])
        // What the user brought is the user's.
        #expect(receipt.files.filter { $0.contains("cluster.yml") || $0.contains("secrets") } == [])
        #expect(!receipt.directories.contains("/etc/pgha"))
    }

    @Test func `enters a thing before it is made`() async throws {
        var count = 0
        while true {
            let fixture = InstallFixture()
            let before = Set(fixture.fake.files.tree)
            fixture.fake.files.die(afterMutations: count)
            let failure = await fixture.installFailure()
            guard failure != nil else { break }
            let receipt = try fixture.receipt()
            let known = Set((receipt?.files ?? []) + (receipt?.directories ?? []) + (receipt?.dataDirectories ?? []))
            let made = Set(fixture.fake.files.tree).subtracting(before).compactMap {
                $0.split(separator: " ").dropFirst(3).first
            }
            let unknown = made.filter { path in
                !known.contains { path == $0 || path == "\($0).pgha-new" } && !Self.isExplained(path)
            }
            #expect(unknown == [], "killed after mutation \(count)")
            count += 1
        }
        #expect(count > 50)
    }

    /// What needs no entry: the receipt itself, what other programs made, and whole trees that are ours.
    private static func isExplained(_ path: Substring) -> Bool {
        let prefixes = [
            "/var/lib/pgha/receipt.json", "/opt/pgha/", "/run/pgha-validate", "/etc/systemd/system/pgha.target.wants",
            "/etc/systemd/system/multi-user.target.wants", "/etc/haproxy", "/usr/sbin", "/var/lib/haproxy",
            "/etc/postgresql-common/createcluster.conf", "/etc/passwd",
        ]
        return path == "/var/lib/pgha" || prefixes.contains { path.hasPrefix($0) }
    }
}
