import ClusterModel
import Decisions
import HostFakes
import HostPorts
import NodeInstaller
import Testing

@Suite struct PatroniInstallerTests {
    private let fixture = InstallFixture()

    private var newer: PatroniRelease {
        var release = PatroniInstaller.release
        release.version = "9.9.9"
        release.directory = "/opt/pgha/releases/patroni-9.9.9-00000000"
        return release
    }

    private func upgrade() async throws(NodeFailure) {
        try await PatroniInstaller(machine: fixture.fake.machine).install(newer, from: nil, isToolOurs: true)
    }

    @Test func `builds the environment from pinned hashes only`() async throws {
        try await fixture.install()

        let release = PatroniInstaller.release
        let pip = fixture.fake.commands.calls.filter { $0.executable == "\(release.directory)/bin/pip" }
        #expect(pip.count == 2)
        for call in pip {
            #expect(call.arguments.contains("--require-hashes"))
            #expect(!call.arguments.contains("--no-index"))
        }
        #expect(try fixture.fake.files.text("\(release.directory)/requirements.txt") == release.requirements)
        #expect(try fixture.fake.files.exists("/opt/pgha/patroni/bin/patroni"))
        #expect(try fixture.fake.files.exists("/usr/local/bin/patronictl"))
    }

    @Test func `leaves the old release where it is and switches the link`() async throws {
        try await fixture.install()
        let patroni = PatroniInstaller(machine: fixture.fake.machine)
        #expect(try !patroni.isInstalled(newer))

        try await upgrade()

        #expect(try patroni.isInstalled(newer))
        #expect(try !patroni.isInstalled(PatroniInstaller.release))
        #expect(try fixture.fake.files.exists("\(PatroniInstaller.release.directory)/bin/patroni"))
        #expect(fixture.fake.files.tree.contains { $0.hasSuffix("/opt/pgha/patroni -> \(newer.directory)") })
    }

    @Test func `knows an upgrade that was killed for unfinished, wherever that was`() async throws {
        try await fixture.install()
        let patroni = PatroniInstaller(machine: fixture.fake.machine)
        var count = 0
        while true {
            fixture.fake.files.discard(newer.directory)
            fixture.fake.files.die(afterMutations: count)
            let failure = await fixture.failure { () async throws(NodeFailure) in try await upgrade() }
            fixture.fake.files.revive()
            if failure == nil { break }
            #expect(try !patroni.isInstalled(newer), "killed after mutation \(count)")
            #expect(try fixture.fake.files.exists("/opt/pgha/patroni/bin/patroni"), "killed after mutation \(count)")
            count += 1
        }
        #expect(count == 5)
        #expect(try patroni.isInstalled(newer))
    }

    @Test func `throws a half-built environment away`() async throws {
        let directory = PatroniInstaller.release.directory
        fixture.fake.files.put("\(directory)/bin/leftover", "")

        try await fixture.install()

        #expect(try !fixture.fake.files.exists("\(directory)/bin/leftover"))
    }

    @Test func `leaves another patronictl alone, also at the end`() async throws {
        fixture.fake.files.put("/usr/local/bin/patronictl", "somebody else's")

        try await fixture.install()
        try await fixture.uninstall(purge: true)

        #expect(try fixture.fake.files.text("/usr/local/bin/patronictl") == "somebody else's")
    }
}
