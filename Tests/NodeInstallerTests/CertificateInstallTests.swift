import ClusterCertificates
import ClusterModel
import Decisions
import Foundation
import HostFakes
import HostLifecycle
import HostPorts
import NodeInstaller
import Testing

/// The certificate of a host's agent: issued once, left alone while it is good, and issued again when it is not.
@Suite struct CertificateInstallTests {
    private static let step = "issue the certificate of host1 in /etc/pgha/tls"

    private func installed(_ change: (inout InstallFixture) -> Void = { _ in }) async throws -> InstallFixture {
        var fixture = InstallFixture()
        change(&fixture)
        try await fixture.install()
        return fixture
    }

    private func rows(_ fixture: InstallFixture) throws -> [CertificateRow] {
        let wanted = try #require(fixture.certificate)
        return try CertificateInstaller(machine: fixture.fake.machine).rows(
            for: wanted.names, expected: try CertificateAuthority(wanted.authority).certificate)
    }

    /// Installs again and returns what that did to the certificate.
    private func again(_ fixture: InstallFixture) async throws -> StepOutcome? {
        let reports = try await fixture.install()
        #expect(reports.filter { $0.step != Self.step && $0.outcome != .unchanged } == [])
        #expect(try rows(fixture).allSatisfy { $0.state.isGood })
        return reports.first { $0.step == Self.step }?.outcome
    }

    private func text(_ fixture: InstallFixture, _ path: String) throws -> String {
        try #require(try fixture.fake.files.text(path))
    }

