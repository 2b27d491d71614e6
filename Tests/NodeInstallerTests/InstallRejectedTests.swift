import ClusterModel
import Decisions
import HostFakes
import HostPorts
import NodeInstaller
import Testing

/// A component that does not accept its new configuration goes on with the old one.
@Suite struct InstallRejectedTests {
    private func changed() async throws -> InstallFixture {
        var fixture = InstallFixture()
        try await fixture.install()
        fixture.cluster.postgres.parameters = [ConfigParameter(name: "work_mem", value: "64MB")]
        fixture.cluster.haproxy.maxConnections = 2000
        return fixture
    }

    /// Installs `fixture`, which must fail, and expects that the file and the service are as before.
    private func rejection(_ fixture: InstallFixture, keeping path: String) async throws -> NodeFailure? {
        let before = try fixture.fake.files.text(path)
        let calls = fixture.fake.services.calls.count
        let failure = await fixture.installFailure()
        #expect(try fixture.fake.files.text(path) == before)
        #expect(fixture.fake.services.calls.dropFirst(calls) == [])
        #expect(failure?.code == .invalidConfiguration)
        return failure
    }

    @Test func `keeps the old haproxy cfg when HAProxy does not accept the new one`() async throws {
        let fixture = try await changed()
        fixture.fake.commands.on(
            "/usr/sbin/haproxy", status: 1,
            errors: "[ALERT] parsing [haproxy.cfg:5] : unknown keyword\n[ALERT] Fatal errors found\n")

        let failure = try await rejection(fixture, keeping: "/etc/pgha/pg1/haproxy.cfg")

        #expect(failure?.message == "HAProxy does not accept the new \"/etc/pgha/pg1/haproxy.cfg\"")
        #expect(
            failure?.detail
                == "It said: [ALERT] parsing [haproxy.cfg:5] : unknown keyword | [ALERT] Fatal errors found")
        #expect(failure?.hint?.contains("/run/pgha-validate/etc-pgha-pg1-haproxy.cfg") == true)
    }

    @Test func `does not take an HAProxy that dies without a word for one that agrees`() async throws {
        let fixture = try await changed()
        fixture.fake.commands.on("/usr/sbin/haproxy", status: 139)

        let failure = try await rejection(fixture, keeping: "/etc/pgha/pg1/haproxy.cfg")

        #expect(failure?.detail == "It said: status 139")
    }

    @Test(arguments: [Int32(0), 1])
    func `keeps the old patroni yml when Patroni complains, whatever its status`(status: Int32) async throws {
        let fixture = try await changed()
        fixture.fake.commands.on(
            "/opt/pgha/patroni/bin/patroni", status: status, output: "scope is not defined.\n")

        let failure = try await rejection(fixture, keeping: "/etc/pgha/pg1/patroni.yml")

        #expect(failure?.message == "Patroni does not accept the new \"/etc/pgha/pg1/patroni.yml\"")
        #expect(failure?.detail == "It said: scope is not defined.")
    }

    @Test(arguments: [
        "restapi.listen 10.0.0.1:8008 didn't pass validation: 'Port 8008 is already in use.'\n",
        "zookeeper.hosts 10.0.0.2:2181 didn't pass validation: '10.0.0.2:2181 is not reachable'\n",
    ])
    func `does not mind what Patroni says of the world and not of the file`(said: String) async throws {
        let fixture = try await changed()
        fixture.fake.commands.on("/opt/pgha/patroni/bin/patroni", status: 1, output: said)

        let reports = try await fixture.install()

        #expect(reports.contains { $0.outcome == .reloaded })
    }

    @Test func `says what is wrong with haproxy cfg, and leaves out who says it`() async throws {
        let fixture = try await changed()
        fixture.fake.commands.on(
            "/usr/sbin/haproxy", status: 1,
            errors: "[NOTICE] (1) : haproxy version is 2.6.12\n[ALERT] (1) : config : no such file\n")

        let failure = try await rejection(fixture, keeping: "/etc/pgha/pg1/haproxy.cfg")

        #expect(failure?.detail == "It said: [ALERT] (1) : config : no such file")
    }

    @Test func `keeps all unit files when systemd does not accept one`() async throws {
        let fixture = try await changed()
        let path = "/etc/systemd/system/pgha-haproxy@.service"
        fixture.fake.files.put(path, "changed by hand")
        fixture.fake.commands.on(
            "/usr/bin/systemd-analyze", status: 1, errors: "pgha-haproxy@.service:7: Unknown key name 'Foo'\n")

        let failure = await fixture.installFailure()

        #expect(failure?.code == .invalidConfiguration)
        #expect(failure?.message == "systemd does not accept the new unit files")
        #expect(failure?.detail == "It said: pgha-haproxy@.service:7: Unknown key name 'Foo'")
        #expect(try fixture.fake.files.text(path) == "changed by hand")
    }

    @Test func `takes the new configuration once the component accepts it`() async throws {
        let fixture = try await changed()
        let undisturbed = try await changed()
        try await undisturbed.install()
        fixture.fake.commands.on("/usr/sbin/haproxy", status: 1, errors: "no")
        _ = try await rejection(fixture, keeping: "/etc/pgha/pg1/haproxy.cfg")
        fixture.fake.commands.on("/usr/sbin/haproxy", status: 0)

        try await fixture.install()

        #expect(fixture.snapshot.changes(since: undisturbed.snapshot) == [])
    }
}
