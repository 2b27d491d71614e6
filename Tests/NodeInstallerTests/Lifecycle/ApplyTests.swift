import ClusterModel
import ConfigFiles
import Decisions
import HostFakes
import HostLifecycle
import HostPorts
import NodeInstaller
import Testing

/// What `apply` does on a host that runs, and what it refuses.
@Suite struct ApplyTests {
    private static let patroniFile = "/etc/pgha/pg1/patroni.yml"

    private func fixture(_ change: (inout Cluster) -> Void = { _ in }) async throws -> LifecycleFixture {
        var fixture = try await LifecycleFixture()
        try await fixture.up()
        change(&fixture.install.cluster)
        fixture.install.host = fixture.install.cluster.hosts[0]
        return fixture
    }

    private func failure(of work: () async throws(NodeFailure) -> Void) async -> NodeFailure? {
        do throws(NodeFailure) {
            try await work()
            return nil
        } catch {
            return error
        }
    }

    private static func set(_ name: String, _ value: String) -> (inout Cluster) -> Void {
        { $0.postgres.parameters.append(ConfigParameter(name: name, value: value)) }
    }

    @Test func `changes nothing where nothing differs`() async throws {
        let fixture = try await fixture()
        let before = fixture.install.snapshot
        let calls = try await fixture.calls {
            let report = try await fixture.apply()
            #expect(report.isUnchanged)
        }
        #expect(calls == [])
        #expect(fixture.install.snapshot.changes(since: before) == [])
    }

