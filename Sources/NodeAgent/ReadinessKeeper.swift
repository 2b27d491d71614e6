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
        let proof = WriteProof(context)
        repeat {
            let look = await look(proof)
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

    private func look(_ proof: WriteProof) async -> HostLook {
        let reader = StatusReader(machine: context.machine, cluster: context.cluster, host: context.host)
        do throws(NodeFailure) {
            let status = try await reader.read()
            var look = HostLook(of: status)
            let leaders = status.services.filter { $0.position == "leader" && $0.service == "patroni" }
            for reason in await proof.reasons(against: leaders.compactMap { RoleName($0.role) }) { look.add(reason) }
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
