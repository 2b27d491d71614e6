import ClusterModel
import ConfigFiles
import Decisions
import HostPorts

/// What `pgha-node ps` shows of one service on this host.
package struct ServiceStatus: Codable, Equatable, Sendable {
    package var service: String
    /// Empty for the agent, which belongs to the host.
    package var role: String
    package var unit: String
    /// systemd's active state and sub-state, or `frozen`, e.g. `active (running)`.
    package var state: String
    /// Seconds the unit has been active; nil if it is not.
    package var activeSeconds: Int?
    /// Seconds since `pgha-node freeze`; nil if it is not frozen, or was frozen by another program.
    package var frozenSeconds: Int?
    /// Seconds until a timer thaws it; nil if it is not frozen, or without an end.
    package var thawSeconds: Int?
    package var ports: [Int]
    /// `leader`, `replica`, `sync replica` for Patroni; `leader`, `follower`, `standalone` for ZooKeeper; the route for HAProxy;
    /// `ready` or `not ready` for the agent, which speaks for the whole host.
    package var position: String?
    package var timeline: Int?
    /// Bytes of WAL behind the leader; nil for the leader and where it is not known.
    package var lagBytes: Int64?
    /// Whether this service does what it is there for.
    package var isHealthy: Bool
}

package struct HostStatus: Codable, Equatable, Sendable {
    package var cluster: String
    package var host: String
    package var services: [ServiceStatus]
    /// Patroni's maintenance mode; nil on a host without a member, and where it does not answer.
    package var maintenance: MaintenanceStatus?

    package var isHealthy: Bool { services.allSatisfy(\.isHealthy) }
}

