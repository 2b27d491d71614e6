import ClusterModel
import Decisions
import HostFakes
import HostOperations
import HostPorts
import Testing

/// The agent as a target of start, stop and restart.
@Suite struct AgentTargetTests {
    private let fixture = OperatorFixture()
    private let agent = UnitName.agent.text

    init() {
        fixture.fake.services.set(agent, active: true)
    }

    @Test(arguments: [ServiceOperator.Verb.stop, .restart])
    func `comes after the services, which it is of use to until then`(verb: ServiceOperator.Verb) async throws {
        let outcomes = try await fixture.run(verb, fixture.member, agent: true)
        #expect(outcomes.count == 2)
        #expect(fixture.jobs == ["\(verb.rawValue) \(OperatorFixture.patroni)", "\(verb.rawValue) \(agent)"])
    }

    @Test func `is started alone`() async throws {
        fixture.fake.services.set(agent, active: false)
        #expect(try await fixture.run(.start, [], agent: true) == [.started])
        #expect(fixture.jobs == ["start \(agent)"])
        #expect(try await fixture.run(.start, [], agent: true) == [.unchanged])
    }

    @Test func `is only looked at in a dry run`() async throws {
        #expect(try await fixture.run(.restart, [], agent: true) { $0.isDryRun = true } == [.pending])
        #expect(fixture.jobs == [])
    }

    @Test(arguments: [ServiceOperator.Verb.freeze, .thaw])
    func `is not frozen, and not even what was named with it`(verb: ServiceOperator.Verb) async {
        let failure = await #expect(throws: NodeFailure.self) {
            try await fixture.run(verb, fixture.member, agent: true)
        }
        #expect(failure?.code == .usage)
        #expect(fixture.fake.services.calls == [])
    }

    @Test func `is left out where the whole host is frozen`() async throws {
        let outcomes = try await fixture.run(.freeze, fixture.member, agent: true) {
            $0.isWholeHost = true
            $0.force = true
        }
        #expect(outcomes == [.frozen])
    }

    @Test func `that is not installed is named`() async {
        fixture.fake.services.set(agent, UnitState(load: "not-found", active: "inactive", sub: "dead"))
        let failure = await #expect(throws: NodeFailure.self) { try await fixture.run(.stop, [], agent: true) }
        #expect(failure?.code == .notFound)
    }
}
