import ClusterModel
import Decisions
import HostOperations
import HostPorts

/// Breaks something on this host because a drill of the cluster asks for it.
///
/// The agent does neither the fault nor the cure itself: it leaves both to timers of systemd, the cure first. So the fault ends
/// whatever becomes of the agent and of whoever asked, and it does not reach the agent's own answer.
struct DrillDesk: Sendable {
    let context: AgentContext

    /// Of its units in systemd.
    static let faultTimer = "pgha-drill-fault"
    static let cureTimer = "pgha-drill-cure"
    /// Long enough for the answer to leave.
    private static let delay = Duration.milliseconds(200)

    /// nil for what is no order.
    func answer(to path: String) async -> StatusAnswer? {
        guard let order = DrillOrder(path: path) else { return nil }
        do throws(NodeFailure) {
            try await prepare(order)
            return StatusAnswer(status: 200, body: "ordered\n")
        } catch {
            context.ports.events.record(AgentEvents.complaint(error))
            return StatusAnswer(
                status: 409,
                body: [error.message, error.detail, error.hint].compactMap { $0 }.joined(separator: "; ") + "\n")
        }
    }

    private func prepare(_ order: DrillOrder) async throws(NodeFailure) {
        guard context.cluster.drill.isAllowed else {
            throw NodeFailure(
                .preflightFailed, "drills are not allowed on this host",
                hint: "Set drill.allowed in cluster.yml, and apply it.")
        }
        guard let assignment = context.host.roles.first(where: { $0.role == order.role }) else {
            throw NodeFailure(.notFound, "\(order.role) is not on this host")
        }
        var unit: UnitName?
        if let service = order.kind.service {
            guard assignment.services.contains(service) else {
                throw NodeFailure(.notFound, "\(order.role) has no \(service.rawValue)")
            }
            unit = service.unit(for: order.role)
        }
        let plan = DrillPlan(
            order, unit: unit, postgres: try await postgres(of: order), others: context.otherHosts.map(\.address),
            thaw: [context.machine.system.programPath, "thaw"])
        if let program = plan.fault.first, try !context.machine.files.exists(program) {
            throw NodeFailure(
                .notFound, "there is no \"\(program)\" on this host",
                hint: order.kind == .partition ? "Install the package nftables." : nil)
        }
        let services = context.machine.services
        try await services.stopTimer(Self.cureTimer)
        if let cure = plan.cure {
            try await services.startTimer(
                TransientTimer(
                    name: Self.cureTimer, description: "Ends the drill \(order.kind.rawValue)", command: cure,
                    after: .seconds(order.seconds)))
        }
        context.ports.events.record(AgentEvents.drill(order))
        try await services.startTimer(
            TransientTimer(
                name: Self.faultTimer, description: "Drill \(order.kind.rawValue) on \(order.role)",
                command: plan.fault,
                after: Self.delay))
    }

    /// The postmaster first, so that nobody replaces what is stopped.
    private func postgres(of order: DrillOrder) async throws(NodeFailure) -> [Int32] {
        guard order.kind == .hang else { return [] }
        let processes = MemberProcesses(
            machine: context.machine, role: order.role,
            directory: context.cluster.directories.postgres(of: order.role))
        let group = try await context.machine.services.state(of: processes.unit).controlGroup
        guard let postmaster = processes.postmaster(), let all = processes.postgres(in: group) else {
            throw NodeFailure(.notFound, "PostgreSQL of \(order.role) does not run")
        }
        return [postmaster] + all.filter { $0 != postmaster }
    }
}
