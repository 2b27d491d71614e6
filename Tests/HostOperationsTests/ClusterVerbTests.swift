import ClusterModel
import Decisions
import HostFakes
import HostOperations
import HostPorts
import Testing

/// `switchover`, `reinit`, `maintenance` and `restart --all` against members that do what they are asked.
@Suite struct ClusterVerbTests {
    private let fixture = MembersFixture()

    @Test func `reads the cluster from the leader's list, and who answers`() async {
        fixture.fake.patroni.set("10.0.0.3", 8010, Optional<PatroniStatus>.none)
        let sight = await ClusterReader(machine: fixture.fake.machine, cluster: fixture.cluster).sight()
        #expect(sight.leader?.role == .member(1))
        #expect(sight.members.map(\.answers) == [true, true, false])
        #expect(sight.member(.member(2))?.isSynchronous == true)
    }

    @Test func `a switchover asks the leader, and returns when the old one follows`() async throws {
        let report = try await fixture.change().run(.switchover(to: nil), within: .seconds(30))
        #expect(report.outcome == .switched)
        #expect(report.from == "pg1")
        #expect(report.to == "pg2")
        #expect(report.timeline == 2)
        #expect(report.oldLeader == "sync replica")
        #expect(fixture.fake.patroni.calls.contains("switchover pg1 pg2 10.0.0.1:8008"))
    }

    @Test func `a dry run asks nobody for anything`() async throws {
        let report = try await fixture.change().run(.switchover(to: nil), isDryRun: true, within: .seconds(30))
        #expect(report.outcome == .pending)
        #expect(!fixture.fake.patroni.calls.contains { $0.hasPrefix("switchover") })
    }

    @Test func `what Patroni says to a refusal is passed on`() async {
        fixture.fake.patroni.onChange { _ in PatroniReply(status: 412, text: "candidate name does not match") }
        let failure = await #expect(throws: NodeFailure.self) {
            try await fixture.change().run(.switchover(to: nil), within: .seconds(30))
        }
        #expect(failure?.code == .commandFailed)
        #expect(failure?.detail == "It said: candidate name does not match")
    }

    @Test func `a promotion that does not end is a timeout that says how things are`() async {
        fixture.fake.postgres.on("SELECT pg_is_in_recovery()", rows: [["t"]])
        let failure = await #expect(throws: NodeFailure.self) {
            try await fixture.change().run(.switchover(to: nil), within: .seconds(5))
        }
        #expect(failure?.code == .timeout)
        #expect(failure?.message == "waited 5 s for pg2 to accept writes")
        #expect(failure?.detail == "Now pg2 leads, 2 replicas stream.")
    }

    @Test func `maintenance is entered with its end, and a timer ends it`() async throws {
        fixture.fake.system.set(now: 1000)
        let status = try await fixture.maintenance.begin(
            forSeconds: 60, command: ["/usr/local/bin/pgha-node", "maintenance", "off"], password: "a",
            within: .seconds(30))
        #expect(status.text(at: 1010) == "on since 10 s, ends in 50 s (timer on host1)")
        #expect(
            fixture.fake.services.timers == [
                TransientTimer(
                    name: "pgha-maintenance-off", description: "Ends the maintenance of shop",
                    command: ["/usr/local/bin/pgha-node", "maintenance", "off"], after: .seconds(60))
            ])
        let sent = fixture.fake.patroni.calls.first { $0.hasPrefix("configuration {") }
        #expect(
            sent
                == #"configuration {"pause": true, "pgha_maintenance": {"since": 1000, "until": 1060, "host": "host1"}}"#
                + " 10.0.0.1:8008")

        fixture.fake.patroni.set(
            configuration: #"{"pause": true, "pgha_maintenance": {"since": 1000, "until": 1060, "host": "host1"}}"#)
        let read = try await fixture.maintenance.status()
        #expect(read == status)
        #expect(read.text(at: 1100).contains("should have ended 40 s ago: the timer on host1 is gone"))

        let ended = try await fixture.maintenance.end(password: "a", within: .seconds(30))
        #expect(!ended.isOn)
        #expect(fixture.fake.services.timers == [])
    }

    @Test func `maintenance that somebody else switched on has no beginning and no end`() async throws {
        fixture.fake.patroni.set(configuration: #"{"pause": true, "ttl": 30}"#)
        #expect(try await fixture.maintenance.status().text(at: 1000) == "on, without an end")
    }

    @Test func `a replica is copied anew, and is there when it streams with another postmaster`() async throws {
        let report = try await fixture.copy.run(.member(3), waits: true, within: .seconds(60))
        #expect(report.outcome == .copied)
        #expect(report.leader == "pg1")
        #expect(fixture.messages.all.contains { $0.contains("waiting for pg3, which is \"creating replica\"") })
    }

    @Test func `the leader is not copied`() async {
        let failure = await #expect(throws: NodeFailure.self) { try await fixture.copy.check(.member(1)) }
        #expect(failure?.code == .preflightFailed)
        #expect(failure?.hint == "Run \"pgha-node switchover\" first.")
    }

    private func restartWholeHost() async throws -> [ServiceOutcome] {
        var options = ServiceOperator.Options(limit: .seconds(30))
        options.isWholeHost = true
        return try await fixture.operation.run(.restart, fixture.cluster.hosts[0].placedServices, options)
    }

    @Test func `a restart of the whole host hands over before the leader's turn`() async throws {
        for unit in [OperatorFixture.zookeeper, OperatorFixture.patroni, OperatorFixture.haproxy] {
            fixture.fake.services.set(unit, active: true)
        }
        let outcomes = try await restartWholeHost()
        #expect(outcomes.map(\.outcome) == [.restarted, .handedOver, .restarted, .restarted])
        #expect(outcomes[1].state?.hasPrefix("pg2 leads in") == true)
        #expect(
            fixture.fake.services.calls.filter { $0.hasPrefix("restart") } == [
                "restart \(OperatorFixture.zookeeper)", "restart \(OperatorFixture.patroni)",
                "restart \(OperatorFixture.haproxy)",
            ])
    }

    @Test func `a restart of the whole host keeps ZooKeeper's quorum`() async {
        fixture.fake.services.set(OperatorFixture.zookeeper, active: true)
        fixture.fake.network.set("10.0.0.2", 2181, .refused)
        fixture.fake.network.set("10.0.0.2", 2181, answer: "", to: "srvr")
        let failure = await #expect(throws: NodeFailure.self) { try await restartWholeHost() }
        #expect(failure?.message == "ZooKeeper would lose its quorum")
        #expect(fixture.fake.services.calls == [])
    }
}

