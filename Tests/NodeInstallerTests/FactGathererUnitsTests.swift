import ClusterModel
import Decisions
import HostFakes
import HostPorts
import Testing

@testable import NodeInstaller

@Suite struct FactGathererUnitsTests {
    private let fixture = FactGathererFixture()

    @Test func `lists foreign units that run or would, and none of ours`() async throws {
        let services = fixture.fake.services
        services.set("haproxy.service", active: true)
        services.set("patroni.service", active: false)
        services.set("zookeeper.service", active: false, fileState: "disabled")
        services.set("pgha-haproxy@pg1.service", active: true)
        services.set("postgresql@.service", active: false, fileState: "disabled")

        #expect(
            try await fixture.gather().foreignUnits == [
                .init(name: "haproxy.service", isActive: true, isEnabled: true),
                .init(name: "patroni.service", isActive: false, isEnabled: true),
            ])
    }

    @Test func `does not take Debian's empty umbrella for a running PostgreSQL`() async throws {
        fixture.fake.services.set(
            "postgresql.service",
            UnitState(load: "loaded", active: "active", sub: "exited", fileState: "enabled"))

        #expect(
            try await fixture.gather().foreignUnits
                == [.init(name: "postgresql.service", isActive: false, isEnabled: true)])
    }

    @Test func `looks only at what this host's services collide with`() async throws {
        var fixture = fixture
        fixture.host.roles = [RoleAssignment(role: .haproxy, services: [.haproxy])]
        fixture.fake.services.set("zookeeper.service", active: true)
        fixture.fake.files.put("/etc/postgresql/15/main/postgresql.conf", "")

        let facts = try await fixture.gather()

        #expect(facts.foreignUnits == [])
        #expect(facts.distributionClusters == [])
    }

    @Test func `finds the distribution's clusters and whether they run`() async throws {
        fixture.fake.files.put("/etc/postgresql/15/main/postgresql.conf", "")
        fixture.fake.files.put("/etc/postgresql/13/old/postgresql.conf", "")
        fixture.fake.services.set("postgresql@15-main.service", active: true, fileState: "")

        #expect(
            try await fixture.gather().distributionClusters == [
                .init(name: "13/old", isRunning: false), .init(name: "15/main", isRunning: true),
            ])
    }

    @Test func `sees unattended upgrades by their setting or their unit`() async throws {
        #expect(try await !fixture.gather().upgrades.isUnattended)

        fixture.fake.files.put(
            "/etc/apt/apt.conf.d/20auto-upgrades", "// x\nAPT::Periodic::Unattended-Upgrade \"1\";\n")
        #expect(try await fixture.gather().upgrades.isUnattended)

        fixture.fake.files.put("/etc/apt/apt.conf.d/20auto-upgrades", "APT::Periodic::Unattended-Upgrade \"0\";\n")
        #expect(try await !fixture.gather().upgrades.isUnattended)

        fixture.fake.services.set("unattended-upgrades.service", active: false)
        #expect(try await fixture.gather().upgrades.isUnattended)
    }

    @Test(arguments: [
        ("$nrconf{restart} = 'a';\n", true), ("#$nrconf{restart} = 'a';\n", false),
        ("$nrconf{restart} = 'l';\n", false),
        ("", false),
    ])
    func `sees whether needrestart restarts without asking`(text: String, restarts: Bool) async throws {
        fixture.fake.files.put("/usr/sbin/needrestart", "")
        fixture.fake.files.put("/etc/needrestart/needrestart.conf", text)

        #expect(try await fixture.gather().upgrades.restartsServices == restarts)
    }

    @Test func `is content with the very lines that the check recommends`() async throws {
        let files = fixture.fake.files
        files.put("/usr/sbin/needrestart", "")
        files.put("/etc/needrestart/needrestart.conf", "$nrconf{restart} = 'a';\n")
        files.put("/etc/apt/apt.conf.d/20auto-upgrades", "APT::Periodic::Unattended-Upgrade \"1\";\n")
        let hint = try #require(try await fixture.judge().first { $0.check == .automaticUpgrades }?.hint)
        let lines = hint.split(separator: "'").filter { $0.contains("::") || $0.contains("nrconf") }
        try #require(lines.count == 2)

        files.put("/etc/apt/apt.conf.d/52pgha", "\(lines[0])\n")
        files.put("/etc/needrestart/conf.d/pgha.conf", "\(lines[1])\n")

        #expect(try await fixture.judge().first { $0.check == .automaticUpgrades }?.verdict == .ok)
    }
}
