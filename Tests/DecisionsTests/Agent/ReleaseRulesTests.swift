import ClusterModel
import Decisions
import Testing

/// Each rule of release, and each way around it.
@Suite struct ReleaseRulesTests {
    typealias Node = ReleaseEvidence.Node

    struct Row: Sendable, CustomTestStringConvertible {
        var what: String
        var refusal: ReleaseRules.Refusal?
        var change: @Sendable (inout ReleaseEvidence, inout Cluster) -> Void

        init(
            _ what: String, _ refusal: ReleaseRules.Refusal?,
            _ change: @escaping @Sendable (inout ReleaseEvidence, inout Cluster) -> Void = { _, _ in }
        ) {
            self.what = what
            self.refusal = refusal
            self.change = change
        }

        var testDescription: String { what }
    }

    static let key = Node(text: "pg1", created: 40, version: 1, owner: 7)

    /// pg1 led, has crashed and is fenced; pg2 is synchronous, pg3 runs.
    static var crashed: ReleaseEvidence {
        ReleaseEvidence(
            member: .member(1), end: .crash, walPosition: 5000, keyBefore: key,
            marks: Node(text: "", created: 2, version: 12, owner: 0), key: key,
            memberNode: Node(text: "{}", created: 41, version: 3, owner: 7), postgresProcesses: 0, patroni: .dead,
            candidates: [
                .init(role: .member(2), isSynchronous: true, isRunning: true, walPosition: 4900),
                .init(role: .member(3), isSynchronous: false, isRunning: true, walPosition: 100),
            ], isPaused: false)
    }

    static let rows: [Row] = [
        Row("a crash with a synchronous replica", nil),
        Row("no key before", .notLeader) { evidence, _ in evidence.keyBefore = nil },
        Row("a key of another member before", .notLeader) { evidence, _ in evidence.keyBefore?.text = "pg2" },
        Row("no key now", .notLeader) { evidence, _ in evidence.key = nil },
        Row("a key of another member now, with the same version", .notLeader) { evidence, _ in
            evidence.key = Node(text: "pg2", created: 50, version: 1, owner: 9)
        },
        Row("a key of this member that was created anew, with the same version", .keyChanged) { evidence, _ in
            evidence.key = Node(text: "pg1", created: 50, version: 1, owner: 9)
        },
        Row("a key that another session took over", .keyChanged) { evidence, _ in evidence.key?.owner = 9 },
        Row("no node of the member, so that nothing guards the key", .otherSession) { evidence, _ in
            evidence.memberNode = nil
        },
        Row("a node of the member of another session", .otherSession) { evidence, _ in evidence.memberNode?.owner = 9 },
        Row("nodes that die with no session", .otherSession) { evidence, _ in
            evidence.memberNode?.owner = 0
            evidence.key?.owner = 0
            evidence.keyBefore?.owner = 0
        },
        Row("a key without a mark, which looks like any later one", .unmarked) { evidence, _ in
            evidence.key?.version = 0
            evidence.keyBefore?.version = 0
        },
        Row("a key that was marked meanwhile", nil) { evidence, _ in evidence.keyBefore?.version = 0 },
        Row("no node of marks", .unmarked) { evidence, _ in evidence.marks = nil },
        Row("a PostgreSQL process that is left", .postgresAlive) { evidence, _ in evidence.postgresProcesses = 1 },
        Row("processes that could not be counted", .postgresAlive) { evidence, _ in evidence.postgresProcesses = nil },
        Row("a Patroni that is alive, which may start PostgreSQL again", .patroniAlive) { evidence, _ in
            evidence.patroni = .alive
        },
        Row("a Patroni that hands over to a replica that runs", nil) { evidence, _ in
            evidence.patroni = .demoting(to: .member(2))
        },
        Row("a Patroni that hands over to one that does not run", .noCandidate) { evidence, _ in
            evidence.patroni = .demoting(to: .member(2))
            evidence.candidates = evidence.candidates.map {
                .init(role: $0.role, isSynchronous: $0.isSynchronous, isRunning: $0.role != .member(2) && $0.isRunning)
            }
        },
        Row("a Patroni that hands over to anybody", nil) { evidence, _ in evidence.patroni = .demoting(to: nil) },
        Row("a Patroni that hands over while PostgreSQL still ends", .postgresAlive) { evidence, _ in
            evidence.patroni = .demoting(to: .member(2))
            evidence.postgresProcesses = 2
        },
        Row("a handover with asynchronous durability", nil) { evidence, cluster in
            evidence.patroni = .demoting(to: .member(3))
            cluster.durability = .asynchronous
        },
        Row("a unit that is being stopped", nil) { evidence, _ in evidence.patroni = .stopping },
        Row("maintenance", .maintenance) { evidence, _ in evidence.isPaused = true },
        Row("the reference profile", .referenceProfile) { _, cluster in cluster.profile = .reference },
        Row("a crash with asynchronous durability", .asynchronous) { evidence, cluster in
            cluster.durability = .asynchronous
            cluster.agent.onCrash = .restart
            evidence.end = .crash
        },
        Row("a crash with asynchronous durability, and the wish to fail over", nil) { _, cluster in
            cluster.durability = .asynchronous
            cluster.agent.onCrash = .failover
        },
        Row("a hang with asynchronous durability, with a replica that is close", nil) { evidence, cluster in
            cluster.durability = .asynchronous
            evidence.end = .hang
        },
        Row("a hang with asynchronous durability, and replicas too far behind", .tooFarBehind) { evidence, cluster in
            cluster.durability = .asynchronous
            cluster.patroni.maximumLagOnFailover = 99
            evidence.end = .hang
        },
        Row("a hang with asynchronous durability, and a replica that is close but does not run", .tooFarBehind) {
            evidence, cluster in
            cluster.durability = .asynchronous
            cluster.patroni.maximumLagOnFailover = 100
            evidence.end = .hang
            evidence.candidates.indices.first.map { evidence.candidates[$0].isRunning = false }
        },
        Row("a hang with asynchronous durability, and nobody knows how far the leader was", .tooFarBehind) {
            evidence, cluster in
            cluster.durability = .asynchronous
            evidence.end = .hang
            evidence.walPosition = nil
        },
        Row("a hang with asynchronous durability, and nobody else", .noCandidate) { evidence, cluster in
            cluster.durability = .asynchronous
            evidence.end = .hang
            evidence.candidates = []
        },
        Row("a stop with asynchronous durability", .asynchronous) { evidence, cluster in
            cluster.durability = .asynchronous
            cluster.agent.onCrash = .failover
            evidence.end = .shutdown
        },
        Row("a hang with a synchronous replica", nil) { evidence, _ in evidence.end = .hang },
        Row("a hang without a synchronous replica", .noCandidate) { evidence, cluster in
            cluster.durability = .synchronous
            evidence.end = .hang
            evidence.candidates.indices.first.map { evidence.candidates[$0].isSynchronous = false }
        },
        Row("a synchronous replica that does not run", .noCandidate) { evidence, _ in
            evidence.candidates = evidence.candidates.map {
                .init(role: $0.role, isSynchronous: $0.isSynchronous, isRunning: $0.role != .member(2) && $0.isRunning)
            }
        },
        Row("no synchronous replica", .noCandidate) { evidence, _ in
            evidence.candidates = evidence.candidates.map {
                .init(role: $0.role, isSynchronous: false, isRunning: $0.isRunning)
            }
        },
        Row("a synchronous replica that is this member itself", .noCandidate) { evidence, _ in
            evidence.candidates = evidence.candidates.map {
                .init(
                    role: $0.isSynchronous ? .member(1) : $0.role, isSynchronous: $0.isSynchronous,
                    isRunning: $0.isRunning)
            }
        },
        Row("no other member", .noCandidate) { evidence, _ in evidence.candidates = [] },
    ]

