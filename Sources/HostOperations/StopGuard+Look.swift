import ClusterModel
import Decisions
import HostPorts

extension StopGuard {
    /// Who is up in the whole cluster, all asked at the same time.
    package static func look(at cluster: Cluster, from machine: Machine) async -> StopGuard {
        async let zookeepers = withTaskGroup(of: String?.self) { group in
            for server in cluster.placements(of: .zookeeper) {
                group.addTask {
                    let answer = await machine.network.exchange(
                        "srvr", with: server.host.address, port: cluster.ports.zookeeperClient, within: .seconds(2))
                    // While they elect a leader, which is when one of them has just stopped, nobody serves.
                    let isUp = ZooKeeperAnswer.mode(answer) != nil || ZooKeeperAnswer.isWithoutQuorum(answer)
                    return isUp ? server.host.name : nil
                }
            }
            return await group.reduce(into: Set<String>()) { if let name = $1 { $0.insert(name) } }
        }
        async let members = withTaskGroup(of: RoleName?.self) { group in
            for member in cluster.placements(of: .patroni) {
                guard let port = member.assignment.patroniPort else { continue }
                group.addTask {
                    let status = try? await machine.patroni.status(
                        of: member.host.address, port: port, within: .seconds(2))
                    return status?.state == "running" ? member.role : nil
                }
            }
            return await group.reduce(into: Set<RoleName>()) { if let role = $1 { $0.insert(role) } }
        }
        return StopGuard(zookeeperHosts: await zookeepers, runningMembers: await members)
    }
}
