import Decisions
import Testing

@Suite struct MemberPositionTests {
    @Test(arguments: [
        ("leader", "running", "leader"), ("primary", "running", "leader"), ("standby_leader", "streaming", "leader"),
        ("leader", "starting", "leader (starting)"), ("leader", "stopped", "leader (stopped)"),
        ("replica", "streaming", "replica"), ("sync_standby", "streaming", "sync replica"),
        ("quorum_standby", "streaming", "quorum replica"), ("replica", "running", "replica (not streaming)"),
        ("replica", "creating replica", "replica (creating replica)"),
        ("replica", "in archive recovery", "replica (in archive recovery)"),
        ("sync_standby", "start failed", "sync replica (start failed)"),
    ])
    func `says a position in the field's own terms`(role: String, state: String, text: String) {
        #expect(MemberPosition.text(role: role, state: state, tellsStreaming: true) == text)
    }

    @Test(arguments: [
        ("leader", "running", true, true), ("primary", "running", false, true),
        ("standby_leader", "streaming", true, true),
        ("replica", "streaming", true, true), ("replica", "running", true, false), ("replica", "running", false, true),
        ("sync_standby", "running", true, false), ("leader", "stopping", true, false), ("replica", "", false, false),
        ("replica", "crashed", false, false),
    ])
    func `calls healthy what serves`(role: String, state: String, tellsStreaming: Bool, isHealthy: Bool) {
        #expect(MemberPosition.isHealthy(role: role, state: state, tellsStreaming: tellsStreaming) == isHealthy)
    }
}
