import ClusterModel
import HostFakes
import HostPorts
import NodeInstaller
import Testing

@Suite struct HostLockTests {
    private let fake = FakeMachine()
    private let messages = Messages()

    private func take(_ description: String, waiting limit: Duration) async throws(NodeFailure) -> HostLock {
        try await HostLock.take(description, on: fake.machine, waiting: limit, notify: { messages.add($0) })
    }

    @Test func `is taken at once where nobody holds it, and says nothing`() async throws {
        let lock = try await take("process 1", waiting: .zero)

        withExtendedLifetime(lock) {}
        #expect(messages.all == [])
        #expect(fake.clock.now.offset == .zero)
        #expect(try fake.files.text(HostLock.path) == "process 1")
    }

    @Test func `names the holder when its time is over`() async throws {
        let held = try await take("process 1 (pgha-node install)", waiting: .zero)

        let failure = await #expect(throws: NodeFailure.self) { try await take("process 2", waiting: .seconds(3)) }

        withExtendedLifetime(held) {}
        #expect(failure?.code == .conflict)
        #expect(failure?.message == "another pgha-node is at work on this host")
        #expect(failure?.detail == "The lock is held by process 1 (pgha-node install).")
        #expect(messages.all == ["waiting for the lock of this host, held by process 1 (pgha-node install)"])
        #expect(fake.clock.now.offset == .seconds(3))
    }

    @Test func `names the holder in one line, whoever wrote the file`() async throws {
        let held = try await take("a script\n", waiting: .zero)

        let failure = await #expect(throws: NodeFailure.self) { try await take("process 2", waiting: .zero) }

        withExtendedLifetime(held) {}
        #expect(failure?.detail == "The lock is held by a script.")
    }

    @Test func `does not wait at all unless it is told to`() async throws {
        let held = try await take("process 1", waiting: .zero)

        let failure = await #expect(throws: NodeFailure.self) { try await take("process 2", waiting: .zero) }

        withExtendedLifetime(held) {}
        #expect(failure?.code == .conflict)
        #expect(messages.all == [])
        #expect(fake.clock.now.offset == .zero)
    }

    @Test func `is taken when the holder lets go`() async throws {
        let clock = ManualClock()
        var machine = fake.machine
        machine.clock = clock
        var held: HostLock? = try await take("process 1", waiting: .zero)
        let waiting = Task { [machine, messages] in
            try await HostLock.take(
                "process 2", on: machine, waiting: .seconds(60), notify: { messages.add($0) })
        }
        await clock.waitForSleepers()
        #expect(messages.all == ["waiting for the lock of this host, held by process 1"])

        withExtendedLifetime(held) {}
        held = nil
        clock.advance(by: .seconds(1))

        let lock = try await waiting.value
        withExtendedLifetime(lock) {}
        #expect(try fake.files.text(HostLock.path) == "process 2")
    }

    @Test func `says so when the holder has not said who it is`() async throws {
        let held = try await take("", waiting: .zero)

        let failure = await #expect(throws: NodeFailure.self) { try await take("process 2", waiting: .seconds(1)) }

        withExtendedLifetime(held) {}
        #expect(failure?.detail == "The lock is held by a process that has not said who it is.")
        #expect(
            messages.all == ["waiting for the lock of this host, held by a process that has not said who it is"])
    }

    @Test func `ends its wait when it is interrupted`() async throws {
        let clock = ManualClock()
        var machine = fake.machine
        machine.clock = clock
        let held = try await take("process 1", waiting: .zero)
        let waiting = Task { [machine] in
            try await HostLock.take("process 2", on: machine, waiting: .seconds(60), notify: { _ in })
        }
        await clock.waitForSleepers()
        waiting.cancel()

        let failure = await #expect(throws: NodeFailure.self) { try await waiting.value }
        withExtendedLifetime(held) {}
        #expect(failure?.code == .interrupted)
    }
}
