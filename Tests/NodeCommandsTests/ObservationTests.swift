import ArgumentParser
import ClusterModel
import Decisions
import HostFakes
import HostOperations
import HostPorts
import Testing

@testable import NodeCommands

@Suite struct ObservationTests {
    private let fixture = ObservationFixture()
    private var fake: FakeMachine { fixture.fake }

    private func exec(_ words: String...) async throws -> ReplacementRefusal {
        let verb = try #require(try PghaNodeCommand.parseAsRoot(["exec"] + words) as? Exec)
        return try await verb.run(on: fake.machine)
    }

    private func psql(_ words: String..., environment: [String: String] = [:]) async throws -> ReplacementProgram {
        let verb = try #require(try PghaNodeCommand.parseAsRoot(["psql"] + words) as? Psql)
        _ = try await verb.run(on: fake.machine, environment: environment)
        return try #require(fake.replacement.programs.last)
    }

    private func serviceFile(_ program: ReplacementProgram) -> String {
        String(decoding: program.secretFile?.contents ?? [], as: UTF8.self)
    }

    @Test func `exec runs the command as the main process's user, in its mounts, with its environment`() async throws {
        #expect(try await exec("pg1", "--", "ls", "-l") == .notFound("ls"))

        let program = try #require(fake.replacement.programs.first)
        #expect(program.command == ["ls", "-l"])
        #expect(program.account == .numbers(user: 102, group: 104, groups: [104, 105]))
        #expect(program.mountNamespaceOf == 246)
        #expect(program.directory == "/")
        #expect(program.fileCreationMask == 0o77)
        #expect(Array(program.environment.prefix(2)) == ["USER=postgres", "PATH=/usr/bin"])
    }

    @Test func `exec gives the command its own options without "--"`() async throws {
        _ = try await exec("pg1", "psql", "-c", "select 1", "--help")

        #expect(fake.replacement.programs.first?.command == ["psql", "-c", "select 1", "--help"])
    }

    @Test func `exec refuses a service that is frozen, stopped or of another host`() async throws {
        fixture.set(freezer: "frozen")
        let frozen = await #expect(throws: NodeFailure.self) { try await exec("pg1", "id") }
        #expect(frozen?.message == "\"pgha-patroni@pg1.service\" is frozen")
        #expect(frozen?.hint?.contains("pgha-node thaw") == true)
        fixture.set(active: "inactive")
        let stopped = await #expect(throws: NodeFailure.self) { try await exec("pg1", "id") }
        #expect(stopped?.message == "\"pgha-patroni@pg1.service\" is not running")
        #expect(stopped?.code == .serviceFailed)
        let elsewhere = await #expect(throws: NodeFailure.self) { try await exec("pg2", "id") }
        #expect(elsewhere?.detail?.contains("It is on host \"pg2\"") == true)
        #expect(fake.replacement.programs.isEmpty)
    }

    @Test func `exec and psql are root's`() async throws {
        fake.system.set(userID: 1000)
        let refused = await #expect(throws: NodeFailure.self) { try await exec("pg1", "id") }
        #expect(refused?.code == .notPermitted)
        let hidden = await #expect(throws: NodeFailure.self) { _ = try await psql() }
        #expect(hidden?.code == .notPermitted)
    }

    @Test func `psql reaches the entry point, its own first, and keeps the password in the file alone`() async throws {
        let program = try await psql(
            "--", "-Atc", "select 1", environment: ["PGPASSWORD": "theirs", "PGHOST": "x", "LANG": "C"])

        #expect(program.command == [ObservationFixture.psql, "-Atc", "select 1"])
        #expect(program.environment == ["LANG=C", "PGCONNECT_TIMEOUT=10", "PGSERVICE=pgha"])
        #expect(program.secretFile?.variable == "PGSERVICEFILE")
        #expect(serviceFile(program).contains("host=10.0.0.1,10.0.0.2,10.0.0.3\nport=5432\n"))
        #expect(serviceFile(program).contains("password=secret-of-superuser"))
        #expect(!(program.command + program.environment).contains { $0.contains("secret-of") })
    }

