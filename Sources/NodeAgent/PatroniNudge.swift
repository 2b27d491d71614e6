import ClusterModel
import HostPorts

/// Lets Patroni of a member on this host look at the cluster again, where it would sleep for the rest of its loop_wait.
///
/// Patroni hears of a leader key that goes, and not of the one that comes next: it cannot watch a node that is not there
/// (patroni/dcs/zookeeper.py). When a Patroni that was started anew replaces its own key, the replicas may look just in between,
/// stop streaming because nobody leads, and look again 5 s later; for so long each commit waits for its synchronous replica.
/// A new leader names its synchronous replica, without which nobody could replace it, in the round after that replica streams.
struct PatroniNudge: Sendable {
    let context: AgentContext
    let board: LeaderBoard
    let processes: MemberProcesses

    private var role: RoleName { processes.role }

    /// After each change of the leader key, for as long as members usually need.
    private static let looks = 12

    func run() async {
        var settling: Task<Void, Never>?
        for await sight in await board.sights() {
            settling?.cancel()
            switch sight {
            case .member(let key): settling = Task { await settle(key) }
            case .nobody: settling = Task { await callToRace() }
            case .unknown: break
            }
        }
        settling?.cancel()
    }

    /// Members race for a key within some hundredths of a second, if they have heard that it is gone. Patroni 3.0 may not have:
    /// what ZooKeeper tells it while it is reading the cluster is forgotten when it has read the leader (patroni/dcs/zookeeper.py,
    /// `_fetch_cluster` is set anew after the children were read), and it looks again 5 s later. Found by reading, not seen.
    ///
    /// A member that has heard of a leader in failsafe mode takes it for the leader whatever ZooKeeper says, unless that one is
    /// proved to be dead (`FailsafeMemory`). A planned change waits until it has forgotten (`LeaderSwitch`).
    func callToRace() async {
        for wait in [120, 300, 700, 2000] {
            guard await context.pause(.milliseconds(wait)), await board.sight == .nobody else { return }
            if await FailsafeMemory(context: context, processes: processes).forget() { return }
            await nudge()
        }
    }

    private func settle(_ key: LeaderKey) async {
        for look in 0..<Self.looks {
            guard await context.pause(look == 0 ? .milliseconds(200) : .seconds(1)) else { return }
            if await isUnsettled(key) { await nudge() }
        }
    }

    /// Whether the next round of Patroni's loop has something to do that it does not know of.
    func isUnsettled(_ key: LeaderKey) async -> Bool {
        if key.member == role {
            guard context.cluster.durability != .asynchronous else { return false }
            let sync = try? await context.record("sync", as: SyncRecord.self, within: .seconds(1))
            return sync?.members.isEmpty == true
        }
        // Patroni 3.0 does not say whether a replica streams (patroni/api.py).
        guard context.cluster.patroni.source != .distribution,
            let status = await context.patroniStatus(of: role, within: .seconds(1))
        else { return false }
        return status.role == "replica" && status.state == "running" && status.replicationState != "streaming"
    }

    /// A change of the cluster-wide settings that changes nothing wakes the loop (patroni/api.py, `do_PATCH_config`): null removes
    /// a key, and there is none of that name.
    func nudge() async {
        guard let port = context.host.roles.first(where: { $0.role == role })?.patroniPort else { return }
        _ = try? await context.machine.patroni.change(
            .configuration(json: "{\"pgha_nudge\":null}"), at: context.host.address, port: port,
            password: context.secrets.restAPI, within: .seconds(2))
    }
}
