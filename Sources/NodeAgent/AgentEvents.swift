import ClusterModel
import Decisions
import HostPorts

/// The records that the agent writes into the journal. Their identifiers never change: people and programs search for them.
enum AgentEvents {
    static func leaderKey(_ member: RoleName, _ before: RoleName?) -> AgentEvent {
        AgentEvent(
            .leaderKey, priority: 5,
            message: "\(member) holds the leader key" + (before.map { ", before it \($0)" } ?? ""),
            fields: ["PGHA_MEMBER": member.text, "PGHA_BEFORE": before?.text ?? ""])
    }

    static func noLeaderKey(_ before: RoleName?) -> AgentEvent {
        AgentEvent(
            .leaderKeyGone, priority: 4,
            message: "nobody holds the leader key" + (before.map { ", before it \($0)" } ?? ""),
            fields: ["PGHA_BEFORE": before?.text ?? ""])
    }

    static func routeClosed(_ members: [String], _ role: RoleName) -> AgentEvent {
        AgentEvent(
            .routeClosed, priority: 5,
            message: "HAProxy of \(role) does not lead to \(members.joined(separator: ", ")) any more",
            fields: [
                "PGHA_ROLE": role.text, "PGHA_MEMBER": members.joined(separator: ","),
            ])
    }

    static func routeOpened(_ member: RoleName, _ role: RoleName) -> AgentEvent {
        AgentEvent(
            .routeOpened, priority: 5,
            message: "HAProxy of \(role) leads to \(member), which takes writes",
            fields: ["PGHA_ROLE": role.text, "PGHA_MEMBER": member.text])
    }

    static func routeHeld(_ role: RoleName) -> AgentEvent {
        AgentEvent(
            .routeHeld, priority: 6, message: "new connections to HAProxy of \(role) wait for the next leader",
            fields: ["PGHA_ROLE": role.text])
    }

    static func firstWrite(_ member: RoleName, after age: Duration) -> AgentEvent {
        AgentEvent(
            .firstWrite, priority: 5,
            message: "a write on \(member) commits, \(milliseconds(age)) ms after it was seen to hold the leader key",
            fields: ["PGHA_MEMBER": member.text, "PGHA_DURATION_MS": String(milliseconds(age))])
    }

    static func ready(_ status: String) -> AgentEvent {
        AgentEvent(
            .ready, priority: 5, message: "this host is ready: \(status)")
    }

    static func complaint(_ failure: NodeFailure) -> AgentEvent {
        AgentEvent(
            .complaint, priority: 3, message: failure.message,
            fields: ["PGHA_DETAIL": failure.detail ?? "", "PGHA_HINT": failure.hint ?? ""])
    }

    static func notReady(_ status: String) -> AgentEvent {
        AgentEvent(
            .notReady, priority: 4, message: "this host is not ready: \(status)")
    }

    static func suspected(_ member: RoleName, _ cause: HangWatch.Cause, _ age: Duration) -> AgentEvent {
        AgentEvent(
            .suspected, priority: 5,
            message: "PostgreSQL of \(member) gives no sign of life: \(cause.rawValue)",
            fields: [
                "PGHA_MEMBER": member.text, "PGHA_REASON": "\(cause)",
                "PGHA_DURATION_MS": String(milliseconds(age)),
            ])
    }

    static func hung(_ member: RoleName, _ cause: HangWatch.Cause, _ age: Duration) -> AgentEvent {
        AgentEvent(
            .hung, priority: 4,
            message: "PostgreSQL of \(member) has given no sign of life for \(milliseconds(age)) ms: \(cause.rawValue)",
            fields: [
                "PGHA_MEMBER": member.text, "PGHA_REASON": "\(cause)",
                "PGHA_DURATION_MS": String(milliseconds(age)),
            ])
    }

    static func fence(_ member: RoleName, _ end: ReleaseEvidence.End) -> AgentEvent {
        AgentEvent(
            .fence, priority: 4,
            message: end == .hang
                ? "PostgreSQL of \(member) hangs while it leads; its unit is killed"
                : "PostgreSQL of \(member) has crashed while it led; what is left of its unit is killed",
            fields: ["PGHA_MEMBER": member.text, "PGHA_REASON": end.rawValue])
    }

    /// `loss`: bytes of WAL that may be lost, where some may.
    static func released(
        _ member: RoleName, _ end: ReleaseEvidence.End, _ age: Duration, loss: Int64?
    ) -> AgentEvent {
        let what =
            switch end {
            case .shutdown: "was shut down"
            case .crash: "died"
            case .hang: "gave its last sign of life"
            case .lost: "was last heard of"
            }
        return AgentEvent(
            .release, priority: 5,
            message: "the leader key of \(member) is released \(milliseconds(age)) ms after its PostgreSQL \(what)"
                + (loss.map { "; up to \($0) bytes of WAL that no other member had may be lost" } ?? ""),
            fields: [
                "PGHA_MEMBER": member.text, "PGHA_DURATION_MS": String(milliseconds(age)),
                "PGHA_REASON": end.rawValue, "PGHA_LOSS_BYTES": loss.map(String.init) ?? "0",
            ])
    }