    @Test func `is there after an installation, its key for root alone`() async throws {
        let fixture = try await installed()

        let tree = fixture.fake.files.tree.filter { $0.contains("/etc/pgha/tls") }
        #expect(
            tree == [
                "directory 700 root:root /etc/pgha/tls", "file 644 root:root /etc/pgha/tls/agent.crt",
                "file 600 root:root /etc/pgha/tls/agent.key", "file 644 root:root /etc/pgha/tls/ca.crt",
            ])
        let rows = try rows(fixture)
        #expect(rows.map(\.file) == ["/etc/pgha/tls/ca.crt", "/etc/pgha/tls/agent.crt"])
        #expect(rows.map(\.state) == [.valid, .valid])
        #expect(rows[1].subject == "CN=host1,O=shop")
        #expect(rows[1].issuer == rows[0].subject)
        #expect(rows[1].expires == "2028-01-15T08:00:00Z")
        #expect(rows[1].daysLeft == 365)
        let receipt = try #require(try fixture.receipt())
        #expect(Set(AgentCertificate.paths).isSubset(of: receipt.files))
        #expect(receipt.directories.contains("/etc/pgha/tls"))
    }

    @Test(arguments: [0.0, 335])
    func `is left alone while it is good for thirty days`(days: Double) async throws {
        let fixture = try await installed()
        let mutations = fixture.fake.files.mutations.count
        fixture.fake.system.set(now: 1_800_000_000 + days * 86400)

        #expect(try await again(fixture) == .unchanged)
        #expect(fixture.fake.files.mutations.count == mutations)
    }

    @Test(arguments: [336.0, 400, -1])
    func `is issued again for the same key when it expires soon, has expired or is of the future`(
        days: Double
    ) async throws {
        let fixture = try await installed()
        let key = try text(fixture, AgentCertificate.keyPath)
        fixture.fake.system.set(now: 1_800_000_000 + days * 86400)

        #expect(try await again(fixture) == .updated)
        #expect(try text(fixture, AgentCertificate.keyPath) == key)
        #expect(try rows(fixture)[1].daysLeft == 365)
    }

    @Test func `is issued again for a host that has another address or name`() async throws {
        let fixture = try await installed()
        let wanted = try #require(fixture.certificate)
        var other = wanted
        other.addresses = ["10.0.0.9"]
        var renamed = wanted
        renamed.host = "host9"
        let installer = PlanRunner(machine: fixture.fake.machine, bundle: nil, progress: { _, _, _, _ in })
        for changed in [other, renamed] {
            let first = try await installer.run(changed.steps, cluster: fixture.cluster, roles: []).map(\.outcome)
            let second = try await installer.run(changed.steps, cluster: fixture.cluster, roles: []).map(\.outcome)
            #expect(first == [.unchanged, .updated])
            #expect(second == [.unchanged, .unchanged])
        }
    }

    @Test func `is issued again when the secrets have another authority`() async throws {
        var fixture = try await installed()
        fixture.authority = InstallFixture.makeAuthority(first: 9)
        #expect(try rows(fixture).map(\.state) == [.foreignAuthority, .valid])

        #expect(try await again(fixture) == .updated)
    }

    @Test(arguments: AgentCertificate.paths, ["", "nonsense\n"])
    func `is mended when a file is gone or damaged`(path: String, contents: String) async throws {
        let fixture = try await installed()
        if contents.isEmpty {
            fixture.fake.files.discard(path)
        } else {
            fixture.fake.files.put(path, contents, mode: path == AgentCertificate.keyPath ? 0o600 : 0o644)
        }
        let states = try rows(fixture).map(\.state)
        #expect(states.contains { !$0.isGood }, "\(states)")

        #expect(try await again(fixture) == (contents.isEmpty && path.hasSuffix("agent.crt") ? .created : .updated))
    }

    @Test(arguments: AgentCertificate.paths)
    func `is mended when a file has another mode`(path: String) async throws {
        let fixture = try await installed()
        fixture.fake.files.put(path, try text(fixture, path), mode: 0o666)
        #expect(try rows(fixture).map(\.state).contains(.exposed))

        #expect(try await again(fixture) == .updated)
        #expect(try fixture.fake.files.attributes(path)?.mode == (path == AgentCertificate.keyPath ? 0o600 : 0o644))
    }

    @Test func `ends with its authority, and is not issued again and again for that`() async throws {
        let fixture = try await installed {
            $0.authority = InstallFixture.makeAuthority(madeAt: 1_799_900_000, days: 20)
        }
        #expect(try rows(fixture).map(\.state) == [.expiresSoon, .expiresSoon])
        #expect(try await again(fixture) == .unchanged)
    }

    @Test func `is not issued by an authority that has expired`() async throws {
        var fixture = InstallFixture()
        fixture.authority = InstallFixture.makeAuthority(madeAt: 1_700_000_000, days: 20)
        let failure = await fixture.installFailure()
        #expect(failure?.message == "the certificate authority has expired")
        #expect(failure?.hint?.contains("pgha-node certs init") == true)
    }

    @Test func `is renewed on demand with one rename, and with a new key only if that is wanted`() async throws {
        var fixture = try await installed()
        let key = try text(fixture, AgentCertificate.keyPath)
        let certificate = try text(fixture, AgentCertificate.certificatePath)
        let mutations = fixture.fake.files.mutations.count
        fixture.renewal = .always
        let wanted = try #require(fixture.certificate)
        let runner = PlanRunner(machine: fixture.fake.machine, bundle: nil, progress: { _, _, _, _ in })

        _ = try await runner.run(wanted.steps, cluster: fixture.cluster, roles: [])
        #expect(try text(fixture, AgentCertificate.certificatePath) != certificate)
        #expect(try text(fixture, AgentCertificate.keyPath) == key)
        let changed = fixture.fake.files.mutations.dropFirst(mutations)
        #expect(changed.filter { $0.contains("/etc/pgha/tls/") && !$0.contains("agent.crt") } == [])

        fixture.renewal = .alwaysWithNewKey
        let other = try #require(fixture.certificate)
        _ = try await runner.run(other.steps, cluster: fixture.cluster, roles: [])
        #expect(try text(fixture, AgentCertificate.keyPath) != key)
        #expect(try rows(fixture).map(\.state) == [.valid, .valid])
    }

    @Test(arguments: [AgentCertificate.Renewal.always, .alwaysWithNewKey])
    func `is mended by the next installation wherever a renewal is killed`(
        renewal: AgentCertificate.Renewal
    ) async throws {
        var count = 0
        while true {
            var fixture = try await installed()
            fixture.renewal = renewal
            fixture.fake.files.die(afterMutations: count)
            let wanted = try #require(fixture.certificate)
            let runner = PlanRunner(machine: fixture.fake.machine, bundle: nil, progress: { _, _, _, _ in })
            let failure = await fixture.failure { () async throws(NodeFailure) in
                _ = try await runner.run(wanted.steps, cluster: fixture.cluster, roles: [])
            }
            fixture.fake.files.revive()
            // With the same key there is a good pair at each moment.
            if renewal == .always { #expect(try rows(fixture).map(\.state) == [.valid, .valid]) }
            fixture.renewal = .whenNeeded
            _ = try await again(fixture)
            if failure == nil { break }
            count += 1
        }
        // The same key: one rename, and nothing for the receipt.
        #expect(count == (renewal == .always ? 1 : 2))
    }

    @Test func `is not issued without an authority, and the rest is installed`() async throws {
        let fixture = try await installed { $0.authority = nil }
        #expect(fixture.fake.files.tree.filter { $0.contains("/etc/pgha/tls") } == [])
    }

    @Test(arguments: [false, true])
    func `goes with the host`(purge: Bool) async throws {
        let fixture = try await installed()
        let removed = try await fixture.uninstall(purge: purge)
        #expect(Set(AgentCertificate.paths + ["/etc/pgha/tls"]).isSubset(of: removed))
        #expect(fixture.fake.files.tree.filter { $0.contains("/etc/pgha/tls") } == [])
    }

    @Test func `is not touched by up, apply and down`() async throws {
        let fixture = try await LifecycleFixture()
        let before = fixture.fake.files.tree.filter { $0.contains("/etc/pgha/tls") }
        let certificate = try text(fixture.install, AgentCertificate.certificatePath)
        fixture.fake.system.set(now: 1_800_000_000 + 400 * 86400)

        let applied = try await fixture.apply()
        #expect(applied.files == [])
        _ = try await fixture.up()
        let down = try await fixture.down()
        #expect(down.removed.filter { $0.contains("/etc/pgha/tls") } == [])
        #expect(fixture.fake.files.tree.filter { $0.contains("/etc/pgha/tls") } == before)
        #expect(try text(fixture.install, AgentCertificate.certificatePath) == certificate)
        try await fixture.install.uninstall()
        #expect(fixture.fake.files.tree.filter { $0.contains("/etc/pgha/tls") } == [])
    }
}