    @Test(arguments: rows)
    func `releases only what is proved`(row: Row) {
        var evidence = Self.crashed
        var cluster = PlanLayout.threeHosts.cluster
        row.change(&evidence, &cluster)
        let expected: ReleaseRules.Answer =
            row.refusal.map { .refuse($0) } ?? .release(keyVersion: 1, marksVersion: 12)
        #expect(ReleaseRules.answer(evidence, in: cluster) == expected)
    }

    @Test func `what refuses alone refuses together with each other reason`() {
        for first in Self.rows where first.refusal != nil {
            // What releases alone, a handover, may be what another row lacks.
            for second in Self.rows where second.refusal != nil {
                var evidence = Self.crashed
                var cluster = PlanLayout.threeHosts.cluster
                second.change(&evidence, &cluster)
                first.change(&evidence, &cluster)
                if case .release = ReleaseRules.answer(evidence, in: cluster) {
                    Issue.record("\(second.what), and then \(first.what)")
                }
            }
        }
    }

    @Test func `the possible loss is what the best of the others that run does not have`() {
        var evidence = Self.crashed
        #expect(ReleaseRules.possibleLoss(evidence) == 100)
        evidence.candidates[0].isRunning = false
        #expect(ReleaseRules.possibleLoss(evidence) == 4900)
        evidence.candidates[1].walPosition = 6000
        #expect(ReleaseRules.possibleLoss(evidence) == 0)
        evidence.candidates[1].walPosition = nil
        #expect(ReleaseRules.possibleLoss(evidence) == nil)
    }

    @Test func `a member that nobody could replace is refused before it is fenced`() {
        var evidence = Self.crashed
        evidence.candidates = []
        #expect(ReleaseRules.refusalBeforeFence(evidence, in: PlanLayout.threeHosts.cluster) == .noCandidate)
        #expect(ReleaseRules.refusalBeforeFence(Self.crashed, in: PlanLayout.threeHosts.cluster) == nil)
    }
}
