import ClusterModel
import Decisions
import HostFakes
import HostPorts
import Testing

@testable import HostOperations

@Suite struct ServiceFreezerTests {
    private static let patroni = OperatorFixture.patroni
    private static let group = "/sys/fs/cgroup/pgha.slice/pgha-patroni@pg1.service/cgroup.procs"

    private let fixture = OperatorFixture()

    private func freezeMember(forSeconds seconds: Int) async throws {
        try await fixture.run(.freeze, fixture.member)
        fixture.set(uptime: 1000 + seconds)
    }

    @Test func `freezes once, and remembers since when`() async throws {
        #expect(try await fixture.run(.freeze, fixture.member) == [.frozen])
        fixture.set(uptime: 1040)
        #expect(try await fixture.run(.freeze, fixture.member) == [.unchanged])

        #expect(fixture.jobs == ["freeze \(Self.patroni)"])
        #expect(try fixture.fake.files.text("/run/pgha/pg1/patroni.frozen") == "1000\n")
    }

    @Test func `thaws a leader within its lease, and forgets the time`() async throws {
        try await freezeMember(forSeconds: 10)

        #expect(try await fixture.run(.thaw, fixture.member) == [.thawed])

        #expect(fixture.jobs == ["freeze \(Self.patroni)", "thaw \(Self.patroni)"])
        #expect(try !fixture.fake.files.exists("/run/pgha/pg1/patroni.frozen"))
    }

    @Test func `kills an old leader before it wakes up`() async throws {
        try await freezeMember(forSeconds: 40)
        fixture.setHost(2, leader: 3)

        #expect(try await fixture.run(.thaw, fixture.member) == [.fenced])

        #expect(fixture.jobs == ["freeze \(Self.patroni)", "kill \(Self.patroni)", "thaw \(Self.patroni)"])
        #expect(fixture.messages.all.contains("killing \(Self.patroni) before it wakes up: pg3 leads now"))
    }

    @Test func `does not mind when systemd has seen the end of what was killed before it is thawed`() async throws {
        try await freezeMember(forSeconds: 40)
        fixture.setHost(2, leader: 3)
        fixture.fake.services.fail("thaw \(Self.patroni)", with: NodeFailure(.serviceFailed, "Unit is inactive"))

        // Still active and frozen: not what was meant.
        await #expect(throws: NodeFailure.self) { try await fixture.run(.thaw, fixture.member) }

        fixture.fake.services.set(
            Self.patroni, UnitState(load: "loaded", active: "activating", sub: "auto-restart", freezer: "frozen"))
        #expect(try await fixture.run(.thaw, fixture.member) == [.fenced])
    }

    @Test func `kills one that somebody else froze when nobody answers`() async throws {
        try await fixture.fake.services.freeze(UnitName(Self.patroni))
        for number in 2...3 { fixture.setHost(number, member: nil) }

        #expect(try await fixture.run(.thaw, fixture.member) == [.fenced])
    }

    @Test func `does not kill a replica, unless it is about to be promoted`() async throws {
        let data = "/var/lib/pgha/pg1/postgresql"
        fixture.fake.files.put("\(data)/standby.signal", "")
        fixture.setHost(2, leader: 2)
        try await freezeMember(forSeconds: 100)
        #expect(try await fixture.run(.thaw, fixture.member) == [.thawed])

        fixture.fake.files.put("\(data)/promote", "")
        try await freezeMember(forSeconds: 100)
        #expect(try await fixture.run(.thaw, fixture.member) == [.fenced])
    }

    @Test func `stays frozen while a process of it is left`() async throws {
        fixture.setHost(2, leader: 2)
        fixture.fake.services.set(
            Self.patroni,
            {
                var state = UnitState(load: "loaded", active: "active", sub: "running", freezer: "frozen")
                state.controlGroup = "/pgha.slice/pgha-patroni@pg1.service"
                return state
            }())
        fixture.fake.files.put(Self.group, "4711\n")

        let failure = await #expect(throws: NodeFailure.self) { try await fixture.run(.thaw, fixture.member) }

        #expect(failure?.message == "\"\(Self.patroni)\" was killed and does not die")
        #expect(fixture.jobs == ["kill \(Self.patroni)"])
    }

