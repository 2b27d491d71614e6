import ClusterModel
import Decisions
import Testing

/// What a drill breaks, how it is mended, and how it is judged.
@Suite struct DrillTests {
    private static let cluster = Cluster(
        name: "demo",
        hosts: (1...3).map { number in
            ClusterHost(
                name: "pg\(number)", address: "10.0.0.\(number)",
                roles: [RoleAssignment(role: .member(number), services: ServiceKind.allCases)])
        })

    private func plan(_ kind: DrillKind, postgres: [Int32] = []) -> DrillPlan {
        DrillPlan(
            DrillOrder(kind: kind, role: .member(1), seconds: 20),
            unit: kind.service?.unit(for: .member(1)), postgres: postgres, others: ["10.0.0.2", "2001:db8::3"],
            thaw: ["/usr/local/bin/pgha-node", "thaw"])
    }

    @Test(arguments: DrillKind.allCases)
    func `an order survives its way to another agent, but for a switchover, which no agent does`(kind: DrillKind) {
        let order = DrillOrder(kind: kind, role: .member(2), seconds: kind.lasts ? 20 : 0)
        #expect(DrillOrder(path: order.path) == (kind == .switchover ? nil : order))
    }

    @Test(arguments: [
        "/drill/kill/pg1", "/drill/kill/pg1/20", "/drill/freeze/pg1/0", "/drill/freeze/pg1/3601",
        "/drill/freeze/pg1/-5",
        "/drill/freeze/pg1/020", "/drill/freeze/../20", "/drill/burn/pg1/0", "/drill/kill/pg1/0/", "drill/kill/pg1/0",
        "/drills/kill/pg1/0", "/",
    ])
    func `what is no order is none`(path: String) {
        #expect(DrillOrder(path: path) == nil)
    }

    @Test(arguments: DrillKind.allCases)
    func `what lasts has a cure, and every command is a path`(kind: DrillKind) {
        let plan = plan(kind, postgres: [60])
        if kind.lasts { #expect(plan.cure != nil) }
        for command in [plan.fault, plan.cure ?? ["/"]] { #expect(command.first?.hasPrefix("/") == true) }
    }

    @Test func `a partition drops both directions of every other host, by the family of its address`() throws {
        let rules = try #require(plan(.partition).fault.last)
        for rule in [
            "incoming ip saddr 10.0.0.2 drop", "outgoing ip daddr 10.0.0.2 drop",
            "incoming ip6 saddr 2001:db8::3 drop", "outgoing ip6 daddr 2001:db8::3 drop",
        ] { #expect(rules.contains("add rule inet pgha_drill \(rule)"), "\(rules)") }
        #expect(plan(.partition).cure == ["/usr/sbin/nft", "delete table inet pgha_drill"])
    }

    @Test func `a hang stops the postmaster first, and lets all go on`() {
        let plan = plan(.hang, postgres: [60, 61])
        #expect(plan.fault == ["/usr/bin/kill", "-STOP", "--", "60", "61"])
        #expect(plan.cure?.contains("--signal=CONT") == true)
    }

    @Test func `limits are those of cluster.yml, or what is promised`() {
        var cluster = Self.cluster
        #expect(DrillKind.freeze.limit(in: cluster) == 2300)
        #expect(DrillKind.partition.limit(in: cluster) == 38_000)
        cluster.lease = .short
        #expect(DrillKind.partition.limit(in: cluster) == 7000)
        cluster.drill.limits["freeze"] = 5000
        #expect(DrillKind.freeze.limit(in: cluster) == 5000)
    }

    @Test(
        arguments: [
            (
                "FATAL:  57P01: terminating connection due to administrator command LOCATION:  ProcessInterrupts",
                "57P01"
            ),
            (
                "connection to server at \"10.0.0.1\", port 5432 failed: FATAL:  57P03: the database system is starting up",
                "57P03"
            ),
            ("ERROR:  25006: cannot execute INSERT in a read-only transaction", "25006"),
            ("server closed the connection unexpectedly", nil), ("FATAL:  the database system is starting up", nil),
            ("", nil),
        ] as [(String, String?)])
    func `the state is what the server called it`(text: String, state: String?) {
        #expect(SQLState.inText(text) == state)
    }
}

@Suite struct DrillReportTests {
    private static func log(_ acknowledged: [Double?]) -> WriteLog {
        WriteLog(
            writes: acknowledged.enumerated().map {
                WriteLog.Write(sequence: $0.offset, sent: $0.element ?? 0, acknowledged: $0.element)
            })
    }

    private static func report(
        _ present: [Int: Set<Int>]?, until: Double = 4, recovery: Double? = 3, limit: Int? = 2500
    ) -> DrillReport {
        // The second write of the first client fails, and is there; the others are silent for two seconds.
        let felt = DrillReport.Felt(
            fresh: [log([0.9, nil, 3.1, 3.9])], kept: [log([0.8, 2.9, 3.9])], failures: ["57P01": 1, "08006": 2],
            present: present, from: 1, until: until)
        var report = DrillReport(
            began: 0, kind: "kill", target: "pg1", person: "alice", host: "pg2", version: "1",
            durability: "synchronous",
            felt: felt)
        (report.recovery, report.limit) = (recovery, limit)
        report.judge(losesCommits: false, awaitsRecovery: true)
        return report
    }

    @Test func `counts what was lost and what is there unasked, and finds the longest silence of each kind of client`()
    {
        let report = Self.report([0: [0, 1, 2, 3], 1: [0, 1, 2]])
        #expect(report.felt.lost == 0)
        #expect(report.felt.ghosts == 1)
        #expect(abs(report.felt.outageFresh - 2.2) < 1e-9)
        #expect(abs(report.felt.outageKept - 2.1) < 1e-9)
        #expect(report.felt.failures.map(\.state) == ["08006", "57P01"])
        #expect(report.hasPassed)
    }

    @Test func `fails for each single reason, and says which`() {
        let all: [Int: Set<Int>] = [0: [0, 2, 3], 1: [0, 1, 2]]
        #expect(Self.report(all).hasPassed)
        #expect(Self.report([0: [0, 2, 3], 1: [0, 2]]).complaints == ["1 acknowledged writes are lost"])
        #expect(Self.report(nil).complaints.count == 1)
        #expect(
            Self.report(all, limit: 2199).complaints == ["clients could not write for 2.20 s, and the limit is 2.20 s"])
        #expect(Self.report(all, recovery: nil).complaints == ["the cluster is not healthy again"])
        #expect(
            Self.report(all, until: 40, limit: nil).complaints
                == ["no write was acknowledged any more when the observation ended"])
    }
}
