import ClusterModel
import HostFakes
import HostPorts
import Testing

/// The fakes that the tests of interrupted runs stand on.
@Suite struct HostFakesKillTests {
    private let fake = FakeMachine()

    @Test(arguments: KillMoment.allCases)
    func `kills one command, before or after it has had its effect`(moment: KillMoment) async throws {
        let effects = Messages()
        fake.commands.on("/bin/a") { command in
            effects.add(command.arguments.joined())
            return CommandResult(status: 0)
        }
        fake.commands.die(afterCalls: 1, moment)

        _ = try await fake.commands.run(Command("/bin/a", ["1"]))
        let failure = await #expect(throws: NodeFailure.self) { try await fake.commands.run(Command("/bin/a", ["2"])) }
        _ = try await fake.commands.run(Command("/bin/a", ["3"]))

        #expect(failure?.code == .interrupted)
        #expect(effects.all == (moment == .before ? ["1", "3"] : ["1", "2", "3"]))
    }

    @Test(arguments: KillMoment.allCases)
    func `kills one call of systemd, before or after it has had its effect`(moment: KillMoment) async throws {
        let unit = UnitName("a.service")
        fake.services.set("a.service", active: false)
        fake.services.die(afterCalls: 0, moment)

        await #expect(throws: NodeFailure.self) { try await fake.services.start(unit, within: .seconds(1)) }

        #expect(try await fake.services.state(of: unit).isActive == (moment == .after))
        try await fake.services.stop(unit, within: .seconds(1))
        #expect(fake.services.calls == ["start a.service", "stop a.service"])
    }

    @Test func `makes the links of an enabled unit and takes them away`() async throws {
        let path = "/etc/systemd/system/pgha.target.wants/pgha-patroni@pg1.service"
        fake.files.put("/etc/systemd/system/pgha-patroni@.service", "[Install]\nWantedBy=pgha.target\n")
        try await fake.services.reloadUnitFiles()

        try await fake.services.enable([UnitName("pgha-patroni@pg1.service")])
        #expect(fake.files.tree.contains { $0.contains("\(path) -> /etc/systemd/system/pgha-patroni@.service") })
        try await fake.services.disable([UnitName("pgha-patroni@pg1.service")])
        #expect(try fake.files.names(in: "/etc/systemd/system") == ["pgha-patroni@.service"])
    }

    @Test func `forgets a unit whose file is gone once it does not run`() async throws {
        let unit = UnitName("pgha-patroni@pg1.service")
        fake.files.put("/etc/systemd/system/pgha-patroni@.service", "")
        try await fake.services.reloadUnitFiles()
        try await fake.services.start(unit, within: .seconds(1))
        fake.files.discard("/etc/systemd/system/pgha-patroni@.service")

        try await fake.services.reloadUnitFiles()
        #expect(try await fake.services.state(of: unit).isActive)
        try await fake.services.stop(unit, within: .seconds(1))
        try await fake.services.reloadUnitFiles()
        #expect(try await fake.services.state(of: unit).load == "not-found")
    }

    @Test func `has packages start their services where nobody prevents it`() async throws {
        let debian = FakeDebian(fake)

        _ = try await fake.commands.run(Command("/usr/bin/apt-get", ["-y", "install", "postgresql-15", "haproxy"]))

        #expect(debian.startedByPackages == ["postgresql.service", "postgresql@15-main.service", "haproxy.service"])
        #expect(debian.users == ["root", "postgres", "haproxy"])
        #expect(debian.packages.contains("libpq5"))
    }

    @Test func `takes with a package what it brought`() async throws {
        let debian = FakeDebian(fake)
        fake.files.put(link: "/etc/systemd/system/haproxy.service", to: "/dev/null")
        let blank = HostSnapshot(of: fake, debian)
        _ = try await fake.commands.run(Command("/usr/bin/apt-get", ["install", "haproxy"]))

        _ = try await fake.commands.run(Command("/usr/bin/apt-get", ["purge", "haproxy", "liblua5.3-0"]))

        #expect(HostSnapshot(of: fake, debian).changes(since: blank) == [])
    }

    @Test func `holds up an interrupted dpkg until it is configured`() async throws {
        let debian = FakeDebian(fake)
        debian.dieInNextInstallation()
        let install = Command("/usr/bin/apt-get", ["install", "haproxy"])

        await #expect(throws: NodeFailure.self) { try await fake.commands.run(install) }
        #expect(try await fake.commands.run(install).status == 100)
        #expect(try await fake.commands.run(Command("/usr/bin/dpkg", ["--audit"])).output != "")
        _ = try await fake.commands.run(Command("/usr/bin/dpkg", ["--configure", "-a"]))
        #expect(try await fake.commands.run(install).status == 0)
    }

    @Test func `does not remove the place of a mounted file system`() throws {
        fake.files.mount("/srv/data")
        fake.files.put("/srv/data/a", "")

        #expect(throws: NodeFailure.self) { try fake.files.remove("/srv/data") }
        #expect(try fake.files.remove("/srv/data/a"))
    }
}
