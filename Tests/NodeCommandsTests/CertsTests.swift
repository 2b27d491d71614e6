import ArgumentParser
import ClusterCertificates
import ClusterModel
import Decisions
import Foundation
import HostFakes
import HostPorts
import NodeInstaller
import Testing

@testable import NodeCommands

/// `certs`, and what `init` has to do with it.
@Suite struct CertsTests {
    private static let secrets = "/etc/pgha/secrets/secrets.yml"
    private let fixture = ObservationFixture()
    private var fake: FakeMachine { fixture.fake }

    private func certs(_ words: String...) async throws {
        try await verb(words).run(on: fake.machine)
    }

    private func failure(_ words: String...) async throws -> NodeFailure? {
        let verb = try verb(words)
        let machine = fake.machine
        do throws(NodeFailure) {
            try await verb.run(on: machine)
            return nil
        } catch {
            return error
        }
    }

    private func verb(_ words: [String]) throws -> Certs {
        try #require(try PghaNodeCommand.parseAsRoot(["certs"] + words) as? Certs)
    }

    private func addReceipt(of cluster: String = "shop") throws {
        let receipt = """
            {"applied": {}, "cluster": "\(cluster)", "dataDirectories": [], "directories": [], "files": [], "format": 1,
             "groups": [], "packages": [], "roles": ["pg1"], "units": [], "users": []}
            """
        fake.files.put("/var/lib/pgha/receipt.json", receipt, mode: 0o600)
    }

