import ClusterModel
import HostFakes
import HostPorts
import NodeInstaller
import Testing

@Suite struct UninstallTests {
    private func installed(_ layout: InstallFixture.Layout = .threeHosts) async throws -> InstallFixture {
        let fixture = InstallFixture(layout)
        try await fixture.install()
        fixture.fake.files.put("\(Self.data)/PG_VERSION", "15\n", owner: FileOwner("postgres", "postgres"))
        return fixture
    }

    private static let data = "/var/lib/pgha/pg1/postgresql"

    @Test(arguments: InstallFixture.Layout.allCases)
    func `leaves nothing of ours after purge`(layout: InstallFixture.Layout) async throws {
        let fixture = InstallFixture(layout)
        try await fixture.install()
        fixture.fake.files.put("\(fixture.cluster.directories.data)/pg1/postgresql/PG_VERSION", "15\n")
        fixture.fake.files.put("/var/lib/pgha/drills.jsonl", "{}\n")

        try await fixture.uninstall(purge: true)

        #expect(fixture.snapshot.changes(since: fixture.blank) == [])
    }

    @Test func `stops the clients first and the store of the cluster's state last`() async throws {
        let fixture = try await installed(.oneHost)
        let before = fixture.fake.services.calls.count

        try await fixture.uninstall()

        let calls = fixture.fake.services.calls.dropFirst(before)
        #expect(
            calls.filter { $0.hasPrefix("stop ") } == [
                "stop pgha-haproxy@haproxy.service", "stop pgha-patroni@pg1.service", "stop pgha-patroni@pg2.service",
                "stop pgha-patroni@pg3.service", "stop pgha-zookeeper@zookeeper.service", "stop pgha-agent.service",
                "stop pgha.target",
            ])
        #expect(fixture.messages.all.contains("stopping pgha-haproxy@haproxy.service"))
    }

    @Test func `stops everything before it removes a package, and a package before a file`() async throws {
        let fixture = try await installed()
        fixture.fake.services.fail("stop pgha-zookeeper@pg1.service", with: NodeFailure(.timeout, "not stopped"))
        let mutations = fixture.fake.files.mutations.count
        let commands = fixture.fake.commands.calls.count

        let failure = await fixture.uninstallFailure()
        #expect(failure?.code == .timeout)
        #expect(fixture.fake.files.mutations.dropFirst(mutations) == [])
        #expect(fixture.fake.commands.calls.dropFirst(commands) == [])

        fixture.fake.services.fail("stop pgha-zookeeper@pg1.service", with: nil)
        fixture.fake.commands.on("/usr/bin/apt-get", status: 100, errors: "E: no")
        let second = await fixture.uninstallFailure()
        #expect(second?.code == .commandFailed)
        #expect(fixture.fake.files.mutations.dropFirst(mutations) == [])
    }

    @Test func `keeps data, secrets and cluster yml without purge`() async throws {
        let fixture = try await installed()

        let removed = try await fixture.uninstall()

        #expect(try fixture.fake.files.exists("\(Self.data)/PG_VERSION"))
        #expect(try fixture.fake.files.exists("/etc/pgha/cluster.yml"))
        #expect(try fixture.fake.files.exists("/etc/pgha/secrets/secrets.yml"))
        #expect(fixture.debian.users.contains("zookeeper"))
        #expect(try fixture.fake.files.names(in: "/etc/pgha") == ["cluster.yml", "secrets"])
        #expect(removed.contains("package haproxy"))
        #expect(removed.contains("/etc/pgha/pg1/patroni.yml"))
        #expect(fixture.messages.all.contains { $0.hasPrefix("the data is kept: ") })
    }

    @Test func `goes on to know whose the data is that it kept, until that is purged`() async throws {
        let fixture = try await installed()
        try await fixture.uninstall()

        let rest = try #require(try fixture.receipt())
        #expect(rest.dataDirectories == [Self.data])
        #expect(rest.users == ["postgres", "haproxy", "zookeeper"])
        #expect(rest.groups == ["ssl-cert"])
        #expect(rest.files == [])
        #expect(rest.packages == [])
        #expect(rest.units == [])
        #expect(rest.applied == [:])

        try await fixture.uninstall(purge: true)
        #expect(try fixture.receipt() == nil)
        #expect(try !fixture.fake.files.exists("/var/lib/pgha"))
        #expect(fixture.debian.users == ["root"])
        #expect(fixture.debian.groups == ["root"])
    }

    @Test func `an installation takes over the data that an uninstall kept`() async throws {
        let fixture = try await installed()
        try await fixture.uninstall()

        let reports = try await fixture.install()

        #expect(reports.contains { $0.outcome == .started })
        #expect(try fixture.fake.files.exists("\(Self.data)/PG_VERSION"))
        #expect(try fixture.receipt()?.packages.contains("haproxy") == true)
    }

    @Test func `removes only configuration of ours from packages, not theirs, without purge`() async throws {
        let fixture = try await installed()
        let before = fixture.fake.commands.lines.count

        try await fixture.uninstall()

        let apt = fixture.fake.commands.lines.dropFirst(before).filter { $0.hasPrefix("/usr/bin/apt-get ") }
        #expect(apt.count == 2)
        #expect(apt.filter { $0.contains(" purge ") } == [])
    }

    @Test func `leaves foreign files in our directories, and the directories with them`() async throws {
        let fixture = try await installed()
        let foreign = [
            "/etc/pgha/pg1/notes.txt", "/etc/pgha/backup/pgbackrest.conf", "/var/lib/pgha/pg1/restore.sh",
            "/etc/systemd/system/pgha-patroni@pg1.service.d/override.conf",
        ]
        for path in foreign { fixture.fake.files.put(path, "mine") }

        try await fixture.uninstall(purge: true)

        for path in foreign { #expect(try fixture.fake.files.text(path) == "mine") }
        #expect(try fixture.fake.files.names(in: "/etc/pgha/pg1") == ["notes.txt"])
        #expect(try fixture.fake.files.names(in: "/etc/pgha") == ["backup", "pg1"])
        #expect(try fixture.fake.files.names(in: "/var/lib/pgha/pg1") == ["restore.sh"])
    }

    @Test func `does not touch packages, units and files that are not in the receipt`() async throws {
        let fixture = InstallFixture()
        fixture.debian.install(foreign: "libpq5", "vim")
        fixture.fake.files.put("/etc/systemd/system/pgha-mine.service", "mine")
        try await fixture.install()

        try await fixture.uninstall(purge: true)

        #expect(fixture.debian.packages == ["bash", "libpq5", "python3", "systemd", "vim"])
        #expect(try fixture.fake.files.text("/etc/systemd/system/pgha-mine.service") == "mine")
    }

    @Test func `keeps the packages that foreign ones need, and says so`() async throws {
        let fixture = try await installed()
        fixture.debian.install(foreign: "psycopg-app", needing: "libpq5")

        let removed = try await fixture.uninstall(purge: true)

        #expect(
            fixture.messages.all.contains(
                "packages are kept, because these that are not ours need them: psycopg-app"))
        #expect(fixture.debian.packages.contains("libpq5"))
        #expect(fixture.debian.packages.contains("psycopg-app"))
        #expect(removed.filter { $0.hasPrefix("package ") } == [])
        #expect(try fixture.receipt() == nil)
    }

    @Test func `says that nothing is installed where there is no receipt`() async throws {
        let fixture = InstallFixture()

        let failure = await fixture.uninstallFailure()

        #expect(failure?.code == .notFound)
        #expect(failure?.message == "nothing is installed here")
    }

    @Test func `stops a unit that runs although its file is gone`() async throws {
        let fixture = try await installed()
        fixture.fake.services.set(
            "pgha-patroni@pg1.service", UnitState(load: "not-found", active: "active", sub: "running"))

        try await fixture.uninstall()

        #expect(fixture.fake.services.calls.contains("stop pgha-patroni@pg1.service"))
    }

    @Test func `gives a mounted file system back empty`() async throws {
        let fixture = InstallFixture()
        fixture.fake.files.mount("/var/lib/pgha")
        try await fixture.install()

        try await fixture.uninstall(purge: true)

        #expect(try fixture.fake.files.exists("/var/lib/pgha"))
        #expect(try fixture.fake.files.names(in: "/var/lib/pgha") == [])
    }

    @Test func `can be followed by an installation that ends as the first one did`() async throws {
        let fixture = InstallFixture()
        try await fixture.install()
        let before = fixture.snapshot
        try await fixture.uninstall()

        try await fixture.install()

        // The data and its user were there already, so they are in the receipt no more.
        #expect(fixture.snapshot.changes(since: before).filter { !$0.contains("receipt.json") } == [])
    }
}
