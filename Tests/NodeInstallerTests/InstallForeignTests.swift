import ClusterModel
import Decisions
import HostFakes
import HostPorts
import NodeInstaller
import Testing

/// What was on the host before us is neither taken for ours nor lost.
@Suite struct InstallForeignTests {
    private let fixture = InstallFixture()

    @Test func `does not put a mask over a unit that somebody else has written`() async throws {
        let path = "/etc/systemd/system/haproxy.service"
        fixture.fake.files.put(path, "[Service]\nExecStart=/opt/mine/haproxy\n")
        try await fixture.fake.services.reloadUnitFiles()

        let failure = await fixture.installFailure()

        #expect(failure?.code == .conflict)
        #expect(failure?.message == "cannot mask \"haproxy.service\": \"\(path)\" exists already")
        #expect(try fixture.fake.files.text(path)?.contains("/opt/mine/haproxy") == true)
        #expect(try fixture.receipt()?.files.contains(path) == false)
    }

    @Test func `leaves a unit that somebody else has masked masked for ever`() async throws {
        fixture.fake.files.put(link: "/etc/systemd/system/haproxy.service", to: "/dev/null")
        try await fixture.fake.services.reloadUnitFiles()

        try await fixture.install()
        try await fixture.uninstall(purge: true)

        #expect(try await fixture.fake.services.state(of: UnitName("haproxy.service")).load == "masked")
    }

    @Test func `takes over a data directory that was made for it, and gives it back empty`() async throws {
        let path = "/var/lib/pgha/pg1/postgresql"
        let owner = FileOwner("postgres", "postgres")
        fixture.debian.addUser("postgres")
        fixture.fake.files.put(directory: path, owner: owner, mode: 0o700)

        try await fixture.install()

        #expect(try fixture.receipt()?.dataDirectories.contains(path) == true)
        #expect(try await fixture.preview().filter { $0.outcome != .unchanged } == [])
        fixture.fake.files.put("\(path)/PG_VERSION", "15\n")
        try await fixture.uninstall(purge: true)
        #expect(try fixture.fake.files.attributes(path)?.owner == owner)
        #expect(try fixture.fake.files.names(in: path) == [])
    }

    @Test func `does not remove a user that was there before`() async throws {
        fixture.debian.addUser("zookeeper")

        try await fixture.install()
        try await fixture.uninstall(purge: true)

        #expect(fixture.debian.users.contains("zookeeper"))
        let removed = fixture.fake.commands.calls.filter { $0.executable.hasSuffix("userdel") }.flatMap(\.arguments)
        #expect(removed == ["postgres"])
    }

    @Test func `touches no opt pgha that is not its own`() async throws {
        let fixture = InstallFixture(.oneHost)
        fixture.fake.files.put("/opt/pgha/patroni", "somebody else's")

        try await fixture.install()
        try await fixture.uninstall(purge: true)

        #expect(try fixture.fake.files.text("/opt/pgha/patroni") == "somebody else's")
    }
}
