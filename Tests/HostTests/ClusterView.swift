import Foundation

/// What a client and an operator see of a cluster at one moment.
struct ClusterView: Equatable {
    var leader: String
    var timeline: Int
    /// Members that stream on the leader's timeline, as ZooKeeper knows them.
    var streaming: Int
    /// The member that took a write through port 5432.
    var writtenTo: String
    /// How many rows there are, with the one just written.
    var rows: Int

    /// The cluster as Patroni's `GET /cluster` shows it; nil while it has no leader, or one that could not be replaced.
    init?(cluster answer: String, write: String) {
        guard let cluster = try? JSONDecoder().decode(Answer.self, from: Data(answer.utf8)),
            let leader = cluster.members.first(where: { $0.role == "leader" && $0.state == "running" }),
            let timeline = leader.timeline
        else { return nil }
        let replicas = cluster.members.filter { $0.state == "streaming" && $0.timeline == timeline }
        // Without a synchronous one nobody may take the leader's place: the next step would find another cluster.
        guard replicas.contains(where: { $0.role == "sync_standby" }) else { return nil }
        let fields = write.split(separator: "|").compactMap { Int($0.filter(\.isNumber)) }
        guard fields.count == 3, fields[1] == replicas.count else { return nil }
        self.leader = leader.name
        self.timeline = timeline
        self.streaming = replicas.count
        self.writtenTo = "pg\(fields[0] - 5432)"
        self.rows = fields[2]
    }

    private struct Answer: Decodable {
        var members: [Member]
    }

    private struct Member: Decodable {
        var name: String
        var role: String
        var state: String
        var timeline: Int?
    }
}
