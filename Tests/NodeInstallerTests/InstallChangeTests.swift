import ClusterModel
import ConfigFiles
import Decisions
import HostFakes
import HostPorts
import NodeInstaller
import Testing

/// What a changed cluster.yml does to a host that runs.
@Suite struct InstallChangeTests {
    private func installed(_ layout: InstallFixture.Layout = .threeHosts) async throws -> InstallFixture {
        let fixture = InstallFixture(layout)
        try await fixture.install()
        return fixture
    }

    /// What an installation of `fixture` did: steps that were not unchanged, and calls of systemd.
    private func changes(_ fixture: InstallFixture) async throws -> (steps: [String], calls: [String]) {
        let before = fixture.fake.services.calls.count
        let reports = try await fixture.install()
        let steps = reports.filter { $0.outcome != .unchanged }.map { "\($0.step): \($0.outcome)" }
        return (steps, Array(fixture.fake.services.calls.dropFirst(before)))
    }

    @Test func `reloads Patroni, and nothing else, for a changed patroni yml`() async throws {
        var fixture = try await installed()
        let before = fixture.snapshot
        fixture.cluster.postgres.parameters = [ConfigParameter(name: "work_mem", value: "64MB")]

        let changes = try await changes(fixture)

        #expect(
            changes.steps == [
                "write /etc/pgha/pg1/patroni.yml: updated",
                "start pgha-patroni@pg1.service, waiting up to 60 s: reloaded",
            ])
        #expect(changes.calls == ["reload pgha-patroni@pg1.service"])
        #expect(
            Set(
                fixture.snapshot.changes(since: before).filter { $0.contains("text of") }.map {
                    $0.split(separator: ":")[0]
                })
                == [
                    "+ text of /etc/pgha/pg1/patroni.yml", "- text of /etc/pgha/pg1/patroni.yml",
                    "+ text of /var/lib/pgha/receipt.json", "- text of /var/lib/pgha/receipt.json",
                ])
    }

    @Test func `restarts the agent, and nothing else, for its own settings`() async throws {
        var fixture = try await installed()
        fixture.cluster.agent.suspicion = 3000

        let changes = try await changes(fixture)

        #expect(changes.steps == ["start pgha-agent.service: restarted"])
        #expect(changes.calls == ["reset-failed pgha-agent.service", "begin restart of pgha-agent.service"])
        #expect(try await self.changes(fixture).steps == [])
    }

    @Test func `restarts ZooKeeper, and nothing else, for a changed zoo cfg`() async throws {
        var fixture = try await installed()
        fixture.cluster.zookeeper.tickTime = 500

        let changes = try await changes(fixture)

        #expect(
            changes.steps == [
                "write /etc/pgha/pg1/zoo.cfg: updated",
                "start pgha-zookeeper@pg1.service, waiting up to 60 s: restarted",
            ])
        #expect(changes.calls == ["restart pgha-zookeeper@pg1.service"])
    }

    @Test func `reloads HAProxy, and nothing else, for a changed haproxy cfg`() async throws {
        var fixture = try await installed()
        fixture.cluster.haproxy.maxConnections = 2000

        let changes = try await changes(fixture)

        #expect(changes.calls == ["reload pgha-haproxy@pg1.service"])
    }

    @Test func `reloads only the members whose file changed`() async throws {
        let fixture = try await installed(.oneHost)
        fixture.fake.files.put("/etc/pgha/pg2/patroni.yml", "changed by hand")

        let changes = try await changes(fixture)

        // What runs was never told of the change by hand, so there is nothing to reload.
        #expect(changes.steps == ["write /etc/pgha/pg2/patroni.yml: updated"])
        #expect(changes.calls == [])
    }

    @Test func `does not start anew what a changed unit file belongs to`() async throws {
        let fixture = try await installed()
        fixture.fake.files.put("/etc/systemd/system/pgha-patroni@.service", "changed by hand")

        let changes = try await changes(fixture)

        #expect(changes.steps == ["write 6 unit files in /etc/systemd/system: updated"])
        #expect(changes.calls == ["reload-unit-files"])
    }

    @Test(arguments: [
        ("/etc/pgha/pg1/zoo.cfg", FileOwner("postgres", "postgres"), UInt16(0o644)),
        ("/etc/pgha/pg1/patroni.yml", FileOwner("postgres", "postgres"), 0o644),
    ])
    func `puts owner and mode right without telling the service`(
        path: String, owner: FileOwner, mode: UInt16
    ) async throws {
        let fixture = try await installed()
        let before = fixture.snapshot
        let text = try #require(try fixture.fake.files.text(path))
        fixture.fake.files.put(path, text, owner: owner, mode: mode)

        let changes = try await changes(fixture)

        #expect(changes.steps == ["write \(path): updated"])
        #expect(changes.calls == [])
        #expect(fixture.snapshot.changes(since: before) == [])
    }

    @Test func `finishes a change that was killed before the service was told`() async throws {
        var fixture = try await installed()
        fixture.cluster.postgres.parameters = [ConfigParameter(name: "work_mem", value: "64MB")]
        fixture.fake.services.die(afterCalls: 0, .before)
        #expect(await fixture.installFailure()?.code == .interrupted)

        #expect(try await changes(fixture).calls == ["reload pgha-patroni@pg1.service"])
        #expect(try await changes(fixture).steps == [])
    }
}
