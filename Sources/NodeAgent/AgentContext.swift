import ClusterModel
import ConfigFiles
import HostOperations
import HostPorts

/// What all parts of the agent have in common: the world, and what cluster.yml says of it.
///
/// A class, since all parts hold it and hand it on: to copy some dozens of references at each look was a fiftieth of what the agent
/// takes at rest.
package final class AgentContext: Sendable {
    package let machine: Machine
    package let ports: AgentPorts
    package let cluster: Cluster
    package let host: ClusterHost
    package let secrets: Secrets
    private let age: @Sendable () -> Duration
    /// Sleeps until the agent is so old.
    private let sleep: @Sendable (_ until: Duration) async throws -> Void

    package init(machine: Machine, ports: AgentPorts, cluster: Cluster, host: ClusterHost, secrets: Secrets) {
        self.machine = machine
        self.ports = ports
        self.cluster = cluster
        self.host = host
        self.secrets = secrets
        (age, sleep) = machine.clock.stopwatchAndAlarm()
    }

    var otherHosts: [ClusterHost] { cluster.hosts.filter { $0.name != host.name } }

    /// Whether the agent only watches, so that the stock behaviour can be measured.
    var handsOff: Bool { cluster.profile == .reference }

    /// Where Patroni keeps a node of this cluster (patroni/dcs/__init__.py, `client_path`).
    func path(_ node: String) -> String { "\(clusterPath)/\(node)" }

    /// The node whose children are Patroni's of this cluster.
    var clusterPath: String { PatroniNodes.namespace + cluster.scope }

    /// Changed with each mark of a leader key (`ReleaseRules.Answer`). Not among Patroni's nodes, which it lists in each round.
    var marksPath: String { "/pgha/\(cluster.scope)/marks" }

    func target(of member: RoleName) -> PostgresTarget? {
        guard let placement = cluster.placement(of: member), placement.assignment.postgresPort != nil else {
            return nil
        }
        return .superuser(of: placement.assignment, on: placement.host, secrets)
    }

    /// Sleeps; false if the agent is about to end.
    func pause(_ duration: Duration) async -> Bool { await pause(until: age() + duration) }

    private func pause(until moment: Duration) async -> Bool {
        do {
            try await sleep(moment)
            return !Task.isCancelled
        } catch {
            return false
        }
    }

    /// As `pause`, until the next moment that is a multiple of `period` since the agent began, but for half a period at least.
    ///
    /// What looks at something again and again does it in one step with all others, so that the processor is woken once for all of
    /// them: at rest that is most of what an agent costs. For that it must be the same moment to the nanosecond.
    func beat(_ period: Duration) async -> Bool {
        let now = age()
        let next = period * Int((now / period).rounded(.down) + 1)
        return await pause(until: next - now < period / 2 ? next + period : next)
    }

    /// Whether a new connection to the member finds a PostgreSQL that takes writes.
    ///
    /// Patroni's REST API says `primary` from the moment it has the key, before the promotion (patroni#2972).
    func isWritable(_ member: RoleName, within limit: Duration) async -> Bool {
        guard let target = target(of: member) else { return false }
        let rows = try? await machine.postgres.query("SELECT pg_is_in_recovery()", at: target, within: limit)
        return rows == [["f"]]
    }
}
