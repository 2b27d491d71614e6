import ClusterModel
import ConfigFiles
import Decisions
import HostFakes
import HostLifecycle
import HostPorts
import NodeInstaller

/// The first of three hosts, installed, all services running and healthy, and what `up`, `apply` and `down` do to it.
struct LifecycleFixture: Sendable {
    static let zookeeper = "pgha-zookeeper@pg1.service"
    static let patroni = "pgha-patroni@pg1.service"
    static let haproxy = "pgha-haproxy@pg1.service"
    static let document = RenderedFile(path: "/usr/local/share/man/man1/pgha-node.1", contents: ".Dd\n")

    var install = InstallFixture()
    var fake: FakeMachine { install.fake }

    init() async throws {
        try await install.install()
        fake.files.put("/var/lib/pgha/pg1/postgresql/PG_VERSION", "15\n")
        fake.files.put("/proc/uptime", "1000.0 1.0\n")
        for number in 1...3 {
            let address = "10.0.0.\(number)"
            fake.network.set(address, 2181, .accepted)
            fake.network.set(address, 2181, answer: "Mode: follower\n", to: "srvr")
        }
        fake.network.set("10.0.0.1", 5432, .accepted)
        fake.postgres.on("SELECT pg_is_in_recovery()", rows: [["t"]])
        setMembers(leader: 2)
        fake.patroni.set(configuration: ConfigRenderer.dynamicConfiguration(of: install.cluster))
        fake.journal.add(
            "INFO: Reloading PostgreSQL configuration.", of: UnitName(Self.patroni), time: 2_000_000_000_000_000)
    }

    /// The cluster as each member shows it.
    func setMembers(leader: Int, pending: Set<Int> = [], synchronous: Bool = true) {
        let members = (1...3).map { number in
            var member = PatroniMember(
                name: "pg\(number)", role: number == leader ? "leader" : synchronous ? "sync_standby" : "replica",
                state: number == leader ? "running" : "streaming")
            member.isPendingRestart = pending.contains(number)
            return member
        }
        for number in 1...3 {
            var status = PatroniStatus(state: "running", role: number == leader ? "primary" : "replica")
            status.replicationState = number == leader ? nil : "streaming"
            status.isPendingRestart = pending.contains(number)
            fake.patroni.set("10.0.0.\(number)", 8007 + number, status, members: members)
        }
        fake.postgres.on("SELECT pg_is_in_recovery()") { target in
            [[target.host == "10.0.0.\(leader)" ? "f" : "t"]]
        }
    }

    /// As Patroni would: a restart or a switchover clears what waits for it.
    func obeyPatroni(leader: Int) {
        let fixture = self
        fake.patroni.onChange { change in
            switch change {
            case .restart: fixture.setMembers(leader: leader)
            case .switchover: fixture.setMembers(leader: 2)
            default: break
            }
            return PatroniReply(status: 200, text: "done")
        }
    }

    func installed() async throws(NodeFailure) -> InstalledHost {
        try await InstalledHost(
            machine: fake.machine, cluster: install.cluster, host: install.host, secrets: InstallFixture.secrets,
            documents: [Self.document])
    }

    @discardableResult
    func up(dryRun: Bool = false) async throws(NodeFailure) -> UpReport {
        try await HostStarter(try await installed(), notify: { install.messages.add($0) }, progress: { _, _, _, _ in })
            .run(dryRun: dryRun, waits: true, within: .seconds(60))
    }

    @discardableResult
    func apply(_ change: (inout Applier.Options) -> Void = { _ in }) async throws(NodeFailure) -> ApplyReport {
        var options = Applier.Options(limit: .seconds(60))
        change(&options)
        return try await Applier(
            try await installed(), notify: { install.messages.add($0) }, progress: { _, _, _, _ in }
        ).run(options)
    }

    @discardableResult
    func down(_ change: (inout HostStopper.Options) -> Void = { _ in }) async throws(NodeFailure) -> DownReport {
        var options = HostStopper.Options(limit: .seconds(60))
        change(&options)
        return try await HostStopper(
            machine: fake.machine, cluster: install.cluster, host: install.host, notify: { install.messages.add($0) }
        ).run(options)
    }

    /// Calls of systemd that change something, since `work` began. That the agent is told as well is a test of its own.
    func calls(of work: () async throws -> Void) async rethrows -> [String] {
        let before = fake.services.calls.count
        try await work()
        return fake.services.calls.dropFirst(before).filter {
            !$0.hasPrefix("reset-failed") && !$0.contains("pgha-agent")
        }
    }
}
