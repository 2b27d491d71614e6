import ClusterModel
import HostFakes
import HostPorts
import NodeInstaller
import Testing

/// Kills an uninstallation at each place where it can be killed; the next run must end where an undisturbed one ends.
@Suite struct UninstallInterruptedTests {
    enum Place: CaseIterable {
        case file
        case commandBefore
        case commandAfter
        case callBefore
        case callAfter

        func kill(_ fake: FakeMachine, after count: Int) {
            switch self {
            case .file: fake.files.die(afterMutations: count)
            case .commandBefore: fake.commands.die(afterCalls: count, .before)
            case .commandAfter: fake.commands.die(afterCalls: count, .after)
            case .callBefore: fake.services.die(afterCalls: count, .before)
            case .callAfter: fake.services.die(afterCalls: count, .after)
            }
        }
    }

    private func installed() async throws -> InstallFixture {
        let fixture = InstallFixture()
        try await fixture.install()
        fixture.fake.files.put("/var/lib/pgha/pg1/postgresql/PG_VERSION", "15\n")
        return fixture
    }

    @Test(arguments: Place.allCases, [false, true])
    func `is finished by the next run`(place: Place, purge: Bool) async throws {
        let undisturbed = try await installed()
        try await undisturbed.uninstall(purge: purge)
        let expected = undisturbed.snapshot
        var count = 0
        while true {
            let fixture = try await installed()
            place.kill(fixture.fake, after: count)
            let failure = await fixture.uninstallFailure(purge: purge)
            if failure == nil { break }
            #expect(failure?.code == .interrupted)
            fixture.fake.files.revive()
            // Once the receipt is gone there is nothing left to do but an empty directory.
            let again = try fixture.receipt() == nil ? nil : await fixture.uninstallFailure(purge: purge)
            #expect(again == nil, "killed at \(place) \(count)")
            fixture.fake.files.discard(emptyDirectory: "/var/lib/pgha")
            #expect(fixture.snapshot.changes(since: expected) == [], "killed at \(place) \(count)")
            count += 1
        }
        #expect(count > 3)
    }

    @Test func `leaves nothing of an installation that was killed anywhere`() async throws {
        var count = 0
        while true {
            let fixture = InstallFixture()
            fixture.fake.files.die(afterMutations: count)
            let failure = await fixture.installFailure()
            fixture.fake.files.revive()
            // Without a receipt nothing has been done yet.
            if try fixture.receipt() != nil { try await fixture.uninstall(purge: true) }
            for path in ["/etc/pgha", "/var/lib/pgha/receipt.json.pgha-new"] where count < 2 {
                fixture.fake.files.discard(path)
            }
            fixture.fake.files.discard(emptyDirectory: "/var/lib/pgha")
            #expect(fixture.snapshot.changes(since: fixture.blank) == [], "killed after mutation \(count)")
            if failure == nil { break }
            count += 1
        }
        #expect(count > 50)
    }

    @Test func `takes what came with a killed apt for ours`() async throws {
        let fixture = InstallFixture()
        fixture.debian.dieInNextInstallation()
        #expect(await fixture.installFailure()?.code == .interrupted)

        try await fixture.uninstall(purge: true)

        #expect(fixture.snapshot.changes(since: fixture.blank) == [])
    }
}
