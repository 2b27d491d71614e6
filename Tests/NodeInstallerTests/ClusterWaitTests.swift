import ClusterModel
import HostFakes
import HostOperations
import HostPorts
import Testing

@Suite struct ClusterWaitTests {
    private let fixture = InstallFixture()
    private var fake: FakeMachine { fixture.fake }

    private func wait(
        _ fixture: InstallFixture? = nil, on machine: Machine? = nil, within limit: Duration = .seconds(60)
    ) async throws(NodeFailure) -> [String] {
        let fixture = fixture ?? self.fixture
        let wait = ClusterWait(
            machine: machine ?? fixture.fake.machine, cluster: fixture.cluster, host: fixture.host,
            secrets: InstallFixture.secrets,
            notify: { fixture.messages.add($0) })
        return try await wait.untilServing(within: limit)
    }

    private func startZooKeeper(_ mode: String = "follower") {
        fake.network.set("10.0.0.1", 2181, answer: "Zookeeper version: 3.8.0\nMode: \(mode)\n", to: "srvr")
        fake.network.set("10.0.0.2", 2181, .accepted)
    }

    private func startMember(
        _ role: String, state: String = "running", replication: String? = nil, timeline: Int? = 3
    ) {
        var status = PatroniStatus(state: state, role: role)
        status.timeline = timeline
        status.replicationState = replication
        fake.patroni.set("10.0.0.1", 8008, status)
        fake.network.set("10.0.0.1", 8008, .accepted)
        fake.postgres.on("SELECT pg_is_in_recovery()", rows: [[role == "primary" ? "f" : "t"]])
    }

    private func openRoute(to leader: String? = "pg1") {
        let rows = ["pg1", "pg2"].flatMap { ["leader,\($0),\($0 == leader ? "UP" : "DOWN")", "replicas,\($0),DOWN"] }
        let answer = (["# pxname,svname,status"] + rows).joined(separator: "\n")
        fake.network.set("10.0.0.1", 5432, .accepted)
        fake.network.set(socket: "/run/pgha/pg1/haproxy.sock", answer: answer, to: "show stat\n")
    }

