import ClusterCertificates
import ClusterModel
import ConfigFiles
import Decisions
import HostFakes
import HostPorts
import NodeInstaller

import struct Foundation.Date

/// A blank Debian host of a cluster, with cluster.yml and the secrets in their places, and what can be done to it.
struct InstallFixture: Sendable {
    enum Layout: CaseIterable {
        /// The first of three hosts, each with everything.
        case threeHosts
        /// All roles on one machine, with the data elsewhere and the distribution's Patroni.
        case oneHost
    }

    static let secrets = Secrets(
        superuser: "FakeSuperuserSecret", replication: "FakeReplicationSecret", rewind: "FakeRewindSecret",
        restAPI: "FakeRestApiSecret", zookeeper: "FakeZooKeeperSecret", authority: makeAuthority())
    static let passwords = [
        secrets.superuser, secrets.replication, secrets.rewind, secrets.restAPI, secrets.zookeeper,
    ]

    /// Any private key on the curve P-256 has these in its PEM: the frame, and the head that all of them begin with.
    static let marksOfKeys = ["PRIVATE KEY", "MIGHAgEAMBMGByqGSM49"]

    static func makeAuthority(
        madeAt now: Double = 1_799_000_000, days: Int = 3650, first byte: UInt8 = 1
    ) -> AuthoritySecret? {
        try? CertificateAuthority.make(
            cluster: "shop", now: Date(timeIntervalSince1970: now), days: days,
            random: { [UInt8](repeating: byte, count: $0) }
        ).secret()
    }

    let fake = FakeMachine()
    let debian: FakeDebian
    let messages = Messages()
    /// Before the user wrote the first file.
    let blank: HostSnapshot
    var cluster: Cluster
    /// Holds only the roles to install.
    var host: ClusterHost
    var authority: AuthoritySecret? = Self.secrets.authority
    var renewal = AgentCertificate.Renewal.whenNeeded

    init(_ layout: Layout = .threeHosts) {
        cluster = Self.cluster(layout)
        host = cluster.hosts[0]
        debian = FakeDebian(fake)
        blank = HostSnapshot(of: fake, debian)
        fake.files.put("/etc/pgha/cluster.yml", "cluster: shop\n")
        fake.files.put(directory: "/etc/pgha/secrets", mode: 0o700)
        fake.files.put("/etc/pgha/secrets/secrets.yml", SecretsFile.render(Self.secrets), mode: 0o600)
    }

    private static func cluster(_ layout: Layout) -> Cluster {
        switch layout {
        case .threeHosts:
            return Cluster(
                name: "shop",
                hosts: (1...3).map { number in
                    ClusterHost(
                        name: "host\(number)", address: "10.0.0.\(number)",
                        roles: [RoleAssignment(role: .member(number), services: [.zookeeper, .patroni, .haproxy])])
                })
        case .oneHost:
            let members = (1...3).map { RoleAssignment(role: .member($0), services: [.patroni]) }
            let others = [
                RoleAssignment(role: .zookeeper, services: [.zookeeper]),
                RoleAssignment(role: .haproxy, services: [.haproxy]),
            ]
            var cluster = Cluster(
                name: "shop", hosts: [ClusterHost(name: "solo", address: "10.0.0.1", roles: members + others)])
            cluster.directories.data = "/srv/pgha"
            cluster.patroni.source = .distribution
            return cluster
        }
    }

    var certificate: AgentCertificate? {
        authority.map { AgentCertificate(of: host, in: cluster, authority: $0, renewal: renewal) }
    }

    var steps: [InstallStep] {
        let files = ConfigRenderer.files(for: host, of: cluster, secrets: Self.secrets)
        let planner = InstallPlanner(
            cluster: cluster, host: host, files: files, certificate: certificate,
            fingerprint: { PlanRunner.fingerprint($0) })
        return planner.steps(patroni: PatroniInstaller.release)
    }

    /// The fixture with only these roles of the host, as after `--role`.
    func only(_ roles: RoleName...) -> InstallFixture {
        var part = self
        part.host.roles = host.roles.filter { roles.contains($0.role) }
        return part
    }

    private func runner(from bundle: Bundle? = nil) -> PlanRunner {
        PlanRunner(
            machine: fake.machine, bundle: bundle,
            progress: { number, count, step, outcome in
                messages.add("[\(number)/\(count)] \(step.summary): \(outcome?.rawValue ?? "…")")
            })
    }

    @discardableResult
    func install(from bundle: Bundle? = nil) async throws(NodeFailure) -> [StepReport] {
        try await runner(from: bundle).run(steps, cluster: cluster, roles: host.roles.map(\.role))
    }

    func preview() async throws(NodeFailure) -> [StepReport] {
        try await runner().preview(steps)
    }

    @discardableResult
    func uninstall(purge: Bool = false) async throws(NodeFailure) -> [String] {
        try await Uninstaller(machine: fake.machine, notify: { messages.add($0) }).run(purge: purge)
    }

    /// Installs and says how that failed; nil if it did not.
    func installFailure() async -> NodeFailure? {
        await failure { () async throws(NodeFailure) in _ = try await install() }
    }

    /// The same for uninstall.
    func uninstallFailure(purge: Bool = false) async -> NodeFailure? {
        await failure { () async throws(NodeFailure) in _ = try await uninstall(purge: purge) }
    }

    func failure(of work: () async throws(NodeFailure) -> Void) async -> NodeFailure? {
        do throws(NodeFailure) {
            try await work()
            return nil
        } catch {
            messages.add("\(error)")
            return error
        }
    }

    func receipt() throws -> Receipt? {
        try ReceiptStore(files: fake.files).load()
    }

    var snapshot: HostSnapshot { HostSnapshot(of: fake, debian) }
}