    private static func milliseconds(_ duration: Duration) -> Int64 {
        duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000
    }

    static func leftToPatroni(_ member: RoleName, _ refusal: ReleaseRules.Refusal) -> AgentEvent {
        AgentEvent(
            .leftToPatroni, priority: 5,
            message: "PostgreSQL of \(member) has ended, and the leader key is left to Patroni: \(refusal.rawValue)",
            fields: ["PGHA_MEMBER": member.text, "PGHA_REASON": "\(refusal)"])
    }

    static func secondLeader(_ member: RoleName, _ leader: String) -> AgentEvent {
        AgentEvent(
            .secondLeader, priority: 3,
            message: "\(member) takes writes while \(leader) holds the leader key; it is killed",
            fields: ["PGHA_MEMBER": member.text, "PGHA_LEADER": leader])
    }

    static func patroniHangs(_ member: RoleName, seconds: Int) -> AgentEvent {
        AgentEvent(
            .patroniKilled, priority: 4,
            message:
                "Patroni of \(member) has not answered for \(seconds) s while its PostgreSQL serves; Patroni alone is "
                + "killed, and systemd starts it anew before the lease ends",
            fields: ["PGHA_MEMBER": member.text])
    }

    static func failsafeOutlived(_ member: RoleName, _ dead: RoleName) -> AgentEvent {
        AgentEvent(
            .failsafeOutlived, priority: 4,
            message:
                "Patroni of \(member) still takes \(dead) for the leader, which is proved to be dead; Patroni alone is killed, "
                + "and systemd starts it anew, so that it can become the leader",
            fields: ["PGHA_MEMBER": member.text, "PGHA_BEFORE": dead.text])
    }

    static func drill(_ order: DrillOrder) -> AgentEvent {
        AgentEvent(
            .drill, priority: 4,
            message: "drill: \(order.kind.rawValue) of \(order.role)"
                + (order.seconds > 0 ? " for \(order.seconds) s" : ""),
            fields: ["PGHA_VERB": order.kind.rawValue, "PGHA_MEMBER": order.role.text])
    }

    static func healing(_ member: RoleName, _ action: ReplicaHealing.Action) -> AgentEvent {
        let (kind, priority, text) =
            switch action {
            case .report(let age):
                (
                    AgentEventKind.replicaSilent, 4,
                    "has not streamed for \(age.components.seconds) s although its leader is well"
                )
            case .restart:
                (
                    AgentEventKind.replicaRestarted, 4,
                    "still does not stream; its unit is restarted"
                )
            case .copy:
                (
                    AgentEventKind.replicaCopied, 4,
                    "does not stream after a restart either; its data is copied from the leader anew"
                )
            case .refuseCopy:
                (
                    AgentEventKind.replicaKept, 3,
                    "would be copied from the leader anew, but no other member that runs has the data"
                )
            case .recovered(let age):
                (
                    AgentEventKind.replicaStreams, 5,
                    "streams again after \(age.components.seconds) s"
                )
            }
        return AgentEvent(
            kind, priority: priority, message: "\(member) \(text)", fields: ["PGHA_MEMBER": member.text])
    }

    static func leaseArmed(_ member: RoleName) -> AgentEvent {
        AgentEvent(
            .leaseArmed, priority: 6,
            message:
                "\(member) leads on a short lease: if it is alone for \(milliseconds(LeaseTimes.holderEnds)) ms, it ends",
            fields: ["PGHA_MEMBER": member.text])
    }

    static func leaseLost(_ member: RoleName, _ silence: Duration) -> AgentEvent {
        AgentEvent(
            .leaseLost, priority: 3,
            message:
                "\(member) leads, and too few other hosts were heard of for \(milliseconds(silence)) ms; its unit is "
                + "killed before another member may lead",
            fields: ["PGHA_MEMBER": member.text, "PGHA_DURATION_MS": String(milliseconds(silence))])
    }

    static func peerSilent(_ host: String, _ reason: String) -> AgentEvent {
        AgentEvent(
            .peerSilent, priority: 4, message: "the agent of \(host) has not answered for 30 s: \(reason)",
            fields: ["PGHA_PEER": host])
    }

    static func peerBack(_ host: String) -> AgentEvent {
        AgentEvent(
            .peerBack, priority: 5, message: "the agent of \(host) answers again", fields: ["PGHA_PEER": host])
    }
}
