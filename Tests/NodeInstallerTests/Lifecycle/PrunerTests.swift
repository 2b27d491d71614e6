import ClusterModel
import HostFakes
import HostLifecycle
import HostPorts
import NodeInstaller
import Testing

/// What `prune` finds, and what it never does.
@Suite struct PrunerTests {
    private func found(_ prepare: (FakeMachine) throws -> Void) async throws -> [String] {
        let fixture = try await LifecycleFixture()
        try prepare(fixture.fake)
        return try await Pruner(machine: fixture.fake.machine).find().map { "\($0.kind): \($0.path) \($0.bytes)" }
    }

    private func put(bundle path: String, on fake: FakeMachine) throws {
        fake.files.put(
            "\(path)/manifest.json",
            """
            {"format": 1, "distribution": "debian 12", "architecture": "amd64", "packages": [], "patroni": "1", "files": []}
            """)
        try ReceiptStore(files: fake.files).remember(bundle: path)
    }

    @Test func `finds nothing on a host that was just installed`() async throws {
        #expect(try await found { _ in } == [])
    }

    @Test func `a release that is not in use, but not one that a member still runs from`() async throws {
        let items = try await found { fake in
            fake.files.put("/opt/pgha/releases/old/bin/patroni", "12345")
            fake.files.put("/opt/pgha/releases/running/bin/patroni", "12345")
            var state = UnitState(load: "loaded", active: "active", sub: "running", fileState: "enabled")
            state.mainPID = 42
            fake.services.set(LifecycleFixture.patroni, state)
            fake.files.put("/proc/42/maps", "7f00 r-xp /opt/pgha/releases/running/lib/x.so\n")
        }
        #expect(items == ["release: /opt/pgha/releases/old 5"])
    }

    @Test func `all but the newest of the replaced files`() async throws {
        let items = try await found { fake in
            for name in ["20260101T000000Z", "20260101T000000Z-2", "20260101T000000Z-10"] {
                fake.files.put("/var/lib/pgha/rendered/\(name)/etc/x", "1")
            }
        }
        #expect(
            items == [
                "version: /var/lib/pgha/rendered/20260101T000000Z 1",
                "version: /var/lib/pgha/rendered/20260101T000000Z-2 1",
            ])
    }

    @Test func `a bundle on a disk of this host, but no mount point and no directory without a manifest`() async throws
    {
        let items = try await found { fake in
            try put(bundle: "/srv/bundle", on: fake)
            try put(bundle: "/mnt/bundle", on: fake)
            try ReceiptStore(files: fake.files).remember(bundle: "/etc/pgha")
            fake.files.put("/proc/self/mounts", "/dev/sr0 /mnt/bundle iso9660 ro 0 0\n")
        }
        #expect(items.map { $0.split(separator: " ")[1] } == ["/srv/bundle"])
    }

    @Test func `what a killed write has left`() async throws {
        let items = try await found { $0.files.put("/etc/pgha/pg1/zoo.cfg.pgha-new", "half") }
        #expect(items == ["partial: /etc/pgha/pg1/zoo.cfg.pgha-new 4"])
    }

    @Test func `removes what was listed and forgets the bundle`() async throws {
        let fixture = try await LifecycleFixture()
        try put(bundle: "/srv/bundle", on: fixture.fake)
        let pruner = Pruner(machine: fixture.fake.machine)
        try pruner.remove(try await pruner.find())
        #expect(try !fixture.fake.files.exists("/srv/bundle"))
        #expect(try fixture.install.receipt()?.bundles == [])
        #expect(try await pruner.find() == [])
    }
}