    @Test func `a dry run shows the difference without passwords and changes nothing`() async throws {
        let fixture = try await fixture(Self.set("work_mem", "64MB"))
        let before = fixture.install.snapshot
        let report = try await fixture.apply { $0.isDryRun = true }
        #expect(report.files.map(\.path) == [Self.patroniFile])
        #expect(report.files.first?.diff.contains { $0.hasPrefix("+") && $0.contains("work_mem: \"64MB\"") } == true)
        #expect(report.impact == .reload)
        for password in InstallFixture.passwords { #expect(!"\(report)".contains(password)) }
        #expect(fixture.install.snapshot.changes(since: before) == [])
    }

    @Test func `reloads Patroni for a parameter that a reload sets, keeps the old file, and is done`() async throws {
        let fixture = try await fixture(Self.set("work_mem", "64MB"))
        let old = try fixture.fake.files.read(Self.patroniFile)
        let calls = try await fixture.calls {
            let report = try await fixture.apply()
            let kept = try #require(report.kept)
            #expect(kept == "/var/lib/pgha/rendered/20270115T080000Z")
            #expect(try fixture.fake.files.read(kept + Self.patroniFile) == old)
            #expect(try fixture.fake.files.attributes(kept + Self.patroniFile)?.mode == 0o600)
            #expect(try fixture.fake.files.attributes("/var/lib/pgha/rendered")?.mode == 0o700)
        }
        #expect(calls == ["reload \(LifecycleFixture.patroni)"])
        #expect(!fixture.fake.patroni.calls.contains("restart 10.0.0.1:8008"))
        #expect(try await fixture.apply().isUnchanged)
    }

    @Test func `restarts the agent, at no price, for its own settings`() async throws {
        let fixture = try await fixture { $0.agent.suspicion = 3000 }
        let before = fixture.fake.services.calls.count
        let report = try await fixture.apply()
        #expect(report.actions.map(\.unit) == [UnitName.agent.text])
        #expect(report.actions.map(\.outcome) == [.done])
        #expect(report.impact == .none)
        #expect(fixture.fake.services.calls.dropFirst(before) == ["begin restart of pgha-agent.service"])
        #expect(try await fixture.apply().isUnchanged)
    }

    @Test func `restarts PostgreSQL of a replica through Patroni where it waits for that`() async throws {
        let fixture = try await fixture(Self.set("shared_buffers", "1GB"))
        fixture.setMembers(leader: 2, pending: [1])
        fixture.obeyPatroni(leader: 2)
        let report = try await fixture.apply()
        #expect(report.actions.map(\.impact) == [.restart])
        #expect(fixture.fake.patroni.calls.filter { $0.hasPrefix("restart") } == ["restart 10.0.0.1:8008"])
        #expect(try await fixture.apply().isUnchanged)
    }

    @Test func `a leader that must be restarted hands over first, and is not restarted twice`() async throws {
        let fixture = try await fixture(Self.set("shared_buffers", "1GB"))
        fixture.setMembers(leader: 1, pending: [1])
        fixture.obeyPatroni(leader: 1)
        let report = try await fixture.apply()
        #expect(report.impact == .switchover)
        #expect(fixture.fake.patroni.calls.contains("switchover pg1 pg2 10.0.0.1:8008"))
        #expect(!fixture.fake.patroni.calls.contains("restart 10.0.0.1:8008"))
    }

    @Test func `a leader is not restarted before the replicas, unless it is forced`() async throws {
        let fixture = try await fixture(Self.set("max_connections", "200"))
        fixture.setMembers(leader: 1)
        let before = fixture.install.snapshot
        let refusal = await failure { () async throws(NodeFailure) in try await fixture.apply() }
        #expect(refusal?.code == .preflightFailed)
        #expect(refusal?.message == "pg1 leads, and pg2, pg3 still wait for a restart")
        #expect(fixture.install.snapshot.changes(since: before) == [])

        fixture.setMembers(leader: 1, pending: [1])
        fixture.obeyPatroni(leader: 1)
        #expect(try await fixture.apply { $0.force = true }.impact == .outage)
        #expect(fixture.fake.patroni.calls.contains("restart 10.0.0.1:8008"))
        #expect(!fixture.fake.patroni.calls.contains { $0.hasPrefix("switchover") })
    }

    @Test func `cluster-wide settings go to ZooKeeper, and one that is gone from cluster yml too`() async throws {
        let fixture = try await fixture { $0.patroni.ttl = 25 }
        _ = try await fixture.apply()
        let wanted = ConfigRenderer.dynamicConfiguration(of: fixture.install.cluster)
        #expect(fixture.fake.patroni.calls.contains("configuration \(wanted) 10.0.0.1:8008"))

        fixture.fake.patroni.set(configuration: wanted)
        var without = fixture
        without.install.cluster.profile = .reference
        let report = try await without.apply()
        #expect(report.files.contains { $0.diff.contains("-check_timeline: true") })
        #expect(without.fake.patroni.calls.contains("configuration {\"check_timeline\": null} 10.0.0.1:8008"))
        // A file that is not rendered any more goes.
        #expect(try !without.fake.files.exists("/etc/pgha/pg1/haproxy.state"))
    }

    @Test func `a file that was changed by hand is replaced only if that is asked for, and kept`() async throws {
        let fixture = try await fixture()
        let path = "/etc/pgha/pg1/haproxy.cfg"
        let text = try #require(try fixture.fake.files.text(path))
        fixture.fake.files.put(path, text + "# mine\n", mode: 0o640)
        let refusal = await failure { () async throws(NodeFailure) in try await fixture.apply() }
        #expect(refusal?.message == "changes that were made by hand would be lost")
        #expect(refusal?.code == .preflightFailed)
        #expect(try await fixture.apply { $0.isDryRun = true }.files.first?.isChangedByHand == true)

        let report = try await fixture.apply { $0.overwrite = true }
        #expect(try fixture.fake.files.text(path) == text)
        #expect(try fixture.fake.files.text((report.kept ?? "") + path)?.hasSuffix("# mine\n") == true)
    }

    @Test func `what a component does not accept changes nothing at all`() async throws {
        let fixture = try await fixture {
            $0.zookeeper.tickTime = 500
            $0.haproxy.maxConnections = 5
        }
        fixture.fake.commands.on("/usr/sbin/haproxy", status: 1, errors: "[ALERT] bad\n")
        let before = fixture.install.snapshot
        let failure = await failure { () async throws(NodeFailure) in try await fixture.apply() }
        #expect(failure?.code == .invalidConfiguration)
        #expect(
            fixture.install.snapshot.changes(since: before).filter { !$0.contains("/run/pgha-validate") } == [])
    }

