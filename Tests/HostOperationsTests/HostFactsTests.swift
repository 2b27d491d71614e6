import ClusterModel
import Foundation
import HostFakes
import HostOperations
import HostPorts
import Testing

/// What a host tells of itself for a support bundle.
@Suite struct HostFactsTests {
    private static let secrets = Secrets(
        superuser: "superSuper0123456789", replication: "replReplRepl01234567", rewind: "rewindRewind01234567",
        restAPI: "restRestRest0123456789", zookeeper: "zooZooZooZoo0123456789")
    private let fixture = OperatorFixture()

    private func files() async -> [String: String] {
        let files = await HostFacts(
            machine: fixture.fake.machine, cluster: fixture.cluster, host: fixture.cluster.hosts[0],
            secrets: Self.secrets
        ).files()
        return Dictionary(uniqueKeysWithValues: files.map { ($0.path, $0.text) })
    }

    @Test func `what cannot be had is said in its place, and the rest is there`() async {
        fixture.fake.commands.on("/usr/bin/uname", output: "Linux pg1 6.1.0\n")
        fixture.fake.commands.on("/usr/sbin/haproxy", status: 1, errors: "no such option\n")
        let versions = await files()["versions.txt"]
        #expect(versions?.contains("# /usr/bin/uname --all\nLinux pg1 6.1.0\n") == true)
        #expect(versions?.contains("no such option\n# ended with 1\n") == true)
        #expect(versions?.contains("# could not start \"/usr/bin/systemctl\"") == true)
    }

    @Test func `configuration comes as it is, without its secrets, and secrets and keys not at all`() async {
        let files = fixture.fake.files
        files.put("/etc/pgha/cluster.yml", "name: shop\n")
        files.put("/etc/pgha/pg1/patroni.yml", "password: \(Self.secrets.superuser)\nttl: 30\n")
        files.put("/etc/pgha/secrets/secrets.yml", "superuser: \(Self.secrets.superuser)\n")
        files.put("/etc/pgha/tls/agent.key", "-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----\n")
        let found = await self.files()
        #expect(found["config/cluster.yml"] == "name: shop\n")
        #expect(found["config/pg1/patroni.yml"] == "password: <scrubbed>\nttl: 30\n")
        #expect(found.keys.allSatisfy { !$0.contains("secrets") && !$0.contains("tls") })
    }

    @Test func `too long a text is cut off, and says so`() async {
        fixture.fake.files.put("/etc/pgha/pg1/long.conf", String(repeating: "a", count: 300 << 10))
        let text = await files()["config/pg1/long.conf"]
        #expect(text?.hasSuffix("a\n# cut off here\n") == true)
        #expect(text?.utf8.count ?? .max < 257 << 10)
    }

    @Test func `an answer is what was asked, and anything else is an error`() async throws {
        let world = FakeAgentWorld()
        for (name, text) in [("ca.crt", "a"), ("agent.crt", "c"), ("agent.key", "k")] {
            fixture.fake.files.put("/etc/pgha/tls/\(name)", text)
        }
        let question = PeerQuestion(machine: fixture.fake.machine, peers: world, port: 8109)
        let files = [ReportFile("a.txt", "größe\n")]
        world.set("/facts", of: "10.0.0.2", HostFacts.answer(files))
        #expect(try await HostFacts.ask(fixture.cluster.hosts[1], question) == files)
        world.set("/facts", of: "10.0.0.2", StatusAnswer(status: 404, body: "not found\n"))
        do throws(NodeFailure) {
            _ = try await HostFacts.ask(fixture.cluster.hosts[1], question)
            Issue.record("an answer that is none was taken")
        } catch {
            #expect(error.code == .invalidData)
        }
    }
}
