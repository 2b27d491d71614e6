import ClusterModel
import Decisions
import HostFakes
import HostPorts
import NodeInstaller
import Testing

/// Roles that are installed on a host one after another, and whose packages are whose.
@Suite struct InstallRolesTests {
    private let fixture = InstallFixture(.oneHost)

    @Test func `enters only the packages that came with it`() async throws {
        fixture.debian.install(foreign: "libpq5")

        try await fixture.only(.member(1)).install()

        let receipt = try #require(try fixture.receipt())
        #expect(
            receipt.packages == [
                "patroni", "postgresql-15", "postgresql-common", "python3-kazoo", "python3-psycopg2", "python3-yaml",
            ])
        #expect(receipt.packagesBefore == nil)
    }

    @Test func `enters with a later role only the packages that are new`() async throws {
        fixture.debian.install(foreign: "haproxy", "liblua5.3-0")
        try await fixture.only(.member(1)).install()
        let first = try #require(try fixture.receipt())
        fixture.debian.install(foreign: "vim")

        try await fixture.only(.zookeeper, .haproxy).install()

        let second = try #require(try fixture.receipt())
        #expect(
            Set(second.packages).subtracting(first.packages) == [
                "default-jre-headless", "libslf4j-java", "libzookeeper-java", "openjdk-17-jre-headless",
            ])
        #expect(Set(first.packages).subtracting(second.packages) == [])
        #expect(second.roles == ["pg1", "zookeeper", "haproxy"])
    }

    @Test func `enters no package where all were there before`() async throws {
        try await fixture.install()
        let names = fixture.debian.packages
        let other = InstallFixture(.oneHost)
        for name in names { other.debian.install(foreign: name) }

        let reports = try await other.install()

        #expect(try other.receipt()?.packages == [])
        #expect(reports.first { $0.step.hasPrefix("install packages") }?.outcome == .unchanged)
        try await other.uninstall(purge: true)
        #expect(other.debian.packages == names)
    }

    @Test func `counts a package on hold as installed`() async throws {
        fixture.debian.install(foreign: "haproxy")
        fixture.debian.set("haproxy", .held)
        try await fixture.install()
        fixture.debian.set("postgresql-15", .held)

        let reports = try await fixture.install()

        #expect(reports.filter { $0.outcome != .unchanged } == [])
        #expect(try fixture.receipt()?.packages.contains("haproxy") == false)
        #expect(try fixture.receipt()?.packages.contains("postgresql-15") == true)
    }

    @Test func `ends with all roles at once and one by one in the same files`() async throws {
        let together = InstallFixture(.oneHost)
        try await together.install()

        for role in together.host.roles { try await fixture.only(role.role).install() }

        let changes = fixture.snapshot.changes(since: together.snapshot)
        // The receipt and the users are in another order.
        #expect(changes.filter { !$0.contains("receipt.json") && !$0.contains("/etc/passwd") } == [])
    }

    @Test func `changes nothing when a role is installed again after another one`() async throws {
        try await fixture.only(.member(1)).install()
        try await fixture.only(.member(2)).install()

        let reports = try await fixture.only(.member(1)).install()

        #expect(reports.filter { $0.outcome != .unchanged } == [])
    }

    @Test func `leaves the running services of the first role alone`() async throws {
        try await fixture.only(.member(1)).install()
        let before = fixture.fake.services.calls.count

        try await fixture.only(.haproxy).install()

        let calls = fixture.fake.services.calls.dropFirst(before)
        #expect(calls.filter { $0.contains("pg1") } == [])
        #expect(calls.contains("start pgha-haproxy@haproxy.service"))
    }
}
