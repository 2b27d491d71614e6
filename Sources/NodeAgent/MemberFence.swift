import ClusterModel
import HostOperations
import HostPorts

/// Kills all of a member's unit.
struct MemberFence: Sendable {
    let context: AgentContext
    let processes: MemberProcesses

    /// SIGKILL until nothing of it is left; systemd starts Patroni anew a second later. It reaches frozen processes as well
    /// (kernel, cgroup-v2.rst). Throws `.timeout` if something is left.
    func kill(_ group: String) async throws(NodeFailure) {
        let elapsed = context.machine.clock.stopwatch()
        while processes.processes(in: group) != [] {
            guard elapsed() < .milliseconds(800) else {
                throw NodeFailure(.timeout, "processes of \"\(processes.unit)\" are left after SIGKILL")
            }
            try await context.machine.services.kill(processes.unit)
            guard await context.pause(.milliseconds(5)) else { return }
        }
    }
}
