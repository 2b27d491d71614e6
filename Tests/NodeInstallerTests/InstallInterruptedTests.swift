import ClusterModel
import HostFakes
import HostPorts
import NodeInstaller
import Testing

/// Kills an installation at each place where it can be killed; the next run must end where an undisturbed one ends.
@Suite struct InstallInterruptedTests {
    /// Kills the run as `prepare` sets it up, runs it again, and returns what differs from `expected`.
    ///
    /// Nil if it was not killed.
    private func differences(
        _ layout: InstallFixture.Layout, from expected: HostSnapshot, killing prepare: (InstallFixture) -> Void
    ) async throws -> [String]? {
        let fixture = InstallFixture(layout)
        prepare(fixture)
        let failure = await fixture.installFailure()
        if failure == nil { return nil }
        #expect(failure?.code == .interrupted)
        fixture.fake.files.revive()
        try await fixture.install()
        let left = try await fixture.preview().filter { $0.outcome != .unchanged }.map(\.step)
        return fixture.snapshot.changes(since: expected) + left
    }

    private func undisturbed(_ layout: InstallFixture.Layout) async throws -> HostSnapshot {
        let fixture = InstallFixture(layout)
        try await fixture.install()
        return fixture.snapshot
    }

    @Test(arguments: InstallFixture.Layout.allCases)
    func `is finished by the next run wherever a change of a file kills it`(layout: InstallFixture.Layout) async throws
    {
        let expected = try await undisturbed(layout)
        var count = 0
        while let differences = try await differences(
            layout, from: expected, killing: { $0.fake.files.die(afterMutations: count) })
        {
            #expect(differences == [], "killed after mutation \(count)")
            count += 1
        }
        #expect(count > 50)
    }

    @Test(arguments: InstallFixture.Layout.allCases, KillMoment.allCases)
    func `is finished by the next run whichever command kills it`(
        layout: InstallFixture.Layout, moment: KillMoment
    ) async throws {
        let expected = try await undisturbed(layout)
        var count = 0
        while let differences = try await differences(
            layout, from: expected, killing: { $0.fake.commands.die(afterCalls: count, moment) })
        {
            #expect(differences == [], "killed \(moment) command \(count)")
            count += 1
        }
        #expect(count > 10)
    }

    @Test(arguments: InstallFixture.Layout.allCases, KillMoment.allCases)
    func `is finished by the next run whichever call of systemd kills it`(
        layout: InstallFixture.Layout, moment: KillMoment
    ) async throws {
        let expected = try await undisturbed(layout)
        var count = 0
        while let differences = try await differences(
            layout, from: expected, killing: { $0.fake.services.die(afterCalls: count, moment) })
        {
            #expect(differences == [], "killed \(moment) call \(count)")
            count += 1
        }
        #expect(count > 10)
    }

    @Test(arguments: InstallFixture.Layout.allCases)
    func `repairs the packages that a killed apt left half configured`(layout: InstallFixture.Layout) async throws {
        let expected = try await undisturbed(layout)

        let differences = try await differences(
            layout, from: expected, killing: { $0.debian.dieInNextInstallation() })

        #expect(differences == [])
    }
}
