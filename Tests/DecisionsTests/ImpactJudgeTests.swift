import ClusterModel
import Decisions
import Testing

/// What a restart costs, by who leads, who could take over, and who is down.
@Suite struct ImpactJudgeTests {
    typealias Member = ImpactJudge.Member

    struct Row: Sendable, CustomTestStringConvertible {
        var what: String
        var service = ServiceKind.patroni
        var action = ServiceAction.restartPostgres
        var members = ImpactJudgeTests.healthy
        var durability = Durability.synchronous
        var zookeepers: Set<String> = ["host1", "host2", "host3"]
        var running: Set<RoleName> = [.member(1), .member(2), .member(3)]
        var impact: Impact
        var candidate: RoleName?
        var refusal: String?
        var passes = false

        var testDescription: String { what }
    }

    static let leader = Member(.member(1), "leader", state: "running")
    static let follower = Member(.member(1), "replica", state: "streaming")
    static let synchronous = Member(.member(2), "sync_standby", state: "streaming")
    static let replica = Member(.member(3), "replica", state: "streaming")
    static let healthy = [leader, synchronous, replica]

    static let rows = [
        Row(what: "nothing", action: .none, impact: .none),
        Row(what: "a reload of the leader", action: .reload, impact: .reload),
        Row(
            what: "a replica", members: [follower, Member(.member(2), "leader", state: "running"), replica],
            impact: .restart),
        Row(what: "the leader, with a synchronous replica", impact: .switchover, candidate: .member(2)),
        Row(
            what: "the leader's unit, asynchronous", action: .restart, members: [leader, replica],
            durability: .asynchronous, impact: .switchover, candidate: .member(3)),
        Row(
            what: "the leader, and no replica is synchronous yet", members: [leader, replica], impact: .outage,
            refusal: "pg1 leads, and no other member can take over", passes: true),
        Row(
            what: "the leader without replicas", members: [leader], impact: .outage,
            refusal: "pg1 leads, and no other member can take over"),
        Row(
            what: "the leader, and the replica does not stream",
            members: [leader, Member(.member(2), "sync_standby", state: "starting")], impact: .outage,
            refusal: "pg1 leads, and no other member can take over"),
        Row(
            what: "the leader, and a replica waits for its restart",
            members: [leader, Member(.member(2), "sync_standby", state: "streaming", isPendingRestart: true)],
            impact: .outage, refusal: "pg1 leads, and pg2 still waits for a restart"),
        Row(
            what: "the leader, and two replicas wait",
            members: [
                leader, Member(.member(2), "sync_standby", state: "streaming", isPendingRestart: true),
                Member(.member(3), "replica", state: "streaming", isPendingRestart: true),
            ], impact: .outage, refusal: "pg1 leads, and pg2, pg3 still wait for a restart"),
        Row(
            what: "a member that nobody can judge, the last one", members: [], running: [.member(1)], impact: .outage,
            refusal: "the last running member would stop"),
        Row(what: "ZooKeeper, one of three", service: .zookeeper, action: .restart, impact: .restart),
        Row(
            what: "ZooKeeper, one of two that are left", service: .zookeeper, action: .restart,
            zookeepers: ["host1", "host2"], impact: .outage, refusal: "ZooKeeper would lose its quorum"),
        Row(what: "HAProxy, one of three", service: .haproxy, action: .restart, impact: .restart),
    ]

    @Test(arguments: rows)
    func `judges a restart by what others can do meanwhile`(row: Row) {
        var cluster = PlanLayout.threeHosts.cluster
        cluster.durability = row.durability
        let judge = ImpactJudge(
            cluster: cluster, host: cluster.hosts[0], members: row.members,
            sight: StopGuard(zookeeperHosts: row.zookeepers, runningMembers: row.running))

        let judgement = judge.judge(row.action, of: PlacedService(row.service, of: .member(1)))

        #expect(judgement.impact == row.impact)
        #expect(judgement.candidate == row.candidate)
        #expect(judgement.refusal?.message == row.refusal)
        #expect(judgement.passes == row.passes)
        #expect(judgement.refusal == nil || judgement.refusal?.code == .preflightFailed)
    }
}
