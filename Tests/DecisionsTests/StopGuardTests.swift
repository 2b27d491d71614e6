import ClusterModel
import Decisions
import Testing

@Suite struct StopGuardTests {
    private let cluster = PlanLayout.threeHosts.cluster

    private func refusal(
        toStop services: [ServiceKind], zookeepers: [Int] = [1, 2, 3], members: [Int] = [1, 2, 3]
    ) -> NodeFailure? {
        let sight = StopGuard(
            zookeeperHosts: Set(zookeepers.map { "host\($0)" }), runningMembers: Set(members.map { .member($0) }))
        return sight.refusal(
            toStop: services.map { PlacedService($0, of: .member(1)) }, on: cluster.hosts[0], of: cluster)
    }

    @Test func `lets everything of one host stop while the two others are well`() {
        #expect(refusal(toStop: [.zookeeper, .patroni, .haproxy]) == nil)
    }

    @Test func `keeps ZooKeeper's quorum`() {
        let failure = refusal(toStop: [.zookeeper], zookeepers: [1, 3])
        #expect(failure?.code == .preflightFailed)
        #expect(failure?.message == "ZooKeeper would lose its quorum")
        #expect(failure?.detail?.hasPrefix("1 of 3 servers would be left, and 2 are needed") == true)
    }

    @Test func `does not mind a server that serves nobody, or a quorum that is lost already`() {
        #expect(refusal(toStop: [.zookeeper], zookeepers: [2, 3]) == nil)
        #expect(refusal(toStop: [.zookeeper], zookeepers: [1]) == nil)
    }

    @Test func `keeps the last running member`() {
        let failure = refusal(toStop: [.patroni], members: [1])
        #expect(failure?.code == .preflightFailed)
        #expect(failure?.message == "the last running member would stop")
    }

    @Test func `does not mind a member that does not run, or that others can replace`() {
        #expect(refusal(toStop: [.patroni], members: [2]) == nil)
        #expect(refusal(toStop: [.patroni], members: [1, 2]) == nil)
        #expect(refusal(toStop: [.patroni], members: []) == nil)
    }

    @Test func `lets HAProxy go whenever one likes`() {
        #expect(refusal(toStop: [.haproxy], zookeepers: [1, 2], members: [1]) == nil)
    }
}