    private func text(_ path: String) throws -> String { try #require(try fake.files.text(path)) }

    @Test func `init makes an authority with the secrets and says nothing of its key`() async throws {
        let blank = FakeMachine()
        let verb = try #require(
            try PghaNodeCommand.parseAsRoot(["init", "--name", "shop", "--host", "pg1=10.0.0.1"]) as? Init)
        try await verb.run(on: blank.machine)

        #expect(try blank.files.attributes(Self.secrets)?.mode == 0o600)
        let secrets = try ClusterOptions.loadSecrets(on: blank.machine)
        let authority = try CertificateAuthority(try #require(secrets.authority)).certificate
        #expect(authority.subject.hasSuffix(",O=shop"))
        #expect(authority.notBefore.timeIntervalSince1970 == 1_799_996_400)
        #expect(blank.files.texts.filter { $0.value.contains("PRIVATE KEY") }.keys.sorted() == [Self.secrets])
    }

    @Test func `certs init adds an authority to secrets that have none, and changes nothing else in them`() async throws
    {
        let before = try text(Self.secrets)
        try await certs("init", "--dry-run")
        #expect(try text(Self.secrets) == before)

        try await certs("init")
        let after = try text(Self.secrets)
        #expect(after.hasPrefix(before) && after != before)
        #expect(try fake.files.attributes(Self.secrets)?.mode == 0o600)
        try await certs("init")
        #expect(try text(Self.secrets) == after)
    }

    @Test func `certs renew issues, renews if it expires soon, and enters it into the receipt`() async throws {
        try await certs("init")
        try addReceipt()
        try await certs("renew", "--dry-run")
        #expect(try fake.files.names(in: AgentCertificate.directory) == [])

        try await certs("renew")
        let first = try text(AgentCertificate.certificatePath)
        let key = try text(AgentCertificate.keyPath)
        let receipt = try #require(try ReceiptStore(files: fake.files).load())
        #expect(receipt.files.sorted() == AgentCertificate.paths.sorted())
        try await certs()
        try await certs("renew", "--if-expiring")
        try await certs("renew", "--dry-run")
        #expect(try text(AgentCertificate.certificatePath) == first)

        fake.system.set(now: 1_800_000_000 + 340 * 86400)
        try await certs("renew", "--if-expiring", "--dry-run")
        #expect(try text(AgentCertificate.certificatePath) == first)
        try await certs("renew", "--if-expiring")
        let second = try text(AgentCertificate.certificatePath)
        #expect(second != first)
        #expect(try text(AgentCertificate.keyPath) == key)
        try await certs("renew", "--new-key")
        #expect(try text(AgentCertificate.keyPath) != key)
        try await certs()
    }

    @Test func `certs says with its exit status that a certificate is not good`() async throws {
        let missing = try await failure()
        #expect(missing?.code == .notReady)
        #expect(missing?.message == "\"/etc/pgha/tls/ca.crt\" is missing")
        #expect(missing?.hint?.contains("pgha-node certs init") == true)

        try await certs("init")
        try addReceipt()
        #expect(try await failure()?.hint == "Run \"pgha-node install\".")
        try await certs("renew")
        fake.system.set(now: 1_800_000_000 + 366 * 86400)
        let expired = try await failure("--output", "json")
        #expect(expired?.code == .notReady)
        #expect(expired?.message == "\"/etc/pgha/tls/agent.crt\" is expired")
        #expect(expired?.hint == "Run \"pgha-node certs renew\".")
    }

    @Test func `certs renew refuses a host that is not installed, and secrets without an authority`() async throws {
        try addReceipt()
        let without = try await failure("renew")
        #expect(without?.message == "the secrets have no certificate authority")
        #expect(without?.hint?.contains("pgha-node certs init") == true)
        try await certs("init")
        try addReceipt(of: "other")
        let other = try await failure("renew")
        #expect(other?.detail == "It is a host of the cluster \"other\".")
        fake.files.discard("/var/lib/pgha/receipt.json")
        let blank = try await failure("renew")
        #expect(blank?.code == .notFound)
        #expect(try fake.files.names(in: AgentCertificate.directory) == [])
    }

    @Test func `certs needs root`() async throws {
        fake.system.set(userID: 1000)
        for words in [["show"], ["renew"], ["init"]] {
            let verb = try verb(words)
            let failure = await #expect(throws: NodeFailure.self) { try await verb.run(on: fake.machine) }
            #expect(failure?.code == .notPermitted)
        }
    }

    @Test(arguments: [
        ["--if-expiring"], ["init", "--new-key"], ["--dry-run"], ["renew", "--new-key", "--if-expiring"],
        ["renew", "--secrets", "x"], ["destroy"],
    ])
    func `options that do not go together are refused`(words: [String]) {
        #expect(throws: (any Error).self) { try PghaNodeCommand.parseAsRoot(["certs"] + words) }
    }

    @Test func `install goes on without an authority and refuses a damaged one`() throws {
        let model = try ClusterFile.load(
            try #require(try fake.files.read("/etc/pgha/cluster.yml")), file: "cluster.yml")
        var secrets = try ClusterOptions.loadSecrets(on: fake.machine)
        let host = model.hosts[0]
        #expect(try InstallTarget.certificate(for: host, of: model, secrets: secrets) == nil)
        secrets.authority = AuthoritySecret(key: "x", certificate: "y")
        let failure = #expect(throws: NodeFailure.self) {
            try InstallTarget.certificate(for: host, of: model, secrets: secrets)
        }
        #expect(failure?.code == .invalidConfiguration)
    }

    @Test func `JSON has the same as the table, and no more of the certificate`() async throws {
        try await certs("init")
        try addReceipt()
        try await certs("renew")
        let rows = try CertificateInstaller(machine: fake.machine).rows(
            for: HostNames(cluster: "shop", host: "pg1", addresses: ["10.0.0.1"]), expected: nil)
        let json = try JSONText.text(of: rows)
        let objects = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [[String: Any]])
        let host = try #require(objects.last)
        #expect(
            host.keys.sorted() == [
                "daysLeft", "expires", "file", "issuer", "serial", "state", "subject", "validFrom",
            ])
        #expect(host["state"] as? String == "valid")
        #expect(host["validFrom"] as? String == "2027-01-15T07:00:00Z")
        #expect(host["daysLeft"] as? Int == 365)
    }

    @Test func `a table shows what there is`() throws {
        let rows = try CertificateInstaller(machine: fake.machine).rows(
            for: HostNames(cluster: "shop", host: "pg1", addresses: []), expected: nil)
        #expect(
            CertificateText.text(rows) == """
                FILE                     SUBJECT  ISSUER  EXPIRES  DAYS LEFT  STATE
                /etc/pgha/tls/ca.crt     -        -       -        -          missing
                /etc/pgha/tls/agent.crt  -        -       -        -          missing
                """)
    }
}
