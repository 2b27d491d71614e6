import ClusterModel
import Decisions
import HostFakes
import HostPorts
import Testing

@testable import NodeAgent

@Suite struct HangKeeperTests {
    private static let status =
        "Name:\tpostgres\nState:\tS (sleeping)\nvoluntary_ctxt_switches:\t40\nnonvoluntary_ctxt_switches:\t2\n"

    private static func signs(
        stat: String, schedstat: String? = nil, events: String = "populated 1\nfrozen 0\n", knock: PostgresKnock? = nil
    ) throws -> LifeSigns? {
        let fixture = try AgentFixture()
        fixture.fake.files.put("/proc/60/stat", stat)
        fixture.fake.files.put("/proc/60/status", status)
        if let schedstat { fixture.fake.files.put("/proc/60/schedstat", schedstat) }
        fixture.fake.files.put("/sys/fs/cgroup\(AgentFixture.group)/cgroup.events", events)
        let processes = MemberProcesses(
            machine: fixture.fake.machine, role: .member(1), directory: AgentFixture.data)
        return LifeReader(context: fixture.context, processes: processes)
            .signs(of: 60, in: AgentFixture.group, knock: knock)
    }

    @Test func `reads the state and all context switches of a process, whatever it is called`() throws {
        let signs = try Self.signs(stat: "60 (postgres) D) S 1 60", knock: .silent)
        #expect(signs == LifeSigns(state: "S", switches: 42, isFrozen: false, answer: .silent))
    }

    @Test(arguments: [("812003 1200 57\n", 57), ("0 0 0\n", 42), ("", 42), ("812003 1200\n", 42)] as [(String, Int64)])
    func `counts how often it ran by schedstat where the kernel keeps it`(schedstat: String, count: Int64) throws {
        #expect(try Self.signs(stat: "60 (postgres) S 1", schedstat: schedstat)?.switches == count)
    }

    @Test func `sees a frozen group`() throws {
        #expect(try Self.signs(stat: "60 (postgres) S 1", events: "populated 1\nfrozen 1\n")?.isFrozen == true)
    }

    @Test(arguments: [
        (PostgresKnock.answered, LifeSigns.Answer.answered), (.silent, .silent), (.impossible, .unknown),
    ])
    func `takes what is impossible for no sign at all`(knock: PostgresKnock, answer: LifeSigns.Answer) throws {
        #expect(try Self.signs(stat: "60 (postgres) S 1", knock: knock)?.answer == answer)
    }

    @Test func `a hang of the leader is fenced although Patroni lives, and then released`() async throws {
        let fixture = try AgentFixture()
        fixture.setPostgres(control: 6, isAlive: true)
        _ = try await fixture.leads(1)
        let outcome = await fixture.keeper.replaceHung(after: .milliseconds(1500))
        #expect(outcome == .replaced)
        #expect(fixture.fake.services.calls == ["kill \(AgentFixture.unit)"])
        #expect(fixture.world.events == ["fence", "release"])
    }

    @Test func `a hang is left alone where nobody could take over, and in maintenance`() async throws {
        let fixture = try AgentFixture()
        fixture.setPostgres(control: 6, isAlive: true)
        fixture.coordination.set("/service/pg_cluster/sync", "{\"leader\":\"pg1\",\"sync_standby\":null}")
        _ = try await fixture.leads(1)
        let alone = await fixture.keeper.replaceHung(after: .seconds(2))
        #expect(alone == .left(.noCandidate))
        fixture.coordination.set("/service/pg_cluster/config", "{\"pause\":true}")
        let maintained = await fixture.keeper.replaceHung(after: .seconds(2))
        #expect(maintained == .left(.maintenance))
        #expect(fixture.fake.services.calls == [])
    }

    @Test func `with asynchronous durability it is replaced by a replica that is close, and the loss is told`()
        async throws
    {
        var fixture = try AgentFixture()
        fixture.cluster.durability = .asynchronous
        fixture.setPostgres(control: 6, isAlive: true)
        fixture.coordination.set("/service/pg_cluster/sync", "{}")
        fixture.coordination.set("/service/pg_cluster/status", "{\"optime\":5000,\"slots\":{}}")
        _ = try await fixture.leads(1)
        let unknown = await fixture.keeper.replaceHung(after: .seconds(2))
        #expect(unknown == .left(.tooFarBehind))

        var status = PatroniStatus(state: "running", role: "replica")
        status.walPosition = 4200
        fixture.fake.patroni.set("10.0.0.2", 8009, status, members: [])
        let close = await fixture.keeper.replaceHung(after: .seconds(2))
        #expect(close == .replaced)
        let release = fixture.world.records.first { $0.fields["PGHA_EVENT"] == "release" }
        #expect(release?.fields["PGHA_LOSS_BYTES"] == "800")
        #expect(release?.message.contains("up to 800 bytes of WAL") == true)
    }

    @Test func `each thing of an episode is said and done once`() {
        var episode = Episode()
        let begins = [episode.begin(), episode.begin()]
        #expect(begins == [true, false])
        #expect(episode.mayAct(at: .seconds(10)))
        episode.note(.left(.noCandidate), at: .seconds(10))
        #expect(episode.refusal == .noCandidate)
        #expect(!episode.isFirst)
        #expect(!episode.mayAct(at: .seconds(11)))
        #expect(episode.mayAct(at: .seconds(12)))
        episode.end()
        #expect(episode.isFirst && episode.refusal == nil)
    }

    @Test func `three kills in a minute are the most`() {
        var episode = Episode()
        for second in [0, 10, 20] {
            #expect(episode.mayAct(at: .seconds(second)))
            episode.note(.replaced, at: .seconds(second))
            episode.end()
        }
        #expect(!episode.mayAct(at: .seconds(30)))
        #expect(episode.mayAct(at: .seconds(60)))
    }
}
