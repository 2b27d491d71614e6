import ClusterModel
import Decisions
import HostPorts

/// Waits until the services of a host answer, and says what it waits for and why it has not come.
package struct ClusterWait: Sendable {
    let machine: Machine
    let cluster: Cluster
    let host: ClusterHost
    let secrets: Secrets
    private let notify: @Sendable (String) -> Void

    package init(
        machine: Machine, cluster: Cluster, host: ClusterHost, secrets: Secrets,
        notify: @escaping @Sendable (String) -> Void
    ) {
        self.machine = machine
        self.cluster = cluster
        self.host = host
        self.secrets = secrets
        self.notify = notify
    }

    /// What was found, one line for each service; throws `.timeout` with the cause if something does not come.
    ///
    /// A host that was installed before its peers is not an error: without a quorum of ZooKeeper the cluster cannot form yet.
    package func untilServing(within limit: Duration) async throws(NodeFailure) -> [String] {
        var found: [String] = []
        if let assignment = first(with: .zookeeper) {
            found.append(try await untilServing(.zookeeper, of: assignment, within: limit))
        }
        guard await hasQuorum() else {
            found.append(
                "cluster: waits for ZooKeeper's quorum (\(cluster.zookeeperQuorum) servers of "
                    + "\(cluster.placements(of: .zookeeper).count)); it forms by itself when the other hosts are installed"
            )
            return found
        }
        for assignment in host.roles where assignment.services.contains(.patroni) {
            found.append(try await untilServing(.patroni, of: assignment, within: limit))
        }
        if let assignment = first(with: .haproxy) {
            found.append(try await untilServing(.haproxy, of: assignment, within: limit))
        }
        return found
    }

    /// The same for one service, whatever the others do. Throws `.timeout` with the cause.
    package func untilServing(
        _ service: ServiceKind, of assignment: RoleAssignment, within limit: Duration
    ) async throws(NodeFailure) -> String {
        try await until(service, of: assignment.role, limit) {
            switch service {
            case .zookeeper: await zookeeper()
            case .patroni: await member(assignment)
            case .haproxy: await entryPoint(assignment.role)
            }
        }
    }

    private func first(with service: ServiceKind) -> RoleAssignment? {
        host.roles.first { $0.services.contains(service) }
    }

    /// What one look at a service gave.
    enum Look {
        case serving(String)
        case waiting(String)
    }

    private func until(
        _ service: ServiceKind, of role: RoleName, _ limit: Duration, _ look: () async -> Look
    ) async throws(NodeFailure) -> String {
        // A look at something that hangs takes its time as well, so the clock is asked.
        let elapsed = machine.clock.stopwatch()
        var said = ""
        while true {
            switch await look() {
            case .serving(let line): return line
            case .waiting(let reason):
                if reason != said { notify("waiting for \(reason)") }
                said = reason
            }
            guard elapsed() < limit else { throw await timeout(service.unit(for: role), said, service, limit) }
            do {
                try await machine.clock.sleep(for: .milliseconds(250))
            } catch {
                throw NodeFailure(
                    .interrupted, "interrupted while waiting for \(said)",
                    hint: "What was begun goes on; run the same command again to see how far it is.")
            }
        }
    }

    private func zookeeper() async -> Look {
        for assignment in host.roles where assignment.services.contains(.zookeeper) {
            let answer = await machine.network.exchange(
                "srvr", with: host.address, port: cluster.ports.zookeeperClient, within: .seconds(1))
            if let mode = ZooKeeperAnswer.mode(answer) { return .serving("zookeeper: \(mode)") }
            if ZooKeeperAnswer.isWithoutQuorum(answer) {
                return await hasQuorum()
                    ? .waiting("ZooKeeper to join its quorum") : .serving("zookeeper: up, no quorum yet")
            }
            return .waiting("ZooKeeper to answer on port \(cluster.ports.zookeeperClient)")
        }
        return .serving("zookeeper: none here")
    }

    /// Whether enough servers of the ensemble are up for a quorum, elected or not.
    private func hasQuorum() async -> Bool {
        let servers = cluster.placements(of: .zookeeper)
        let network = machine.network
        let port = cluster.ports.zookeeperClient
        let up = await withTaskGroup(of: Bool.self) { group in
            for server in servers {
                group.addTask {
                    await network.connect(to: server.host.address, port: port, within: .seconds(1)) == .accepted
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        return up >= cluster.zookeeperQuorum
    }

    private func timeout(
        _ unit: UnitName, _ reason: String, _ service: ServiceKind, _ limit: Duration
    ) async -> NodeFailure {
        var detail = "It was still waiting for \(reason)."
        if let lines = try? await machine.journal.tail(of: unit, count: 5), !lines.isEmpty {
            detail += " The journal of \(unit) ends with: " + lines.map(\.message).joined(separator: " | ")
        }
        return NodeFailure(
            .timeout, "\(service.rawValue) is not ready after \(limit.components.seconds) s", detail: detail,
            hint: "Run \"journalctl -u \(unit)\" to see more; the same command goes on waiting.")
    }
}
