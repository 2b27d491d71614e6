import ClusterModel
import ConfigFiles
import Decisions
import HostFakes
import HostLifecycle
import HostPorts
import NodeInstaller
import Testing

/// `down` and the `up` after it, uninstall after either, and what both refuse.
@Suite struct UpDownTests {
    private static let units = [LifecycleFixture.zookeeper, LifecycleFixture.patroni, LifecycleFixture.haproxy]

    private func failure(of work: () async throws(NodeFailure) -> Void) async -> NodeFailure? {
        do throws(NodeFailure) {
            try await work()
            return nil
        } catch {
            return error
        }
    }

    @Test func `up on a host where all runs changes nothing`() async throws {
        let fixture = try await LifecycleFixture()
        try await fixture.up()
        let before = fixture.install.snapshot
        let calls = try await fixture.calls {
            let report = try await fixture.up()
            #expect(report.steps == [])
        }
        #expect(calls == [])
        #expect(fixture.install.snapshot.changes(since: before) == [])
    }

    @Test func `up brings back all that down removed, with the data`() async throws {
        let fixture = try await LifecycleFixture()
        try await fixture.up()
        let before = fixture.install.snapshot
        let report = try await fixture.down()
        #expect(report.stopped == Self.units.reversed())
        #expect(try fixture.fake.files.names(in: "/etc/systemd/system").filter { $0.hasPrefix("pgha") } == [])
        #expect(try !fixture.fake.files.exists("/etc/pgha/pg1"))
        #expect(try fixture.fake.files.exists("/etc/pgha/cluster.yml"))
        #expect(try fixture.fake.files.text("/var/lib/pgha/pg1/postgresql/PG_VERSION") == "15\n")
        #expect(try await fixture.down().removed == [])

        try await fixture.up()
        let changes = fixture.install.snapshot.changes(since: before)
        // The receipt has the same entries in another order.
        #expect(changes.filter { !$0.contains("/var/lib/pgha/receipt.json") } == [])
    }

    @Test func `up leaves a file that differs alone and says so`() async throws {
        var fixture = try await LifecycleFixture()
        fixture.install.cluster.haproxy.maxConnections = 5
        let calls = try await fixture.calls {
            let report = try await fixture.up()
            #expect(report.differing == ["/etc/pgha/pg1/haproxy.cfg"])
        }
        #expect(calls == [])
        #expect(try fixture.fake.files.text("/etc/pgha/pg1/haproxy.cfg")?.contains("maxconn 1000") == true)
    }

    @Test func `up and apply on a host that was never installed name install`() async throws {
        let fixture = InstallFixture()
        let failure = await failure { () async throws(NodeFailure) in
            _ = try await InstalledHost(
                machine: fixture.fake.machine, cluster: fixture.cluster, host: fixture.host,
                secrets: InstallFixture.secrets, documents: [])
        }
        #expect(failure?.code == .notFound)
        #expect(failure?.hint?.contains("pgha-node install") == true)
    }

    @Test func `a service that cluster yml does not have any more is refused, and stopped by down`() async throws {
        var fixture = try await LifecycleFixture()
        fixture.install.cluster.hosts[0].roles[0].services.removeAll { $0 == .haproxy }
        fixture.install.host = fixture.install.cluster.hosts[0]
        let refusal = await failure { () async throws(NodeFailure) in try await fixture.up() }
        #expect(refusal?.message == "cluster.yml does not have \(LifecycleFixture.haproxy) on this host any more")
        let report = try await fixture.down { $0.force = true }
        #expect(report.stopped.contains { $0 == LifecycleFixture.haproxy })
        #expect(fixture.fake.services.calls.contains("stop \(LifecycleFixture.haproxy)"))
    }

    @Test func `a package that is gone is for install to bring back`() async throws {
        let fixture = try await LifecycleFixture()
        fixture.install.debian.set("haproxy", .removed)
        let failure = await failure { () async throws(NodeFailure) in _ = try await fixture.up() }
        #expect(failure?.detail == "Packages are missing: haproxy.")
        #expect(failure?.hint?.contains("pgha-node install") == true)
    }

