import ClusterModel
import Decisions
import Testing

@Suite struct LeaderChangeTests {
    private let cluster = PlanLayout.threeHosts.cluster

    /// pg1 leads, pg2 is the synchronous replica, pg3 another one.
    private func sight(
        isPaused: Bool = false, _ change: (inout [ClusterSight.Member]) -> Void = { _ in }
    ) -> ClusterSight {
        let positions = [("leader", "running"), ("sync_standby", "streaming"), ("replica", "streaming")]
        var members = positions.enumerated().map { index, position in
            var member = ClusterSight.Member(role: .member(index + 1))
            (member.position, member.state) = position
            member.answers = true
            member.lag = index == 0 ? nil : 0
            member.walPosition = 1000
            return member
        }
        change(&members)
        return ClusterSight(members: members, isPaused: isPaused)
    }

    private func failure(_ work: () throws(NodeFailure) -> LeaderChange) -> NodeFailure? {
        do throws(NodeFailure) {
            _ = try work()
            return nil
        } catch {
            return error
        }
    }

    @Test func `the synchronous replica takes over`() throws {
        #expect(
            try LeaderChange.switchover(to: nil, seeing: sight(), in: cluster)
                == .change(from: .member(1), to: .member(2)))
        #expect(
            try LeaderChange.switchover(to: .member(2), seeing: sight(), in: cluster)
                == .change(from: .member(1), to: .member(2)))
    }

    @Test func `in asynchronous mode the replica with the least lag takes over`() throws {
        var cluster = cluster
        cluster.durability = .asynchronous
        let sight = sight { members in
            members[1].position = "replica"
            members[1].lag = 4096
        }
        #expect(
            try LeaderChange.switchover(to: nil, seeing: sight, in: cluster)
                == .change(from: .member(1), to: .member(3)))
    }

    @Test func `who leads already is left alone, even in maintenance`() throws {
        #expect(
            try LeaderChange.switchover(to: .member(1), seeing: sight(isPaused: true), in: cluster)
                == .unchanged(.member(1)))
    }

    @Test func `a replica that is not the synchronous one is refused, and who could is named`() {
        let failure = failure { () throws(NodeFailure) in
            try LeaderChange.switchover(to: .member(3), seeing: sight(), in: cluster)
        }
        #expect(failure?.code == .preflightFailed)
        #expect(failure?.detail == "pg3 is not the synchronous replica.")
        #expect(failure?.hint == "pg2 could.")
    }

    enum Defect: String, CaseIterable {
        case silent = "does not answer"
        case notStreaming = "is not streaming"
        case unknown = "is not in the cluster"
        case behind = "is 2000000 bytes behind (maximum_lag_on_failover is 1048576)"
        case asynchronous = "is not the synchronous replica"

        func apply(to member: inout ClusterSight.Member) {
            switch self {
            case .silent: member.answers = false
            case .notStreaming: member.state = "running"
            case .unknown: member.state = nil
            case .behind: member.lag = 2_000_000
            case .asynchronous: member.position = "replica"
            }
        }
    }

    @Test(arguments: Defect.allCases)
    func `a candidate that is not fit is refused with its reason`(defect: Defect) {
        let sight = sight { defect.apply(to: &$0[1]) }
        let failure = failure { () throws(NodeFailure) in
            try LeaderChange.switchover(to: nil, seeing: sight, in: cluster)
        }
        #expect(failure?.message == "no member could take over")
        #expect(failure?.detail == "pg2 \(defect.rawValue); pg3 is not the synchronous replica.")
    }

    @Test func `maintenance, silence and the lack of a leader are refused`() {
        let paused = failure { () throws(NodeFailure) in
            try LeaderChange.switchover(to: nil, seeing: sight(isPaused: true), in: cluster)
        }
        #expect(paused?.message == "maintenance is on")
        let silent = sight { for index in $0.indices { $0[index].answers = false } }
        let noAnswer = failure { () throws(NodeFailure) in
            try LeaderChange.switchover(to: nil, seeing: silent, in: cluster)
        }
        #expect(noAnswer?.code == .unreachable)
        let headless = sight { $0[0].position = "replica" }
        let nobody = failure { () throws(NodeFailure) in
            try LeaderChange.switchover(to: nil, seeing: headless, in: cluster)
        }
        #expect(nobody?.hint?.contains("pgha-node failover --to MEMBER") == true)
    }

    @Test func `a name that is none is answered with the nearest`() {
        let failure = failure { () throws(NodeFailure) in
            try LeaderChange.switchover(to: .member(9), seeing: sight(), in: cluster)
        }
        #expect(failure?.code == .notFound)
        #expect(failure?.hint?.hasSuffix("Its members are pg1, pg2, pg3.") == true)
    }

    @Test func `a failover is refused while a leader runs`() {
        let failure = failure { () throws(NodeFailure) in
            try LeaderChange.failover(to: .member(2), force: true, seeing: sight(), in: cluster)
        }
        #expect(failure?.hint == "Run \"pgha-node switchover --to pg2\".")
    }

    @Test func `a failover goes to the member that has most, unless it is forced`() throws {
        let headless = sight { members in
            members[0].answers = false
            members[0].state = "stopped"
            members[2].walPosition = 1500
        }
        let failure = failure { () throws(NodeFailure) in
            try LeaderChange.failover(to: .member(2), force: false, seeing: headless, in: cluster)
        }
        #expect(failure?.detail == "500 bytes would be lost.")
        #expect(
            try LeaderChange.failover(to: .member(2), force: true, seeing: headless, in: cluster)
                == .change(from: .member(1), to: .member(2)))
        #expect(
            try LeaderChange.failover(to: .member(3), force: false, seeing: headless, in: cluster)
                == .change(from: .member(1), to: .member(3)))
    }

    @Test func `a failover to a member that does not answer is refused`() {
        let headless = sight { members in
            members[0].answers = false
            members[1].answers = false
        }
        let failure = failure { () throws(NodeFailure) in
            try LeaderChange.failover(to: .member(2), force: true, seeing: headless, in: cluster)
        }
        #expect(failure?.message == "pg2 does not answer, so that it cannot become leader")
    }

    @Test func `judges the cluster in one line`() {
        #expect(sight().judgement(of: cluster) == .init(isHealthy: true, text: "pg1 leads, 2 replicas stream"))
        let sick = sight { members in
            members[1].answers = false
            members[2].state = "starting"
        }
        #expect(
            sick.judgement(of: cluster).text == "pg2 does not answer; pg3 is replica (starting)")
        #expect(
            sight(isPaused: true).judgement(of: cluster)
                == .init(isHealthy: false, text: "maintenance is on, so nobody would take over"))
        let silent = sight { for index in $0.indices { $0[index].answers = false } }
        #expect(silent.judgement(of: cluster).text == "no member answers")
    }

    @Test func `a replica that counts on failsafe mode would not race, so a switchover waits for it`() {
        let failsafe = sight { $0[1].isInFailsafe = true }
        let failure = failure { () throws(NodeFailure) in
            try LeaderChange.switchover(to: nil, seeing: failsafe, in: cluster)
        }
        #expect(failure?.detail?.contains("pg2 takes the leader for one that leads without ZooKeeper") == true)
        #expect(LeaderChange.waitsForFailsafe(failsafe, in: cluster))
        #expect(!LeaderChange.waitsForFailsafe(sight(), in: cluster))
        // Waiting helps nobody who could not take over anyway.
        #expect(
            !LeaderChange.waitsForFailsafe(
                sight { members in
                    members[1].isInFailsafe = true
                    members[1].state = "stopped"
                }, in: cluster))
        #expect(!LeaderChange.waitsForFailsafe(sight(isPaused: true) { $0[1].isInFailsafe = true }, in: cluster))
    }
}
