import ClusterModel
import Decisions
import HostPorts

/// Restarts all services of this host in an order that clients notice least, each when the one before it serves again.
struct RollingRestart: Sendable {
    let machine: Machine
    let cluster: Cluster
    let host: ClusterHost
    let secrets: Secrets
    let operation: ServiceOperator
    let notify: @Sendable (String) -> Void

    func run(
        _ services: [PlacedService], _ options: ServiceOperator.Options
    ) async throws(NodeFailure) -> [ServiceOutcome] {
        let leader = await ClusterReader(machine: machine, cluster: cluster).sight().leader?.role
        var outcomes: [ServiceOutcome] = []
        for step in RestartOrder.steps(for: services, leader: leader, in: cluster) {
            switch step {
            case .restart(let placed):
                if placed.service == .zookeeper, !options.force { try await refuseLossOfQuorum(placed) }
                outcomes.append(try await operation.run(.restart, placed, options))
            case .handOver(let role):
                outcomes.append(try await handOver(from: role, options))
            }
        }
        return outcomes
    }

    /// An ensemble of one has no quorum to keep; Patroni's failsafe mode carries the leader over its restart.
    private func refuseLossOfQuorum(_ placed: PlacedService) async throws(NodeFailure) {
        guard cluster.placements(of: .zookeeper).count > 1 else { return }
        let sight = await StopGuard.look(at: cluster, from: machine)
        if let refusal = sight.refusal(toStop: [placed], on: host, of: cluster) { throw refusal }
    }

    /// A replica that has just been restarted is not the synchronous one for some seconds.
    private func handOver(from role: RoleName, _ options: ServiceOperator.Options) async throws(NodeFailure)
        -> ServiceOutcome
    {
        var outcome = ServiceOutcome(
            role: role.text, service: ServiceKind.patroni.rawValue, unit: ServiceKind.patroni.unit(for: role).text,
            outcome: options.isDryRun ? .pending : .handedOver)
        if options.isDryRun {
            outcome.state = "switchover to another member"
            return outcome
        }
        let change = LeaderSwitch(machine: machine, cluster: cluster, secrets: secrets, notify: notify)
        let elapsed = machine.clock.stopwatch()
        var said = ""
        while true {
            do throws(NodeFailure) {
                let report = try await change.run(.switchover(to: nil), within: options.limit)
                let seconds = report.seconds.map {
                    " in \(Int(($0 * 10).rounded()) / 10).\(Int(($0 * 10).rounded()) % 10) s"
                }
                outcome.state = "\(report.to) leads\(seconds ?? "")"
                return outcome
            } catch  where error.code == .preflightFailed {
                let reason = error.detail ?? error.message
                if reason != said { notify("waiting for a member that can take over from \(role): \(reason)") }
                said = reason
                guard elapsed() < min(options.limit, .seconds(60)) else {
                    notify("nobody can take over from \(role), so it is restarted in its place")
                    outcome.outcome = .unchanged
                    outcome.state = "nobody could take over"
                    return outcome
                }
            }
            do {
                try await machine.clock.sleep(for: .milliseconds(500))
            } catch {
                throw NodeFailure(
                    .interrupted, "interrupted before \(role) was restarted",
                    hint: "What was restarted before it runs; \"pgha-node restart \(role)\" does the rest.")
            }
        }
    }
}
