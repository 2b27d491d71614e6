import ClusterModel
import Decisions
import HostPorts

/// Asks every member of the cluster, all at the same time, from any host.
package struct ClusterReader: Sendable {
    private let machine: Machine
    private let cluster: Cluster

    package init(machine: Machine, cluster: Cluster) {
        self.machine = machine
        self.cluster = cluster
    }

    /// What one member's REST API said.
    package struct Answer: Sendable {
        package var placement: Cluster.Placement
        package var port: Int
        package var status: PatroniStatus?
        package var cluster: PatroniCluster?
        /// Why there is no status.
        package var failure: NodeFailure?
    }

    package func answers() async -> [Answer] {
        let machine = machine
        return await withTaskGroup(of: Answer.self) { group in
            for placement in cluster.placements(of: .patroni) {
                guard let port = placement.assignment.patroniPort else { continue }
                group.addTask { await Self.ask(placement, port, machine) }
            }
            return await group.reduce(into: []) { $0.append($1) }
                .sorted { $0.placement.role < $1.placement.role }
        }
    }

    package func sight() async -> ClusterSight {
        Self.sight(of: await answers(), in: cluster)
    }

    private static func ask(_ placement: Cluster.Placement, _ port: Int, _ machine: Machine) async -> Answer {
        var answer = Answer(placement: placement, port: port)
        let address = placement.host.address
        do throws(NodeFailure) {
            answer.status = try await machine.patroni.status(of: address, port: port, within: .seconds(2))
            answer.cluster = try await machine.patroni.cluster(seenBy: address, port: port, within: .seconds(2))
        } catch {
            answer.failure = error
        }
        return answer
    }

    /// The list of the leader counts before those of the others, which may be older.
    package static func sight(of answers: [Answer], in cluster: Cluster) -> ClusterSight {
        let lists = answers.filter { $0.cluster != nil }
            .sorted { rank($0) < rank($1) }.compactMap(\.cluster)
        let entries = lists.first?.members ?? []
        // Both by their own word of now: what the list says of a lag is as old as the member's last round, and under a load of
        // writes too much.
        let written = answers.first { rank($0) == 0 }?.status?.walPosition
        let members = answers.map { answer in
            var member = ClusterSight.Member(role: answer.placement.role)
            member.answers = answer.status != nil
            member.isInFailsafe = answer.status?.isFailsafeActive ?? false
            member.walPosition = answer.status?.walPosition
            guard let entry = entries.first(where: { $0.name == member.role.text }) else { return member }
            member.position = entry.role
            member.state = entry.state
            member.timeline = answer.status?.timeline ?? entry.timeline
            member.lag = entry.role == "leader" ? nil : lag(of: answer, behind: written) ?? entry.lag
            member.isPendingRestart = entry.isPendingRestart
            return member
        }
        return ClusterSight(members: members, isPaused: lists.first?.isPaused ?? false)
    }

    private static func lag(of answer: Answer, behind written: Int64?) -> Int64? {
        guard let written, let position = answer.status?.walPosition else { return nil }
        return max(0, written - position)
    }

    private static func rank(_ answer: Answer) -> Int {
        answer.status?.role == "primary" && answer.status?.state == "running" ? 0 : 1
    }
}