    @Test func `freezes and thaws ZooKeeper and HAProxy without asking who leads`() async throws {
        let others = [PlacedService(.zookeeper, of: .member(1)), PlacedService(.haproxy, of: .member(1))]
        for number in 2...3 { fixture.setHost(number, leader: 2) }

        #expect(try await fixture.run(.freeze, others) == [.frozen, .frozen])
        #expect(try await fixture.run(.thaw, [others[0]]) == [.thawed])
        #expect(!fixture.jobs.contains { $0.hasPrefix("kill") })
    }

    @Test func `refuses to freeze what the cluster needs, and what does not run`() async throws {
        fixture.setHost(2, zookeeper: false)
        let needed = await #expect(throws: NodeFailure.self) { try await fixture.run(.freeze, fixture.all) }
        #expect(needed?.code == .preflightFailed)

        fixture.fake.services.set(Self.patroni, active: false)
        let down = await #expect(throws: NodeFailure.self) { try await fixture.run(.freeze, fixture.member) }
        #expect(down?.message == "\"\(Self.patroni)\" does not run")
        #expect(fixture.jobs == [])
    }

    @Test func `stops and restarts what is frozen as an old leader only after its death`() async throws {
        for number in 2...3 { fixture.setHost(number, leader: 2) }
        try await freezeMember(forSeconds: 40)

        #expect(try await fixture.run(.stop, fixture.member) == [.stopped])

        #expect(fixture.jobs.dropFirst() == ["kill \(Self.patroni)", "thaw \(Self.patroni)", "stop \(Self.patroni)"])
    }

    @Test func `does not start what is frozen`() async throws {
        try await freezeMember(forSeconds: 1)

        let failure = await #expect(throws: NodeFailure.self) { try await fixture.run(.start, fixture.member) }
        #expect(failure?.hint == "Run \"pgha-node thaw\" instead.")
    }
}

@Suite struct FreezeTimerTests {
    private let fixture = OperatorFixture()
    private static let timer = TransientTimer(
        name: "pgha-thaw-pg1-patroni", description: "Thaws \(OperatorFixture.patroni)",
        command: ["/usr/local/bin/pgha-node", "thaw", "pg1"], after: .seconds(60))

    private func freeze(forSeconds seconds: Int) async throws {
        try await fixture.run(.freeze, fixture.member) { options in
            options.freezeSeconds = seconds
            options.thawCommand = ["/usr/local/bin/pgha-node", "thaw"]
        }
    }

    @Test func `a timer of systemd thaws, and a thaw by hand ends it`() async throws {
        try await freeze(forSeconds: 60)
        #expect(fixture.fake.services.timers == [Self.timer])
        #expect(fixture.jobs == ["start pgha-thaw-pg1-patroni.timer", "freeze \(OperatorFixture.patroni)"])
        #expect(try fixture.fake.files.text("/run/pgha/pg1/patroni.frozen") == "1000 1060\n")

        fixture.set(uptime: 1010)
        #expect(try await fixture.run(.thaw, fixture.member) == [.thawed])
        #expect(fixture.fake.services.timers == [])
    }

    @Test func `a freeze that fails leaves neither a timer nor a time`() async throws {
        fixture.fake.services.fail("freeze \(OperatorFixture.patroni)", with: NodeFailure(.serviceFailed, "no"))
        await #expect(throws: NodeFailure.self) { try await freeze(forSeconds: 60) }
        #expect(fixture.fake.services.timers == [])
        #expect(try !fixture.fake.files.exists("/run/pgha/pg1/patroni.frozen"))
    }

