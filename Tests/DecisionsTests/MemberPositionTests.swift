import ClusterModel
import Decisions
import Testing

@Suite struct MemberPositionTests {
    private static func cluster(
        _ durability: Durability = .asynchronous, _ source: PatroniSource = .pinned, members: Int = 3
    ) -> Cluster {
        var cluster = Cluster(
            name: "test",
            hosts: (1...members).map { number in
                ClusterHost(
                    name: "pg\(number)", address: "10.0.0.\(number)",
                    roles: [RoleAssignment(role: .member(number), services: [.zookeeper, .patroni, .haproxy])])
            })
        cluster.durability = durability
        cluster.patroni.source = source
        return cluster
    }

    private static let replica = MemberPosition.Sight(role: "replica", state: "streaming")

    private func position(
        _ role: String, _ state: String, among others: [MemberPosition.Sight] = [replica],
        in cluster: Cluster = cluster()
    ) -> MemberPosition {
        MemberPosition(of: .init(role: role, state: state), among: others, in: cluster)
    }

    @Test(arguments: [
        ("leader", "running", "leader"), ("primary", "running", "leader"), ("standby_leader", "streaming", "leader"),
        ("leader", "starting", "leader (starting)"), ("leader", "stopped", "leader (stopped)"),
        ("replica", "streaming", "replica"), ("sync_standby", "streaming", "sync replica"),
        ("quorum_standby", "streaming", "quorum replica"), ("replica", "running", "replica (not streaming)"),
        ("replica", "creating replica", "replica (creating replica)"),
        ("replica", "in archive recovery", "replica (in archive recovery)"),
        ("sync_standby", "start failed", "sync replica (start failed)"),
    ])
    func `says a position in the field's own terms, and what is wrong in brackets`(
        role: String, state: String, text: String
    ) {
        #expect(position(role, state).text == text)
        #expect(position(role, state).isHealthy == !text.contains("("))
    }

    @Test(arguments: [("replica", "running", true), ("sync_standby", "running", true), ("replica", "crashed", false)])
    func `takes an old Patroni's word for a replica that runs`(role: String, state: String, isHealthy: Bool) {
        #expect(position(role, state, in: Self.cluster(.asynchronous, .distribution)).isHealthy == isHealthy)
    }

    @Test(
        arguments: [
            (.asynchronous, ["replica"], nil), (.asynchronous, [], "no replica"),
            (.synchronous, ["sync_standby", "replica"], nil),
            (.synchronous, ["replica", "replica"], "no synchronous replica"),
            (.strict, ["sync_standby"], nil), (.strict, [], "no synchronous replica"),
            (.quorum, ["quorum_standby", "quorum_standby"], nil), (.quorum, ["replica"], "no synchronous replica"),
        ] as [(Durability, [String], String?)])
    func `says of a leader when nobody could take its place`(
        durability: Durability, others: [String], complaint: String?
    ) {
        let sights = others.map { MemberPosition.Sight(role: $0, state: "streaming") }
        let found = position("leader", "running", among: sights, in: Self.cluster(durability))

        #expect(found.text == complaint.map { "leader (\($0))" } ?? "leader")
        #expect(found.isHealthy == (complaint == nil))
    }

    @Test func `does not count a standby that does not stream`() {
        let standby = MemberPosition.Sight(role: "sync_standby", state: "running")

        #expect(position("leader", "running", among: [standby], in: Self.cluster(.synchronous)).isHealthy == false)
    }

    @Test func `asks for no replica where there is one member`() {
        #expect(position("leader", "running", among: [], in: Self.cluster(.synchronous, members: 1)).isHealthy)
    }
}