/// Three members of which pg1 leads and pg2 is the synchronous replica; they do what they are asked.
final class MembersFixture: Sendable {
    let fake = FakeMachine()
    let messages = Messages()
    let cluster = OperatorFixture().cluster

    init() {
        for number in 1...3 {
            fake.network.set("10.0.0.\(number)", 2181, .accepted)
            fake.network.set("10.0.0.\(number)", 2181, answer: "Mode: follower\n", to: "srvr")
        }
        fake.network.set("10.0.0.1", 5432, .accepted)
        fake.network.set(
            socket: "/run/pgha/pg1/haproxy.sock",
            answer: "# pxname,svname,status\nleader,pg2,UP\nreplicas,pg3,UP\n", to: "show stat\n")
        Self.lead(1, sync: 2, timeline: 1, fake)
        fake.postgres.on("SELECT pg_is_in_recovery()") { [fake] target throws(NodeFailure) in
            let leads = fake.patroni.leads(target.host)
            return [[leads ? "f" : "t"]]
        }
        fake.patroni.onChange { [fake] change in
            switch change {
            case .switchover: Self.lead(2, sync: 1, timeline: 2, fake)
            case .reinitialise: Self.copy(3, fake)
            case .configuration(let json): Self.pause(json.contains("true"), fake)
            case .failover, .restart, .reload: break
            }
            return PatroniReply(status: 200, text: "done")
        }
    }

    func change() -> LeaderSwitch {
        LeaderSwitch(
            machine: fake.machine, cluster: cluster, secrets: OperatorFixture.secrets,
            notify: { [messages] in messages.add($0) })
    }

    var maintenance: Maintenance {
        Maintenance(
            machine: fake.machine, cluster: cluster, host: cluster.hosts[0], notify: { [messages] in messages.add($0) })
    }

    var copy: ReplicaCopy {
        ReplicaCopy(
            machine: fake.machine, cluster: cluster, secrets: OperatorFixture.secrets,
            notify: { [messages] in messages.add($0) })
    }

    var operation: ServiceOperator {
        ServiceOperator(
            machine: fake.machine, cluster: cluster, host: cluster.hosts[0], secrets: OperatorFixture.secrets,
            notify: { [messages] in messages.add($0) })
    }

    private static func lead(_ leader: Int, sync: Int, timeline: Int, _ fake: FakeMachine) {
        let members = (1...3).map { number in
            var member = PatroniMember(
                name: "pg\(number)", role: number == leader ? "leader" : number == sync ? "sync_standby" : "replica",
                state: number == leader ? "running" : "streaming")
            member.timeline = timeline
            return member
        }
        for number in 1...3 {
            var status = PatroniStatus(state: "running", role: number == leader ? "primary" : "replica")
            status.replicationState = number == leader ? nil : "streaming"
            status.timeline = timeline
            status.postmasterStart = "first"
            fake.patroni.set("10.0.0.\(number)", 8007 + number, status, members: members)
        }
    }

    /// It is at it for one look, and then streams with a new postmaster.
    private static func copy(_ number: Int, _ fake: FakeMachine) {
        let address = "10.0.0.\(number)"
        fake.patroni.change(address, 8007 + number) { status in
            status.state = "creating replica"
            status.postmasterStart = nil
        }
        fake.patroni.afterNextLook(at: address, 8007 + number) { status in
            status.state = "running"
            status.postmasterStart = "second"
        }
    }

    private static func pause(_ isOn: Bool, _ fake: FakeMachine) {
        for number in 1...3 { fake.patroni.change("10.0.0.\(number)", 8007 + number) { $0.isPaused = isOn } }
    }
}
