import ClusterModel
import ConfigFiles
import HostFakes
import HostPorts
import NodeInstaller
import Testing

/// Passwords and private keys are in files that one service can read, and nowhere else.
@Suite struct InstallSecretsTests {
    private static func holdsPassword(_ text: String) -> Bool {
        (InstallFixture.passwords + InstallFixture.marksOfKeys).contains { text.contains($0) }
    }

    /// Groups that may read a file with a password: that of the service that needs it.
    private static let readers = ["/etc/pgha/pg1/zookeeper-jaas.conf": "zookeeper"]

    private func expectClosed(_ fixture: InstallFixture) throws {
        for (path, text) in fixture.fake.files.texts where Self.holdsPassword(text) {
            let attributes = try #require(try fixture.fake.files.attributes(path))
            #expect(attributes.mode & 0o007 == 0, "\(path)")
            if attributes.mode & 0o070 != 0 {
                let final = path.replacing(".pgha-new", with: "")
                #expect(Self.readers[final] == attributes.owner.group, "\(path)")
                #expect(attributes.mode & 0o030 == 0, "\(path)")
            }
        }
    }

    private func expectSilent(_ fixture: InstallFixture) {
        #expect(fixture.messages.all.filter(Self.holdsPassword) == [])
        for call in fixture.fake.commands.calls {
            let said = [call.executable] + call.arguments + call.environment.map { "\($0)=\($1)" } + call.inherited
            #expect(said.filter(Self.holdsPassword) == [])
        }
    }

    @Test(arguments: InstallFixture.Layout.allCases)
    func `stand in no command, message and open file of an installation`(layout: InstallFixture.Layout) async throws {
        let fixture = InstallFixture(layout)

        let reports = try await fixture.install()
        try expectClosed(fixture)
        #expect(fixture.fake.files.texts.values.contains(where: Self.holdsPassword))
        #expect(reports.filter { Self.holdsPassword($0.step) } == [])
        let removed = try await fixture.uninstall()
        #expect(removed.filter(Self.holdsPassword) == [])

        expectSilent(fixture)
        #expect(fixture.fake.commands.calls.count > 10)
    }

    @Test func `stand in no open file at any moment`() async throws {
        var count = 0
        while true {
            let fixture = InstallFixture()
            fixture.fake.files.die(afterMutations: count)
            let failure = await fixture.installFailure()
            try expectClosed(fixture)
            expectSilent(fixture)
            if failure == nil { break }
            count += 1
        }
        #expect(count > 50)
    }

    @Test func `are closed to others while a component judges them`() async throws {
        let fixture = InstallFixture()
        let judged = Messages()
        fixture.fake.commands.on("/opt/pgha/patroni/bin/patroni") { command throws(NodeFailure) in
            let path = command.arguments.last ?? ""
            let found = try fixture.fake.files.attributes(path)
            judged.add("\(path) \(found?.owner.user ?? "") \(String(found?.mode ?? 0, radix: 8))")
            judged.add("as \(command.user ?? "root")")
            return CommandResult(status: 0)
        }

        try await fixture.install()

        #expect(judged.all == ["/run/pgha-validate/etc-pgha-pg1-patroni.yml postgres 600", "as postgres"])
    }

    @Test(arguments: InstallFixture.passwords.dropLast())
    func `are not repeated when Patroni quotes what it does not like`(password: String) async throws {
        let fixture = InstallFixture()
        fixture.fake.commands.on(
            "/opt/pgha/patroni/bin/patroni", status: 1,
            output: "postgresql.authentication {'password': '\(password)'} is not valid\n")

        let failure = await fixture.installFailure()

        #expect(failure?.detail == "It said: postgresql.authentication {'password': '…'} is not valid")
        expectSilent(fixture)
        try expectClosed(fixture)
    }

    @Test func `are not repeated when a program fails and quotes its input`() async throws {
        let fixture = InstallFixture()
        try await fixture.install()
        for command in Set(fixture.fake.commands.calls.map(\.executable)) {
            let other = InstallFixture()
            other.fake.commands.on(command) { command in
                CommandResult(status: 1, errors: command.arguments.joined(separator: " "))
            }
            _ = await other.installFailure()
            expectSilent(other)
        }
    }
}
