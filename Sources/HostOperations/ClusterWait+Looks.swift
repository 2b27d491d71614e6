import ClusterModel
import ConfigFiles
import Decisions
import HostPorts

// What a member and an entry point have to show before they count.
extension ClusterWait {
    func member(_ assignment: RoleAssignment) async -> Look {
        let role = assignment.role
        guard let port = assignment.patroniPort else { return .serving("\(role): no Patroni") }
        do throws(NodeFailure) {
            let status = try await machine.patroni.status(of: host.address, port: port, within: .seconds(2))
            guard status.state == "running" else {
                return .waiting("\(role): PostgreSQL is \"\(status.state)\"")
            }
            if let reason = await reasonAgainst(status, assignment) { return .waiting("\(role): \(reason)") }
            let timeline = status.timeline.map { ", timeline \($0)" } ?? ""
            return .serving("\(role): \(status.role == "primary" ? "leader" : "replica")\(timeline)")
        } catch {
            let unit = ServiceKind.patroni.unit(for: role)
            let last = (try? await machine.journal.tail(of: unit, count: 1))?.last?.message
            return .waiting(
                "\(role): Patroni to answer on port \(port)" + (last.map { "; its last word: \($0)" } ?? ""))
        }
    }

    /// Why a member that Patroni calls running does not serve yet; nil if it does.
    ///
    /// PostgreSQL itself is asked, with a new connection: Patroni answers `primary` from the moment it has the lock, which
    /// is before the promotion (patroni#2972).
    private func reasonAgainst(_ status: PatroniStatus, _ assignment: RoleAssignment) async -> String? {
        let isLeader = status.role == "primary"
        // Patroni 3.0 does not tell whether a replica streams (patroni/api.py).
        let isSilent = status.replicationState == nil && cluster.patroni.source == .distribution
        if !isLeader, !isSilent, status.replicationState != "streaming" {
            return "the replica is \(status.replicationState.map { "\"\($0)\", " } ?? "")not streaming yet"
        }
        let target = PostgresTarget.superuser(of: assignment, on: host, secrets)
        do throws(NodeFailure) {
            let rows = try await machine.postgres.query("SELECT pg_is_in_recovery()", at: target, within: .seconds(2))
            guard isLeader, rows != [["f"]] else { return nil }
            return "the leader's promotion to end"
        } catch {
            return "PostgreSQL to answer on port \(target.port); \(error.detail ?? error.message)"
        }
    }

    func entryPoint(_ role: RoleName) async -> Look {
        let port = cluster.ports.readWrite
        guard await machine.network.connect(to: host.address, port: port, within: .seconds(1)) == .accepted else {
            return .waiting("HAProxy to listen on port \(port)")
        }
        let answer = try? await machine.network.exchange(
            "show stat\n", withSocket: HAProxyPaths.socket(of: role), within: .seconds(1))
        if let route = HAProxyAnswer.route(HAProxyAnswer.servers(answer ?? "")) {
            return .serving("haproxy: port \(port) leads to \(route)")
        }
        // A host that was installed before any member is complete; the route opens by itself.
        return await isAnyMemberUp()
            ? .waiting("HAProxy to see a leader") : .serving("haproxy: listens on port \(port), no member is up yet")
    }

    private func isAnyMemberUp() async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            for placement in cluster.placements(of: .patroni) {
                guard let port = placement.assignment.patroniPort else { continue }
                group.addTask {
                    await machine.network.connect(to: placement.host.address, port: port, within: .seconds(1))
                        == .accepted
                }
            }
            return await group.contains(true)
        }
    }
}
