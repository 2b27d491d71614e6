import ClusterModel
import HostFakes
import HostPorts
import Testing

@Suite struct HostFakesTests {
    private let fake = FakeMachine()

    @Test func `writes a file with owner and mode and knows when it is unchanged`() throws {
        let owner = FileOwner("postgres", "postgres")

        #expect(try fake.files.write([1], to: "/etc/a", owner: owner, mode: 0o600) == .created)
        #expect(try fake.files.write([1], to: "/etc/a", owner: owner, mode: 0o600) == .unchanged)
        #expect(try fake.files.write([1], to: "/etc/a", owner: owner, mode: 0o640) == .updated)
        #expect(try fake.files.attributes("/etc/a")?.owner == owner)
        #expect(fake.files.mutations == ["write /etc/a", "write /etc/a"])
    }

    @Test func `does not write where there is no directory`() throws {
        #expect(throws: NodeFailure.self) {
            try fake.files.write([1], to: "/etc/pgha/a", owner: .root, mode: 0o644)
        }
        #expect(try fake.files.makeDirectory("/etc/pgha/pg1", owner: .root, mode: 0o700) == .created)
        #expect(try fake.files.attributes("/etc/pgha")?.mode == 0o755)
    }

    @Test func `follows links and removes trees`() throws {
        fake.files.put("/opt/v1/bin/patroni", "x")
        _ = try fake.files.link("/opt/current", to: "v1")

        #expect(try fake.files.text("/opt/current/bin/patroni") == "x")
        #expect(try fake.files.names(in: "/opt/current") == ["bin"])
        #expect(try fake.files.attributes("/opt/current")?.kind == .symbolicLink)
        #expect(try fake.files.remove("/opt/v1"))
        #expect(try fake.files.names(in: "/opt") == ["current"])
        #expect(try !fake.files.remove("/opt/v1"))
    }

    @Test func `dies at one mutation and stays dead until it is revived`() throws {
        fake.files.die(afterMutations: 1)
        _ = try fake.files.write([1], to: "/etc/a", owner: .root, mode: 0o644)
        for path in ["/etc/b", "/etc/c"] {
            let failure = #expect(throws: NodeFailure.self) {
                try fake.files.write([1], to: path, owner: .root, mode: 0o644)
            }
            #expect(failure?.code == .interrupted)
        }
        #expect(try fake.files.names(in: "/etc") == ["a", "b.pgha-new", "systemd"])

        fake.files.revive()
        #expect(try fake.files.write([1], to: "/etc/b", owner: .root, mode: 0o644) == .created)
        #expect(try fake.files.names(in: "/etc") == ["a", "b", "systemd"])
    }

    @Test func `knows which users exist once it is told`() throws {
        fake.files.setUsers(["postgres"])

        #expect(throws: NodeFailure.self) {
            try fake.files.makeDirectory("/opt/a", owner: FileOwner("zookeeper", "zookeeper"), mode: 0o700)
        }
        _ = try fake.files.makeDirectory("/opt/a", owner: FileOwner("postgres", "postgres"), mode: 0o700)
    }

    @Test func `holds a lock as long as it lives`() throws {
        var lock = try fake.files.lock("/run/lock", holder: "me")
        #expect(lock != nil)
        #expect(try fake.files.lock("/run/lock", holder: "you") == nil)
        lock = nil
        #expect(try fake.files.lock("/run/lock", holder: "you") != nil)
    }

    @Test func `answers a command by its latest script and has no others installed`() async throws {
        fake.commands.on("/bin/a", output: "any")
        fake.commands.on("/bin/a", ["x"], status: 3)

        #expect(try await fake.commands.run(Command("/bin/a", ["y"])).output == "any")
        #expect(try await fake.commands.run(Command("/bin/a", ["x"])).status == 3)
        await #expect(throws: NodeFailure.self) { try await fake.commands.run(Command("/bin/b")) }
        #expect(fake.commands.lines == ["/bin/a y", "/bin/a x", "/bin/b"])
    }

    @Test func `knows a unit file from the next reload on and starts instances of templates`() async throws {
        fake.files.put("/etc/systemd/system/pgha-patroni@.service", "")
        _ = try fake.files.link("/etc/systemd/system/haproxy.service", to: "/dev/null")
        let unit = UnitName("pgha-patroni@pg1.service")
        await #expect(throws: NodeFailure.self) { try await fake.services.start(unit, within: .seconds(1)) }

        try await fake.services.reloadUnitFiles()
        try await fake.services.enable([unit])
        try await fake.services.start(unit, within: .seconds(1))

        let state = try await fake.services.state(of: unit)
        #expect(state.isActive)
        #expect(state.isEnabled)
        #expect(try await fake.services.state(of: UnitName("haproxy.service")).load == "masked")
        await #expect(throws: NodeFailure.self) {
            try await fake.services.start(UnitName("haproxy.service"), within: .seconds(1))
        }
    }

    @Test func `wakes sleepers when the time has come and not before`() async throws {
        let clock = ManualClock()
        let sleeper = Task { try await clock.sleep(for: .seconds(5)) }
        await clock.waitForSleepers()
        clock.advance(by: .seconds(4))
        #expect(clock.sleepers == 1)
        clock.advance(by: .seconds(1))

        try await sleeper.value
        #expect(clock.now.offset == .seconds(5))
    }

    @Test func `ends a sleep that is cancelled`() async {
        let clock = ManualClock()
        let sleeper = Task { try await clock.sleep(for: .seconds(5)) }
        await clock.waitForSleepers()
        sleeper.cancel()

        await #expect(throws: CancellationError.self) { try await sleeper.value }
        #expect(clock.sleepers == 0)
    }

    @Test func `sleeps no time on an immediate clock`() async throws {
        let clock = ImmediateClock()
        try await clock.sleep(for: .seconds(3600))

        #expect(clock.now.offset == .seconds(3600))
    }
}
