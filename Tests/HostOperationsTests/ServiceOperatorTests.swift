import ClusterModel
import Decisions
import HostFakes
import HostOperations
import HostPorts
import Testing

@Suite struct ServiceOperatorTests {
    private let fixture = OperatorFixture()

    @Test func `stops what depends on something before that`() async throws {
        #expect(try await fixture.run(.stop, fixture.all) == [.stopped, .stopped, .stopped])
        #expect(
            fixture.jobs == [
                "stop \(OperatorFixture.haproxy)", "stop \(OperatorFixture.patroni)",
                "stop \(OperatorFixture.zookeeper)",
            ])
        #expect(
            fixture.messages.all == [
                "stopping \(OperatorFixture.haproxy)", "stopping \(OperatorFixture.patroni)",
                "stopping \(OperatorFixture.zookeeper)",
            ])
    }

    @Test func `counts servers that elect a leader as up, or the next stop would take the quorum away`() async {
        fixture.setHost(3, zookeeper: false)
        for number in 1...2 {
            fixture.fake.network.set(
                "10.0.0.\(number)", 2181, answer: "This ZooKeeper instance is not currently serving requests\n",
                to: "srvr")
        }
        let failure = await #expect(throws: NodeFailure.self) {
            try await fixture.run(.stop, [PlacedService(.zookeeper, of: .member(1))])
        }
        #expect(failure?.message == "ZooKeeper would lose its quorum")
        #expect(fixture.jobs == [])
    }

    @Test func `leaves alone what is so already`() async throws {
        #expect(try await fixture.run(.start, fixture.member) == [.unchanged])
        fixture.fake.services.set(OperatorFixture.patroni, active: false)
        #expect(try await fixture.run(.stop, fixture.member) == [.unchanged])
        #expect(fixture.fake.services.calls == [])
    }

    @Test func `stops a unit that waits for its restart`() async throws {
        fixture.fake.services.set(
            OperatorFixture.patroni, UnitState(load: "loaded", active: "activating", sub: "auto-restart"))

        #expect(try await fixture.run(.stop, fixture.member) == [.stopped])
    }

    @Test func `waits after a start until the service answers`() async throws {
        fixture.fake.services.set(OperatorFixture.patroni, active: false)
        fixture.setHost(1, member: "starting")

        let failure = await #expect(throws: NodeFailure.self) {
            try await fixture.run(.start, fixture.member)
        }

        #expect(failure?.code == .timeout)
        #expect(failure?.detail?.contains("PostgreSQL is \"starting\"") == true)
        #expect(fixture.jobs == ["start \(OperatorFixture.patroni)"])
    }

    @Test func `does not wait when told so`() async throws {
        fixture.fake.services.set(OperatorFixture.patroni, active: false)
        fixture.setHost(1, member: "starting")
        fixture.fake.services.fail("start \(OperatorFixture.patroni)", with: NodeFailure(.timeout, "still at it"))

        #expect(try await fixture.run(.start, fixture.member) { $0.waits = false } == [.queued])
    }

    @Test func `changes nothing in a dry run`() async throws {
        #expect(try await fixture.run(.restart, fixture.all) { $0.isDryRun = true } == [.pending, .pending, .pending])
        #expect(fixture.fake.services.calls == [])
    }

    @Test func `refuses to stop what the cluster needs, and does it when forced`() async throws {
        fixture.setHost(2, zookeeper: false)
        let zookeeper = [PlacedService(.zookeeper, of: .member(1))]

        let failure = await #expect(throws: NodeFailure.self) { try await fixture.run(.stop, zookeeper) }
        #expect(failure?.code == .preflightFailed)
        #expect(fixture.fake.services.calls == [])

        #expect(try await fixture.run(.stop, zookeeper) { $0.force = true } == [.stopped])
    }

    @Test func `refuses to stop the last member that runs`() async throws {
        fixture.setHost(2, member: "stopped")
        fixture.setHost(3, member: "stopped")

        let failure = await #expect(throws: NodeFailure.self) {
            try await fixture.run(.stop, fixture.member)
        }
        #expect(failure?.message == "the last running member would stop")
    }

    @Test func `says what is not installed`() async throws {
        let failure = await #expect(throws: NodeFailure.self) {
            try await fixture.run(.start, [PlacedService(.patroni, of: .member(2))])
        }
        #expect(failure?.code == .notFound)
        #expect(failure?.hint == "Run \"pgha-node install --role pg2\" first.")
    }

    @Test func `passes on what systemd says, and goes no further`() async throws {
        fixture.fake.services.fail(
            "restart \(OperatorFixture.zookeeper)", with: NodeFailure(.serviceFailed, "the unit is masked"))

        let failure = await #expect(throws: NodeFailure.self) { try await fixture.run(.restart, fixture.all) }
        #expect(failure?.message == "the unit is masked")
        #expect(fixture.jobs == ["restart \(OperatorFixture.zookeeper)"])
    }
}