    @Test func `remembers that the agent shall leave it alone, until it is thawed`() async throws {
        let placed = try #require(fixture.member.first)
        _ = try await fixture.run(.freeze, fixture.member) { $0.isObserved = true }
        #expect(FreezeStamp.isObserved(placed, on: fixture.fake.machine))
        #expect(FreezeStamp.seconds(of: placed, on: fixture.fake.machine) == 0)
        #expect(FreezeStamp.secondsLeft(of: placed, on: fixture.fake.machine) == nil)

        fixture.fake.services.set(OperatorFixture.patroni, active: true)
        _ = try await fixture.run(.thaw, fixture.member)
        #expect(!FreezeStamp.isObserved(placed, on: fixture.fake.machine))
        _ = try await fixture.run(.freeze, fixture.member)
        #expect(!FreezeStamp.isObserved(placed, on: fixture.fake.machine))
    }

    @Test func `of several services none is frozen where one cannot be`() async throws {
        var state = UnitState(load: "loaded", active: "active", sub: "running")
        state.canFreeze = false
        fixture.fake.services.set(OperatorFixture.zookeeper, state)
        let failure = await #expect(throws: NodeFailure.self) {
            try await fixture.run(.freeze, fixture.all) { $0.force = true }
        }
        #expect(failure?.message == "this host cannot freeze \"\(OperatorFixture.zookeeper)\"")
        #expect(fixture.jobs == [])
    }

    @Test func `a process that feeds a watchdog is found in the unit's control group`() async throws {
        var state = UnitState(load: "loaded", active: "active", sub: "running")
        state.controlGroup = "/pgha.slice/pgha-patroni@pg1.service"
        fixture.fake.services.set(OperatorFixture.patroni, state)
        fixture.fake.files.put("/sys/fs/cgroup/pgha.slice/pgha-patroni@pg1.service/cgroup.procs", "100\n101\n")
        fixture.fake.system.set(openFiles: ["/dev/null", "/dev/watchdog"], of: 101)

        let failure = await #expect(throws: NodeFailure.self) { try await fixture.run(.freeze, fixture.member) }
        #expect(failure?.code == .preflightFailed)
        #expect(try await fixture.run(.freeze, fixture.member) { $0.expectsReset = true } == [.frozen])
    }
}

@Suite struct KernelsWordTests {
    private let fixture = OperatorFixture()

    private func setPatroni(called freezer: String, byKernel isFrozen: Bool) {
        var state = UnitState(load: "loaded", active: "active", sub: "running", freezer: freezer)
        state.isFrozenByKernel = isFrozen
        fixture.fake.services.set(OperatorFixture.patroni, state)
    }

    @Test func `a unit that only systemd calls frozen runs, and can be frozen`() async throws {
        setPatroni(called: "frozen", byKernel: false)
        #expect(try await fixture.run(.freeze, fixture.member) == [.frozen])
        setPatroni(called: "frozen", byKernel: false)
        fixture.setHost(2, leader: 2)
        #expect(try await fixture.run(.thaw, fixture.member) == [.thawed])
        #expect(fixture.jobs == ["freeze \(OperatorFixture.patroni)", "thaw \(OperatorFixture.patroni)"])
    }

    @Test func `after a fence systemd is told that the unit is not frozen any more`() async throws {
        setPatroni(called: "frozen", byKernel: true)
        fixture.setHost(2, leader: 2)
        fixture.fake.services.fail(
            "thaw \(OperatorFixture.patroni)", with: NodeFailure(.serviceFailed, "Unit is inactive"))
        fixture.fake.services.onKill { state in
            state.active = "activating"
            state.isFrozenByKernel = false
        }
        #expect(try await fixture.run(.thaw, fixture.member) == [.fenced])
        // It never becomes active here, so there is nothing to thaw; a later look finds it running.
        #expect(fixture.jobs.filter { $0.hasPrefix("thaw") }.count == 1)
    }
}
