import ClusterModel
import Decisions
import Testing

/// Three hosts as in the default layout, and facts of a host on which every check is ok.
struct PreflightFixture {
    var cluster: Cluster
    var host: ClusterHost
    var facts: PreflightFacts

    init() {
        let hosts = (1...3).map { number in
            ClusterHost(
                name: "host\(number)", address: "10.0.0.\(number)",
                roles: [RoleAssignment(role: .member(number), services: [.zookeeper, .patroni, .haproxy])])
        }
        cluster = Cluster(name: "test", hosts: hosts)
        host = hosts[0]
        facts = Self.healthyFacts()
    }

    private static func healthyFacts() -> PreflightFacts {
        var facts = PreflightFacts()
        facts.initProcess = "systemd"
        facts.systemdVersion = "252 (252.39-1~deb12u1)"
        facts.hasUnifiedControlGroups = true
        facts.hasFreezer = true
        facts.distribution = .init(id: "debian", version: "12", name: "Debian GNU/Linux 12 (bookworm)")
        facts.architecture = "x86_64"
        facts.localAddresses = ["10.0.0.1"]
        facts.listeners = []
        facts.peers = [2, 3].map { number in
            var member = PreflightFacts.PeerMember(name: "pg\(number)")
            member.scope = "pg_cluster"
            member.systemIdentifier = "7000000000000000001"
            member.clockOffset = 0.3
            return .init(
                name: "host\(number)", address: "10.0.0.\(number)", probes: [.init(port: 2181, .answered)],
                members: [member])
        }
        facts.isClockSynchronised = true
        facts.volumes = [
            .init(path: "/var/lib/pgha/pg1", free: 50 << 30, total: 100 << 30, syncLatency: .milliseconds(2))
        ]
        facts.memory = 8 << 30
        facts.swappiness = 60
        facts.transparentHugePages = "always [madvise] never"
        facts.overcommitMemory = 2
        var data = PreflightFacts.DataDirectory(
            role: .member(1), service: .patroni, path: "/var/lib/pgha/pg1/postgresql", isEmpty: false, isOurs: true)
        data.postgresVersion = "15"
        data.systemIdentifier = "7000000000000000001"
        facts.dataDirectories = [data]
        facts.foreignUnits = []
        return facts
    }

    func finding(_ check: PreflightCheck) throws -> PreflightFinding {
        let findings = Preflight.judge(facts, cluster: cluster, host: host)
        return try #require(findings.first { $0.check == check })
    }
}

@Suite struct PreflightTests {
    private var fixture = PreflightFixture()

    @Test func `finds everything in order on a host that is in order`() {
        let findings = Preflight.judge(fixture.facts, cluster: fixture.cluster, host: fixture.host)

        #expect(findings.filter { $0.verdict != .ok } == [])
        #expect(findings.allSatisfy { $0.hint == nil })
    }

    @Test func `has one finding for each check, always in the same order`() {
        let findings = Preflight.judge(PreflightFacts(), cluster: fixture.cluster, host: fixture.host)

        #expect(findings.map(\.check) == PreflightCheck.allCases)
    }

    @Test func `says what to do about everything that is not in order`() {
        var facts = fixture.facts
        facts.userID = 1000
        facts.volumes = [.init(path: "/var", free: 1, total: 100 << 30, syncLatency: .seconds(1))]
        facts.overcommitMemory = 1
        facts.localAddresses = []
        facts.peers[0].probes = [.init(port: 2888, .silent)]
        for finding in Preflight.judge(facts, cluster: fixture.cluster, host: fixture.host)
        where finding.verdict == .failed || finding.verdict == .warning {
            #expect(finding.hint?.hasSuffix(".") == true)
            #expect(!finding.finding.hasSuffix("."))
            #expect(!finding.finding.contains("\n"))
        }
    }

    @Test func `does not let a waiver pass what could only do harm`() {
        let findings = [
            PreflightFinding(.root, .failed, "x"), PreflightFinding(.memory, .failed, "x"),
            PreflightFinding(.swap, .warning, "x"), PreflightFinding(.ports, .failed, "x"),
        ]

        #expect(findings.blocking().map(\.check) == [.root, .memory, .ports])
        #expect(findings.blocking(waived: [.root, .memory]).map(\.check) == [.root, .ports])
        #expect(PreflightCheck.allCases.filter { !$0.isWaivable } == [.root, .address, .roleClaimed])
    }

    @Test func `judges only the roles it is asked for`() throws {
        var host = fixture.host
        host.roles = [
            RoleAssignment(role: .member(1), services: [.patroni]),
            RoleAssignment(role: .haproxy, services: [.haproxy]),
        ]
        var facts = fixture.facts
        facts.listeners = [.init(port: 5433, process: "postgres")]

        let all = Preflight.judge(facts, cluster: fixture.cluster, host: host)
        let one = Preflight.judge(facts, cluster: fixture.cluster, host: host, roles: [.haproxy])

        #expect(all.first { $0.check == .ports }?.verdict == .failed)
        #expect(one.first { $0.check == .ports }?.finding == "free: 5432, 5442, 7000, 8108, 8109")
    }

    @Test(arguments: PreflightCheck.allCases)
    func `names a check in kebab case and gives it a title`(check: PreflightCheck) {
        #expect(check.name.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "-" })
        #expect(!check.title.isEmpty)
        #expect(PreflightCheck(rawValue: check.name) == check)
    }
}