    @Test func `the agent is left alone where nothing of it has changed`() async throws {
        let fixture = try await fixture(Self.set("work_mem", "64MB"))
        let before = fixture.fake.services.calls.count
        try await fixture.apply()
        #expect(fixture.fake.services.calls.dropFirst(before).filter { $0.contains("pgha-agent") } == [])
    }

    @Test func `waits for a replica that is not named synchronous yet`() async throws {
        let fixture = try await fixture(Self.set("shared_buffers", "1GB"))
        fixture.setMembers(leader: 1, synchronous: false)
        fixture.obeyPatroni(leader: 2)
        fixture.install.messages.onMessage { line in
            if line.hasPrefix("waiting for a synchronous replica") { fixture.setMembers(leader: 1) }
        }
        let report = try await fixture.apply()
        #expect(report.actions.map(\.impact) == [.switchover])
    }

    @Test func `a service that does not run is left so, and named`() async throws {
        let fixture = try await fixture { $0.haproxy.maxConnections = 5 }
        fixture.fake.services.set(LifecycleFixture.haproxy, active: false)
        let calls = try await fixture.calls {
            let report = try await fixture.apply()
            #expect(report.actions.map(\.outcome) == [.notRunning])
            #expect(report.notes == ["what does not run is started by \"pgha-node up\""])
        }
        #expect(calls == [])
    }

    @Test func `a frozen service is an error that names thaw`() async throws {
        let fixture = try await fixture { $0.haproxy.maxConnections = 5 }
        try await fixture.fake.services.freeze(UnitName(LifecycleFixture.haproxy))
        let apply = await failure { () async throws(NodeFailure) in try await fixture.apply() }
        let start = await failure { () async throws(NodeFailure) in try await fixture.up() }
        #expect(apply?.hint?.contains("pgha-node thaw") == true)
        #expect(start == apply)
    }

    enum Kill: CaseIterable {
        case file, callBefore, callAfter
    }

    @Test(arguments: Kill.allCases)
    func `a run that was killed anywhere is finished by the next one`(kill: Kill) async throws {
        let change: (inout Cluster) -> Void = {
            $0.haproxy.maxConnections = 5
            $0.zookeeper.tickTime = 500
            $0.postgres.parameters.append(ConfigParameter(name: "work_mem", value: "64MB"))
        }
        let undisturbed = try await fixture(change)
        try await undisturbed.apply()
        let wanted = Set([
            "reload \(LifecycleFixture.haproxy)", "reload \(LifecycleFixture.patroni)",
            "restart \(LifecycleFixture.zookeeper)",
        ])
        var count = 0
        while true {
            let fixture = try await fixture(change)
            switch kill {
            case .file: fixture.fake.files.die(afterMutations: count)
            case .callBefore: fixture.fake.services.die(afterCalls: count, .before)
            case .callAfter: fixture.fake.services.die(afterCalls: count, .after)
            }
            var isKilled = false
            let calls = try await fixture.calls {
                isKilled = await failure { () async throws(NodeFailure) in try await fixture.apply() } != nil
                fixture.fake.files.revive()
                if isKilled { try await fixture.apply() }
            }
            #expect(wanted.isSubset(of: calls), "killed at \(kill) \(count)")
            let rest = fixture.install.snapshot.changes(since: undisturbed.install.snapshot)
            #expect(rest.filter { !$0.contains("/var/lib/pgha/rendered") } == [], "killed at \(kill) \(count)")
            #expect(try await fixture.apply().isUnchanged)
            if !isKilled { break }
            count += 1
        }
        #expect(count >= 3)
    }
}
