import ClusterModel
import Decisions
import HostOperations
import HostPorts

/// Tells systemd what is true: READY=1 when this host does what it is there for, STATUS= always, WATCHDOG=1 while the agent
/// itself goes on (sd_notify(3)).
struct ReadinessKeeper: Sendable {
    let context: AgentContext
    let pulse: Pulse
    let board: LeaderBoard

    func run() async {
        var isReady: Bool?
        var progress: [String] = []
        var hasSaidReady = false
        repeat {
            let look = await look()
            await pulse.beat(look)
            var assignments = ["STATUS=\(look.text)"]
            if look.isReady, !hasSaidReady { assignments.append("READY=1") }
            if !look.isReady, !hasSaidReady, look.progress != progress {
                // From now on, not in addition (sd_notify(3)): a state that has moved may take as long again.
                assignments.append("EXTEND_TIMEOUT_USEC=\(120 * 1_000_000)")
            }
            progress = look.progress
            hasSaidReady = hasSaidReady || look.isReady
            context.ports.notifier.notify(assignments)
            if look.isReady != isReady {
                context.ports.events.record(
                    look.isReady ? AgentEvents.ready(look.text) : AgentEvents.notReady(look.text))
            }
            isReady = look.isReady
        } while await context.beat(isReady == true ? .seconds(5) : .milliseconds(500))
    }

    private func look() async -> HostLook {
        let reader = StatusReader(machine: context.machine, cluster: context.cluster, host: context.host)
        do throws(NodeFailure) {
            let status = try await reader.read()
            var look = HostLook(of: status)
            for service in status.services where service.position == "leader" && service.service == "patroni" {
                guard let role = RoleName(service.role) else { continue }
                if let reason = await reasonAgainstWrite(role) { look.add(reason) }
            }
            if status.services.contains(where: { $0.position?.contains("creating replica") == true }),
                let percent = await BaseBackupProgress.percent(
                    from: await board.sight.member, of: context.cluster, secrets: context.secrets, on: context.machine)
            {
                look.add("\(percent) % of the leader's data are copied", isProgress: true)
            }
            return look
        } catch {
            return HostLook(missing: error.message)
        }
    }

    /// A transaction that writes WAL and waits as a commit does: for the disk, and for a synchronous replica.
    private func reasonAgainstWrite(_ member: RoleName) async -> String? {
        guard let target = context.target(of: member) else { return nil }
        do throws(NodeFailure) {
            _ = try await context.machine.postgres.query(
                "SELECT pg_logical_emit_message(true, 'pgha', '')", at: target, within: .seconds(3))
            return nil
        } catch {
            return "\(member): a write does not commit (\(error.detail ?? error.message))"
        }
    }
}

/// The last sign of life of the agent's parts, for the watchdog and for whoever asks.
package actor Pulse {
    private var last: ContinuousClock.Instant?
    private(set) var look: HostLook?

    func beat(_ look: HostLook) {
        self.look = look
        last = .now
    }

    /// nil before the first.
    var age: Duration? { last.map { ContinuousClock.now - $0 } }
}
