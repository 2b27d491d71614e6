import ClusterModel
import ConfigFiles
import Decisions
import HostFakes
import HostPorts
import NodeInstaller
import Testing

@Suite struct ConfigValidatorTests {
    private let fake = FakeMachine()
    private let file = RenderedFile(path: "/etc/pgha/pg1/haproxy.cfg", contents: "global\n", mode: 0o640)
    private let units = [
        RenderedFile(path: "/etc/systemd/system/pgha.target", contents: "[Unit]\n"),
        RenderedFile(path: "/etc/systemd/system/pgha-haproxy@.service", contents: "[Service]\n"),
        RenderedFile(path: "/etc/systemd/system/pgha-haproxy@pg1.service.d/10-cluster.conf", contents: "[Unit]\n"),
    ]

    private var validator: ConfigValidator { ConfigValidator(machine: fake.machine) }

    /// Files, not directories, that are left below /run.
    private var leftovers: [String] {
        fake.files.texts.keys.filter { $0.hasPrefix("/run/") }.sorted()
    }

    @Test func `shows the component a copy and removes it afterwards`() async throws {
        fake.commands.on("/usr/sbin/haproxy", ["-c", "-f", "/run/pgha-validate/etc-pgha-pg1-haproxy.cfg"])

        try await validator.validate(file, with: .haproxy)

        #expect(fake.commands.calls.count == 1)
        #expect(leftovers == [])
        #expect(try !fake.files.exists("/etc/pgha/pg1/haproxy.cfg"))
    }

    @Test func `shows HAProxy the new file that its configuration loads, not the one that is in place`() async throws {
        let script = RenderedFile(path: "/etc/pgha/pg1/haproxy.lua", contents: "-- new\n")
        let loading = RenderedFile(
            path: "/etc/pgha/pg1/haproxy.cfg", contents: "global\n    lua-load /etc/pgha/pg1/haproxy.lua\n")
        let fake = fake
        fake.commands.on("/usr/sbin/haproxy") { _ throws(NodeFailure) in
            let config = try fake.files.text("/run/pgha-validate/etc-pgha-pg1-haproxy.cfg") ?? ""
            let loaded = try fake.files.text("/run/pgha-validate/etc-pgha-pg1-haproxy.lua")
            let isNew =
                config.contains("lua-load /run/pgha-validate/etc-pgha-pg1-haproxy.lua\n") && loaded == "-- new\n"
            return CommandResult(status: isNew ? 0 : 1)
        }

        try await validator.validate(loading, with: .haproxy, among: [script])

        #expect(leftovers == [])
        #expect(try !fake.files.exists("/etc/pgha/pg1/haproxy.lua"))
    }

    @Test func `keeps the copy that was not accepted, and removes it when the next one is`() async throws {
        fake.commands.on("/usr/sbin/haproxy", status: 1, output: "1", errors: "2\n3\n4\n5\n6\n")
        let failure = await #expect(throws: NodeFailure.self) { try await validator.validate(file, with: .haproxy) }
        #expect(failure?.detail == "It said: 1 | 2 | 3 | 4 | 5")
        #expect(leftovers == ["/run/pgha-validate/etc-pgha-pg1-haproxy.cfg"])

        fake.commands.on("/usr/sbin/haproxy")
        try await validator.validate(file, with: .haproxy)
        #expect(leftovers == [])
    }

    @Test func `says which program is missing`() async throws {
        let failure = await #expect(throws: NodeFailure.self) { try await validator.validate(file, with: .haproxy) }

        #expect(failure?.code == .notFound)
        #expect(failure?.message.contains("/usr/sbin/haproxy") == true)
    }

    @Test func `shows systemd all unit files together, with their drop-ins`() async throws {
        let fake = fake
        fake.commands.on("/usr/bin/systemd-analyze") { command throws(NodeFailure) in
            let dropIn = "/run/pgha-validate/units/pgha-haproxy@pg1.service.d/10-cluster.conf"
            return CommandResult(status: try fake.files.exists(dropIn) ? 0 : 1)
        }

        try await validator.validateUnits(units)

        let call = try #require(fake.commands.calls.first)
        #expect(
            call.arguments.suffix(2) == [
                "/run/pgha-validate/units/pgha.target", "/run/pgha-validate/units/pgha-haproxy@pg1.service",
            ])
        #expect(call.environment["SYSTEMD_UNIT_PATH"] == "/run/pgha-validate/units:")
        #expect(leftovers == [])
        #expect(try fake.files.names(in: "/etc/systemd/system") == [])
    }

    @Test func `has a template judged as each instance that has drop-ins, and as it is where none has`() async throws {
        fake.commands.on("/usr/bin/systemd-analyze", status: 0)
        let names = [
            "pgha-patroni@.service", "pgha-patroni@pg1.service.d/10-cluster.conf",
            "pgha-patroni@pg1.service.d/20-distribution.conf", "pgha-patroni@pg2.service.d/10-cluster.conf",
            "pgha-zookeeper@.service",
        ]

        try await validator.validateUnits(
            names.map { RenderedFile(path: "/etc/systemd/system/\($0)", contents: "[Unit]\n") })

        let call = try #require(fake.commands.calls.first)
        #expect(
            call.arguments.suffix(3).map { $0.split(separator: "/").last } == [
                "pgha-patroni@pg1.service", "pgha-patroni@pg2.service", "pgha-zookeeper@.service",
            ])
    }

    @Test func `does not show systemd what a killed run left`() async throws {
        fake.files.put("/run/pgha-validate/units/pgha-old@.service", "")
        fake.commands.on("/usr/bin/systemd-analyze", status: 0)

        try await validator.validateUnits(units)

        #expect(fake.commands.lines.filter { $0.contains("pgha-old") } == [])
        #expect(leftovers == [])
    }
}