    @Test func `psql reaches the local member by its socket without a password, others over TCP`() async throws {
        let local = try await psql("pg1")
        #expect(local.account == .named("postgres"))
        #expect(serviceFile(local) == "[pgha]\nhost=/run/postgresql\nport=5433\ndbname=postgres\nuser=postgres\n")
        let remote = try await psql("pg3")
        #expect(remote.account == .ours)
        #expect(serviceFile(remote).contains("host=10.0.0.3\nport=5435\n"))
    }

    @Test func `psql finds the leader, and a replica of this host first`() async throws {
        fixture.setMembers(leader: "pg2", streaming: ["pg3", "pg1"])
        #expect(serviceFile(try await psql("leader")).contains("host=10.0.0.2\nport=5434\n"))
        #expect(serviceFile(try await psql("replica")).contains("port=5433\n"))
        fixture.setMembers(leader: "pg1", streaming: [])
        let failure = await #expect(throws: NodeFailure.self) { _ = try await psql("replica") }
        #expect(failure?.code == .notReady)
    }

    @Test func `psql says what is missing: the name, the program, an answer`() async throws {
        let name = await #expect(throws: NodeFailure.self) { _ = try await psql("laeder") }
        #expect(name?.hint?.contains("Did you mean \"leader\"?") == true)
        let silent = await #expect(throws: NodeFailure.self) { _ = try await psql("leader") }
        #expect(silent?.code == .unreachable)
        _ = try fake.files.remove(ObservationFixture.psql)
        let program = await #expect(throws: NodeFailure.self) { _ = try await psql() }
        #expect(program?.code == .notFound)
        #expect(program?.hint == "Install the package postgresql-client-15.")
    }

    @Test func `nothing installed is said by each of the verbs`() async throws {
        _ = try fake.files.remove("/etc/pgha/cluster.yml")
        for words in [["logs"], ["exec", "pg1", "id"], ["psql"], ["inspect", "pg1"], ["network"]] {
            let command = try PghaNodeCommand.parseAsRoot(words)
            let failure = await #expect(throws: NodeFailure.self) {
                switch command {
                case let verb as Logs: try await verb.run(on: fake.machine, peers: FakeAgentWorld(), zone: .universal)
                case let verb as Exec: _ = try await verb.run(on: fake.machine)
                case let verb as Psql: _ = try await verb.run(on: fake.machine, environment: [:])
                case let verb as Inspect: try await verb.run(on: fake.machine, zone: .universal)
                case let verb as Network: try await verb.run(on: fake.machine)
                default: break
                }
            }
            #expect(failure?.message == "there is no cluster file \"/etc/pgha/cluster.yml\"", "\(words)")
        }
    }

    @Test func `inspect says which files were changed by hand, and never reads a password`() async throws {
        fake.files.put("/etc/pgha/pg1/patroni.yml", "# x\n# content-hash: sha256:00\nname: y\n", mode: 0o600)
        fake.files.put("/var/lib/pgha/pg1/postgresql/base/1", "12345")
        _ = try fake.files.remove("/etc/pgha/secrets/secrets.yml")
        let verb = try fixture.parse(Inspect.self, "inspect", "pg1")

        let inspection = try #require(try await verb.inspections(on: fake.machine).first)

        let states = Dictionary(uniqueKeysWithValues: inspection.configuration.map { ($0.path, $0.state) })
        #expect(states["/etc/pgha/pg1/patroni.yml"] == .changed)
        #expect(states["/etc/systemd/system/pgha-patroni@.service"] == .missing)
        #expect(inspection.data?.bytes == 5)
        #expect(inspection.ports == [5433, 8008])
        #expect(inspection.commandLine == ["/usr/bin/patroni", "/etc/pgha/pg1/patroni.yml"])
        #expect(InspectText(zone: .universal).text([inspection]).contains("changed by hand"))
    }

    @Test func `inspect passes on that there is no system bus`() async throws {
        fake.units.fail(with: NodeFailure(.unreachable, "could not connect to the system bus"))
        let verb = try fixture.parse(Inspect.self, "inspect", "pg1")

        let failure = await #expect(throws: NodeFailure.self) { try await verb.inspections(on: fake.machine) }

        #expect(failure?.code.exitStatus == 69)
    }
}
