import ClusterModel
import Foundation
import HostPorts

// Patroni's nodes in ZooKeeper, as far as the agent reads them, with Patroni's own names (patroni/dcs/__init__.py).

/// `/failover`: written when a switchover is asked for, removed when it is over.
struct FailoverRecord: Decodable {
    var leader: String?
    var member: String?
    var scheduled_at: String?
}

/// `/sync`
struct SyncRecord: Decodable {
    var sync_standby: String?

    var members: Set<String> { Set((sync_standby ?? "").split(separator: ",").map(String.init)) }
}

/// `/status`
struct StatusRecord: Decodable {
    var optime: Int64?
}

/// `/config`, the cluster-wide settings.
struct ConfigRecord: Decodable {
    var pause: Bool?
}

extension AgentContext {
    /// nil if it does not exist, or is not what it should be. Throws `.unreachable` where ZooKeeper does not answer.
    func record<Record: Decodable>(
        _ name: String, as type: Record.Type, within limit: Duration
    ) async throws(NodeFailure) -> Record? {
        let node = try await ports.coordination.node(at: path(name), isFresh: false, within: limit)
        return node.flatMap { try? JSONDecoder().decode(type, from: Data($0.data)) }
    }

    /// What the member's Patroni says of it; nil if it does not answer.
    func patroniStatus(of member: RoleName, within limit: Duration) async -> PatroniStatus? {
        guard let placement = cluster.placement(of: member), let port = placement.assignment.patroniPort else {
            return nil
        }
        return try? await machine.patroni.status(of: placement.host.address, port: port, within: limit)
    }
}
