import ArgumentParser
import ClusterModel
import Decisions
import HostFakes
import HostPorts
import Testing

@testable import NodeCommands

struct ReportTests {
    private let fixture = ObservationFixture()

    @Test func `a report that is interrupted says so, and leaves nothing behind`() async throws {
        let fixture = fixture
        let report = try Report.parse(["--file", "/root/x.tar.gz"])
        let work = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await report.run(on: fixture.fake.machine, peers: FakeAgentWorld(), zone: .universal)
        }
        let failure = await #expect(throws: NodeFailure.self) { try await work.value }
        #expect(failure?.code == .interrupted)
        #expect(try fixture.fake.files.names(in: "/var/tmp").isEmpty)
        #expect(try fixture.fake.files.attributes("/root/x.tar.gz") == nil)
    }
}
