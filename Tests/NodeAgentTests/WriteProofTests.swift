import ClusterModel
import HostFakes
import HostPorts
import Testing

@testable import NodeAgent

@Suite struct WriteProofTests {
    private static let write = "SELECT pg_logical_emit_message(true, 'pgha', '')"

    private func fixture() throws -> AgentFixture {
        let fixture = try AgentFixture()
        fixture.fake.postgres.on("open", rows: [])
        fixture.fake.postgres.on(Self.write, rows: [["0/1"]])
        return fixture
    }

    /// How often a connection was asked for.
    private func openings(_ fixture: AgentFixture) -> Int {
        fixture.fake.postgres.calls.filter { $0.hasSuffix(": open") }.count
    }

    private func refuse(_ statement: String, _ fixture: AgentFixture) {
        fixture.fake.postgres.on(statement) { _ throws(NodeFailure) in
            throw NodeFailure(.unreachable, "it did not work", detail: "FATAL:  57P01: nobody is let in")
        }
    }

    @Test func `a leader that takes writes is let in once and asked again and again`() async throws {
        let fixture = try fixture()
        let proof = WriteProof(fixture.context)
        for _ in 0..<3 {
            let reasons = await proof.reasons(against: [.member(1)])
            #expect(reasons == [])
        }
        #expect(openings(fixture) == 1)
    }

    @Test func `a connection that is lost is opened again before anything is said`() async throws {
        let fixture = try fixture()
        let proof = WriteProof(fixture.context)
        _ = await proof.reasons(against: [.member(1)])
        refuse(Self.write, fixture)
        let refused = await proof.reasons(against: [.member(1)])
        #expect(refused == ["pg1: a write does not commit (FATAL:  57P01: nobody is let in)"])
        fixture.fake.postgres.on(Self.write, rows: [["0/2"]])
        let again = await proof.reasons(against: [.member(1)])
        #expect(again == [])
        #expect(openings(fixture) == 3)
    }

    @Test func `who leads no more is not kept, and is let in anew when it leads again`() async throws {
        let fixture = try fixture()
        let proof = WriteProof(fixture.context)
        _ = await proof.reasons(against: [.member(1)])
        _ = await proof.reasons(against: [])
        _ = await proof.reasons(against: [.member(1)])
        #expect(openings(fixture) == 2)
    }

    @Test func `a leader that lets nobody in takes no writes`() async throws {
        let fixture = try fixture()
        refuse("open", fixture)
        let reasons = await WriteProof(fixture.context).reasons(against: [.member(1)])
        #expect(reasons.count == 1)
    }
}