/// Looks at the services of this host, all at the same time.
package struct StatusReader: Sendable {
    private let machine: Machine
    private let cluster: Cluster
    private let host: ClusterHost

    package init(machine: Machine, cluster: Cluster, host: ClusterHost) {
        self.machine = machine
        self.cluster = cluster
        self.host = host
    }

    /// The services, and the agent with them.
    package func readWithAgent() async throws(NodeFailure) -> HostStatus {
        async let agent = lookAtAgent()
        var status = try await read()
        status.services.append(try await agent.get())
        return status
    }

    /// Without the agent, which itself looks in this way.
    package func read() async throws(NodeFailure) -> HostStatus {
        let placed = ServiceKind.allCases.flatMap { service in
            host.roles.filter { $0.services.contains(service) }.map { (service, $0) }
        }
        let results = await withTaskGroup(of: (Int, Result<Look, NodeFailure>).self) { group in
            for (index, (service, assignment)) in placed.enumerated() {
                group.addTask { (index, await look(at: service, assignment)) }
            }
            return await group.reduce(into: [Int: Result<Look, NodeFailure>]()) { $0[$1.0] = $1.1 }
        }
        var looks: [Look] = []
        for index in placed.indices {
            if let result = results[index] { looks.append(try result.get()) }
        }
        return HostStatus(
            cluster: cluster.name, host: host.name, services: looks.map(\.status), maintenance: await maintenance(looks)
        )
    }

    private struct Look: Sendable {
        var status: ServiceStatus
        /// As Patroni says; nil if it was not asked or does not answer.
        var isPaused: Bool?
    }

    /// Only a member of this host is asked: `ps` is about this host, and quick. What else there is to tell is asked for only where
    /// there is something.
    private func maintenance(_ looks: [Look]) async -> MaintenanceStatus? {
        guard let answering = looks.first(where: { $0.isPaused != nil }), let isPaused = answering.isPaused else {
            return nil
        }
        let port = host.roles.first { $0.role.text == answering.status.role }?.patroniPort
        guard isPaused, let port else { return MaintenanceStatus(isOn: false) }
        let configuration = try? await machine.patroni.configuration(
            seenBy: host.address, port: port, within: .seconds(2))
        return configuration.map(Maintenance.status)
    }

    private func look(at service: ServiceKind, _ assignment: RoleAssignment) async -> Result<Look, NodeFailure> {
        do throws(NodeFailure) {
            let unit = service.unit(for: assignment.role)
            let state = try await machine.services.state(of: unit)
            var status = ServiceStatus(
                service: service.rawValue, role: assignment.role.text, unit: unit.text, state: Self.text(of: state),
                activeSeconds: nil, ports: ports(of: service, assignment), isHealthy: false)
            guard state.isActive else { return .success(Look(status: status)) }
            status.activeSeconds = seconds(since: state)
            if state.isFrozen {
                let placed = PlacedService(service, of: assignment.role)
                status.frozenSeconds = FreezeStamp.seconds(of: placed, on: machine)
                status.thawSeconds = FreezeStamp.secondsLeft(of: placed, on: machine)
                return .success(Look(status: status))
            }
            var isPaused: Bool?
            switch service {
            case .zookeeper: await lookAtZooKeeper(&status)
            case .patroni: isPaused = await lookAtMember(assignment, &status)
            case .haproxy: await lookAtRoute(assignment.role, &status)
            }
            return .success(Look(status: status, isPaused: isPaused))
        } catch {
            return .failure(error)
        }
    }

    /// It does its part as long as it answers; that it calls the host not ready is to be seen in the other services.
    private func lookAtAgent() async -> Result<ServiceStatus, NodeFailure> {
        do throws(NodeFailure) {
            let state = try await machine.services.state(of: .agent)
            let port = cluster.ports.agent
            var status = ServiceStatus(
                service: ServiceSelection.agentName, role: "", unit: UnitName.agent.text, state: Self.text(of: state),
                activeSeconds: nil, ports: [port], isHealthy: false)
            guard state.isUp else { return .success(status) }
            if state.isActive { status.activeSeconds = seconds(since: state) }
            let answer = await machine.network.exchange(
                "GET /ready HTTP/1.0\r\n\r\n", with: host.address, port: port, within: .seconds(2))
            let code = answer?.split(separator: " ").dropFirst().first
            status.position = code == "200" ? "ready" : code == "503" ? "not ready" : "no answer"
            status.isHealthy = code == "200" || code == "503"
            return .success(status)
        } catch {
            return .failure(error)
        }
    }

    private func seconds(since state: UnitState) -> Int {
        max(0, Int(machine.system.now() - Double(state.activeSince) / 1_000_000))
    }

    static func text(of state: UnitState) -> String {
        if state.load == "not-found" { return "not installed" }
        if state.isFrozen { return state.freezer }
        let reason = state.active == "failed" ? state.result : state.sub
        return "\(state.active) (\(reason))"
    }

    private func ports(of service: ServiceKind, _ assignment: RoleAssignment) -> [Int] {
        switch service {
        case .zookeeper: [cluster.ports.zookeeperClient]
        case .patroni: [assignment.postgresPort, assignment.patroniPort].compactMap { $0 }
        case .haproxy: [cluster.ports.readWrite, cluster.ports.readOnly, cluster.ports.statistics]
        }
    }

    private func lookAtZooKeeper(_ status: inout ServiceStatus) async {
        let answer = await machine.network.exchange(
            "srvr", with: host.address, port: cluster.ports.zookeeperClient, within: .seconds(1))
        let mode = ZooKeeperAnswer.mode(answer)
        status.position = mode ?? (ZooKeeperAnswer.isWithoutQuorum(answer) ? "no quorum" : "no answer")
        status.isHealthy = mode != nil
    }

    /// Returns whether the cluster is in maintenance mode; nil without an answer.
    private func lookAtMember(_ assignment: RoleAssignment, _ status: inout ServiceStatus) async -> Bool? {
        guard let port = assignment.patroniPort else { return nil }
        do throws(NodeFailure) {
            let seen = try await machine.patroni.status(of: host.address, port: port, within: .seconds(2))
            let seenCluster = try await machine.patroni.cluster(seenBy: host.address, port: port, within: .seconds(2))
            let members = seenCluster.members
            let own = members.first { $0.name == assignment.role.text }
            status.timeline = seen.timeline ?? own?.timeline
            status.lagBytes = own?.role == "leader" ? nil : own?.lag
            let role = own?.role ?? seen.role
            // The member list is older than the member's own word, and the only one that says "streaming" of it.
            let state = seen.state == "running" ? own?.state ?? seen.replicationState ?? seen.state : seen.state
            let others = members.filter { $0.name != assignment.role.text }
                .map { MemberPosition.Sight(role: $0.role, state: $0.state) }
            let position = MemberPosition(of: .init(role: role, state: state), among: others, in: cluster)
            status.position = position.text
            status.isHealthy = position.isHealthy
            return seenCluster.isPaused
        } catch {
            status.position = "no answer"
            return nil
        }
    }

    private func lookAtRoute(_ role: RoleName, _ status: inout ServiceStatus) async {
        do throws(NodeFailure) {
            let answer = try await machine.network.exchange(
                "show stat\n", withSocket: HAProxyPaths.socket(of: role), within: .seconds(1))
            let route = HAProxyAnswer.route(HAProxyAnswer.servers(answer))
            status.position = route ?? "no way to a leader"
            status.isHealthy = route != nil
        } catch  where error.code == .notPermitted {
            // The socket can change things, so it is root's.
            status.position = "listening (run as root to see the route)"
            status.isHealthy = true
        } catch {
            status.position = "no answer"
        }
    }
}
