import ClusterModel
import ConfigFiles
import Decisions
import HostFakes
import HostPorts
import NodeInstaller
import Testing

@Suite struct InstallTests {
    @Test(arguments: InstallFixture.Layout.allCases)
    func `does on a blank host every step of the plan`(layout: InstallFixture.Layout) async throws {
        let fixture = InstallFixture(layout)

        let reports = try await fixture.install()

        #expect(reports.map(\.step) == fixture.steps.map(\.summary))
        #expect(reports.dropFirst(2).allSatisfy { $0.outcome != .unchanged && $0.outcome != .pending })
        for step in fixture.steps {
            guard case .writeFile(let file, _) = step else { continue }
            #expect(try fixture.fake.files.text(file.path) == file.contents)
            #expect(try fixture.fake.files.attributes(file.path)?.mode == file.mode)
        }
        #expect(fixture.fake.services.calls.filter { $0.hasPrefix("start ") }.last?.contains("haproxy") == true)
        #expect(
            fixture.fake.services.calls.filter { $0.hasPrefix("begin ") } == [
                "begin start of pgha-agent.service", "begin start of pgha.target",
            ])
    }

    @Test(arguments: InstallFixture.Layout.allCases)
    func `leaves no package a chance to start its own service`(layout: InstallFixture.Layout) async throws {
        let fixture = InstallFixture(layout)

        try await fixture.install()

        #expect(fixture.debian.startedByPackages == [])
        #expect(fixture.debian.packages.contains("haproxy"))
    }

    @Test(arguments: InstallFixture.Layout.allCases)
    func `changes nothing and starts nothing the second time`(layout: InstallFixture.Layout) async throws {
        let fixture = InstallFixture(layout)
        try await fixture.install()
        let before = fixture.snapshot
        let mutations = fixture.fake.files.mutations.count
        let calls = fixture.fake.services.calls.count
        let commands = fixture.fake.commands.calls.count

        let reports = try await fixture.install()

        #expect(reports.filter { $0.outcome != .unchanged } == [])
        #expect(fixture.snapshot.changes(since: before) == [])
        #expect(fixture.fake.files.mutations.dropFirst(mutations) == [])
        #expect(fixture.fake.services.calls.dropFirst(calls) == [])
        #expect(fixture.fake.commands.lines.dropFirst(commands).allSatisfy { $0.hasPrefix("/usr/bin/dpkg-query ") })
    }

    @Test(arguments: InstallFixture.Layout.allCases)
    func `says in a dry run what it would do and does not do it`(layout: InstallFixture.Layout) async throws {
        let fixture = InstallFixture(layout)
        let before = fixture.snapshot

        let reports = try await fixture.preview()

        #expect(reports.map(\.step) == fixture.steps.map(\.summary))
        // The user's files are in /etc/pgha already.
        #expect(reports.prefix(2).map(\.outcome) == [.unchanged, .unchanged])
        #expect(reports.dropFirst(2).allSatisfy { $0.outcome == .pending })
        #expect(fixture.snapshot.changes(since: before) == [])
        #expect(fixture.fake.files.mutations == [])
        #expect(fixture.fake.services.calls == [])
    }

    @Test func `says in a dry run on an installed host that nothing is to be done`() async throws {
        let fixture = InstallFixture()
        try await fixture.install()

        #expect(try await fixture.preview().filter { $0.outcome != .unchanged } == [])
    }

    @Test func `finishes in the dry run what is left of an installation`() async throws {
        let fixture = InstallFixture()
        fixture.fake.services.fail(
            "start pgha-haproxy@pg1.service", with: NodeFailure(.serviceFailed, "could not start it"))
        let failure = await fixture.installFailure()
        #expect(failure?.code == .serviceFailed)

        let pending = try await fixture.preview().filter { $0.outcome == .pending }

        #expect(
            pending.map(\.step) == [
                "start pgha-haproxy@pg1.service, waiting up to 60 s", "start pgha-agent.service", "start pgha.target",
            ])
    }

    @Test func `reports a step before it is done and after, and one that is done already only once`() async throws {
        let fixture = InstallFixture()

        try await fixture.install()

        let said = fixture.messages.all
        let count = fixture.steps.count
        let unchanged = said.count { $0.hasSuffix(": unchanged") }
        #expect(unchanged > 0)
        #expect(said.count == 2 * count - unchanged)
        #expect(said.first == "[1/\(count)] make directory /etc/pgha (root:root, 755): unchanged")
        #expect(said.last == "[\(count)/\(count)] start pgha.target: started")
    }

    @Test func `starts a unit that failed before`() async throws {
        let fixture = InstallFixture()
        try await fixture.install()
        fixture.fake.services.set(
            "pgha-patroni@pg1.service",
            UnitState(load: "loaded", active: "failed", sub: "failed", fileState: "enabled", result: "exit-code"))

        let reports = try await fixture.install()

        #expect(
            reports.filter { $0.outcome != .unchanged } == [
                StepReport(step: "start pgha-patroni@pg1.service, waiting up to 60 s", outcome: .started)
            ])
        #expect(
            fixture.fake.services.calls.suffix(2) == [
                "reset-failed pgha-patroni@pg1.service", "start pgha-patroni@pg1.service",
            ])
    }
}