    @Test func `down is refused where the quorum would be lost, and obeys force`() async throws {
        let fixture = try await LifecycleFixture()
        fixture.fake.network.set("10.0.0.2", 2181, answer: "", to: "srvr")
        let before = fixture.install.snapshot
        let refusal = await failure { () async throws(NodeFailure) in _ = try await fixture.down() }
        #expect(refusal?.code == .preflightFailed)
        #expect(fixture.install.snapshot.changes(since: before) == [])
        #expect(try await fixture.down { $0.force = true }.stopped.count == 3)
    }

    @Test func `a frozen member is thawed before it is stopped`() async throws {
        let fixture = try await LifecycleFixture()
        try await fixture.fake.services.freeze(UnitName(LifecycleFixture.patroni))
        let calls = try await fixture.calls { try await fixture.down() }
        let thaw = try #require(calls.firstIndex(of: "thaw \(LifecycleFixture.patroni)"))
        let stop = try #require(calls.firstIndex(of: "stop \(LifecycleFixture.patroni)"))
        #expect(calls.firstIndex(of: "kill \(LifecycleFixture.patroni)").map { $0 < thaw } == true)
        #expect(thaw < stop)
    }

    @Test func `without a cluster yml a frozen member is killed before it is thawed`() async throws {
        let fixture = try await LifecycleFixture()
        try await fixture.fake.services.freeze(UnitName(LifecycleFixture.patroni))
        let receipt = try #require(try fixture.install.receipt())
        let calls = try await fixture.calls {
            try await FrozenUnits.thaw(of: receipt, on: fixture.fake.machine, cluster: nil, notify: { _ in })
        }
        #expect(calls == ["kill \(LifecycleFixture.patroni)", "thaw \(LifecycleFixture.patroni)"])
    }

    @Test func `purge removes the data and nothing that is the user's`() async throws {
        let fixture = try await LifecycleFixture()
        let dry = try await fixture.down {
            $0.isDryRun = true
            $0.purge = true
        }
        #expect(dry.removed.contains("/var/lib/pgha/pg1/postgresql/PG_VERSION"))
        #expect(try fixture.fake.files.exists("/var/lib/pgha/pg1/postgresql/PG_VERSION"))
        try await fixture.down { $0.purge = true }
        #expect(try fixture.fake.files.names(in: "/var/lib/pgha/pg1/postgresql") == [])
        #expect(try fixture.fake.files.exists("/etc/pgha/secrets/secrets.yml"))
    }

    @Test func `uninstall after down and after apply leaves no trace`() async throws {
        var fixture = try await LifecycleFixture()
        try await fixture.up()
        fixture.install.cluster.haproxy.maxConnections = 5
        try await fixture.apply()
        try await fixture.down()
        try await fixture.install.uninstall(purge: true)
        let rest = fixture.install.snapshot.changes(since: fixture.install.blank)
        #expect(rest.filter { !$0.contains("/proc/uptime") && !$0.hasSuffix("/proc") } == [])
    }

    @Test(arguments: UninstallInterruptedTests.Place.allCases)
    func `a down that was killed anywhere is finished by the next one`(
        place: UninstallInterruptedTests.Place
    ) async throws {
        let undisturbed = try await LifecycleFixture()
        try await undisturbed.down()
        var count = 0
        while true {
            let fixture = try await LifecycleFixture()
            place.kill(fixture.fake, after: count)
            let killed = await failure { () async throws(NodeFailure) in _ = try await fixture.down() }
            fixture.fake.files.revive()
            if killed != nil { try await fixture.down() }
            #expect(
                fixture.install.snapshot.changes(since: undisturbed.install.snapshot) == [],
                "killed at \(place) \(count)")
            if killed == nil { break }
            count += 1
        }
        // It runs no command.
        #expect(count > 3 || place == .commandBefore || place == .commandAfter)
    }
}