    @Test func `finds everything as it should be without a word`() async throws {
        startZooKeeper()
        startMember("primary")
        openRoute()

        let found = try await wait()

        #expect(
            found == [
                "zookeeper: follower", "pg1: leader, timeline 3", "haproxy: port 5432 leads to leader pg1, no replicas",
            ])
        #expect(fixture.messages.all == [])
        #expect(fake.clock.now.offset == .zero)
    }

    @Test(
        arguments: [
            ("primary", nil, 1, "pg1: leader, timeline 1"), ("replica", "streaming", 2, "pg1: replica, timeline 2"),
            ("replica", "streaming", nil, "pg1: replica"),
        ] as [(String, String?, Int?, String)])
    func `says what the member is`(role: String, replication: String?, timeline: Int?, line: String) async throws {
        startZooKeeper()
        startMember(role, replication: replication, timeline: timeline)
        openRoute()

        #expect(try await wait()[1] == line)
    }

    @Test func `does not call it an error that there is no quorum yet`() async throws {
        fake.network.set(
            "10.0.0.1", 2181, answer: "This ZooKeeper instance is not currently serving requests\n", to: "srvr")

        let found = try await wait()

        #expect(
            found == [
                "zookeeper: up, no quorum yet",
                "cluster: waits for ZooKeeper's quorum (2 servers of 3); it forms by itself when the other hosts are "
                    + "installed",
            ])
        #expect(fixture.messages.all == [])
    }

    @Test func `says what it waits for once for each change`() async throws {
        startZooKeeper()
        let patroni = ScriptedPatroni([
            nil, nil, PatroniStatus(state: "starting", role: "replica"),
            PatroniStatus(state: "starting", role: "replica"), .replica("in archive recovery"),
            .replica("in archive recovery"), .replica("streaming"),
        ])
        var machine = fake.machine
        machine.patroni = patroni
        fake.postgres.on("SELECT pg_is_in_recovery()", rows: [["t"]])
        openRoute()

        let found = try await wait(on: machine)

        #expect(
            fixture.messages.all == [
                "waiting for pg1: Patroni to answer on port 8008",
                "waiting for pg1: PostgreSQL is \"starting\"",
                "waiting for pg1: the replica is \"in archive recovery\", not streaming yet",
            ])
        #expect(found[1] == "pg1: replica")
        #expect(fake.clock.now.offset == .milliseconds(1500))
    }

    @Test func `waits for a replica that runs and does not stream, where Patroni can tell`() async throws {
        startZooKeeper()
        startMember("replica")
        openRoute()
        var old = fixture
        old.cluster.patroni.source = .distribution

        #expect(try await wait(old)[1] == "pg1: replica, timeline 3")
        _ = await #expect(throws: NodeFailure.self) { try await wait() }
        #expect(fixture.messages.all == ["waiting for pg1: the replica is not streaming yet"])
    }

    @Test func `passes on the last word of a member that does not answer`() async throws {
        startZooKeeper()
        fake.journal.add("initdb: error: no space left", of: UnitName("pgha-patroni@pg1.service"))

        _ = await #expect(throws: NodeFailure.self) { try await wait() }

        #expect(
            fixture.messages.all == [
                "waiting for pg1: Patroni to answer on port 8008; its last word: initdb: error: no space left"
            ])
    }

    @Test func `ends with the cause when the time is over`() async throws {
        startZooKeeper()
        let unit = UnitName("pgha-patroni@pg1.service")
        for number in 1...7 { fake.journal.add("line \(number)", of: unit) }

        let failure = await #expect(throws: NodeFailure.self) { try await wait(within: .seconds(10)) }

        #expect(failure?.code == .timeout)
        #expect(failure?.message == "patroni is not ready after 10 s")
        #expect(
            failure?.detail
                == "It was still waiting for pg1: Patroni to answer on port 8008; its last word: line 7. "
                + "The journal of pgha-patroni@pg1.service ends with: line 3 | line 4 | line 5 | line 6 | line 7")
        #expect(failure?.hint?.contains("journalctl -u pgha-patroni@pg1.service") == true)
        #expect(fake.clock.now.offset == .seconds(10))
    }

    @Test func `shows the journal of the member that is missing, not of another one`() async throws {
        let fixture = InstallFixture(.oneHost)
        fixture.fake.network.set("10.0.0.1", 2181, answer: "Mode: standalone\n", to: "srvr")
        fixture.fake.patroni.set("10.0.0.1", 8008, PatroniStatus(state: "running", role: "primary"))
        fixture.fake.journal.add("I am well", of: UnitName("pgha-patroni@pg1.service"))
        fixture.fake.journal.add("I am not", of: UnitName("pgha-patroni@pg2.service"))

        fixture.fake.postgres.on("SELECT pg_is_in_recovery()", rows: [["f"]])
        let failure = await #expect(throws: NodeFailure.self) { try await wait(fixture) }

        #expect(failure?.detail?.hasSuffix("The journal of pgha-patroni@pg2.service ends with: I am not") == true)
        #expect(failure?.hint?.contains("pgha-patroni@pg2.service") == true)
    }

    @Test func `counts the time that looking takes`() async throws {
        startZooKeeper()
        var machine = fake.machine
        machine.patroni = ScriptedPatroni([], clock: fake.clock)

        let failure = await #expect(throws: NodeFailure.self) { try await wait(on: machine, within: .seconds(10)) }

        #expect(failure?.code == .timeout)
        #expect(fake.clock.now.offset <= .seconds(13))
    }

    @Test func `waits for a server to join the quorum that is there`() async throws {
        fake.network.set(
            "10.0.0.1", 2181, answer: "This ZooKeeper instance is not currently serving requests\n", to: "srvr")
        fake.network.set("10.0.0.2", 2181, .accepted)

        let failure = await #expect(throws: NodeFailure.self) { try await wait(within: .seconds(1)) }

        #expect(fixture.messages.all == ["waiting for ZooKeeper to join its quorum"])
        #expect(failure?.message == "zookeeper is not ready after 1 s")
    }

    @Test func `waits for HAProxy to listen`() async throws {
        startZooKeeper()
        startMember("primary")

        let failure = await #expect(throws: NodeFailure.self) { try await wait() }

        #expect(fixture.messages.all == ["waiting for HAProxy to listen on port 5432"])
        #expect(failure?.message == "haproxy is not ready after 60 s")
        #expect(failure?.detail == "It was still waiting for HAProxy to listen on port 5432.")
    }

    @Test func `waits for HAProxy to see a leader once a member is up`() async throws {
        startZooKeeper()
        startMember("primary")
        openRoute(to: nil)

        let failure = await #expect(throws: NodeFailure.self) { try await wait() }

        #expect(fixture.messages.all == ["waiting for HAProxy to see a leader"])
        #expect(failure?.code == .timeout)
    }

    @Test func `does not take Patroni's word for a leader that is still in recovery`() async throws {
        startZooKeeper()
        startMember("primary")
        fake.postgres.on("SELECT pg_is_in_recovery()", rows: [["t"]])

        let failure = await #expect(throws: NodeFailure.self) { try await wait() }

        #expect(fixture.messages.all == ["waiting for pg1: the leader's promotion to end"])
        #expect(failure?.message == "patroni is not ready after 60 s")
    }

    @Test func `waits for PostgreSQL to answer a new connection, whatever Patroni says`() async throws {
        startZooKeeper()
        startMember("replica", replication: "streaming")
        fake.postgres.on("SELECT pg_is_in_recovery()") { _ throws(NodeFailure) in
            throw NodeFailure(.unreachable, "could not connect", detail: "FATAL: the database system is starting up")
        }

        await #expect(throws: NodeFailure.self) { try await wait() }

        #expect(
            fixture.messages.all == [
                "waiting for pg1: PostgreSQL to answer on port 5433; FATAL: the database system is starting up"
            ])
        #expect(fake.postgres.calls.first == "postgres@10.0.0.1:5433/postgres: SELECT pg_is_in_recovery()")
    }

    @Test func `says that what was begun goes on when the wait is interrupted`() async throws {
        startZooKeeper()
        let clock = ManualClock()
        var machine = fake.machine
        machine.clock = clock
        let waiting = Task { [machine] in try await wait(on: machine) }
        await clock.waitForSleepers()
        waiting.cancel()

        let failure = await #expect(throws: NodeFailure.self) { try await waiting.value }
        #expect(failure?.code == .interrupted)
        #expect(failure?.message == "interrupted while waiting for pg1: Patroni to answer on port 8008")
        #expect(failure?.hint?.contains("What was begun goes on") == true)
    }

    @Test func `looks only at what is installed here`() async throws {
        var fixture = fixture
        fixture.host.roles = [RoleAssignment(role: .haproxy, services: [.haproxy])]
        startZooKeeper()
        fake.network.set("10.0.0.1", 5432, .accepted)

        #expect(try await wait(fixture) == ["haproxy: listens on port 5432, no member is up yet"])
    }
}

extension PatroniStatus {
    fileprivate static func replica(_ state: String) -> PatroniStatus {
        var status = PatroniStatus(state: "running", role: "replica")
        status.replicationState = state
        return status
    }
}
