import ClusterModel
import HostFakes
import HostPorts
import NodeInstaller
import Testing

@Suite struct BundleMakerTests {
    private let fixture = InstallFixture()
    private let directory = "/srv/bundle"

    /// A connected machine: apt downloads two packages, pip one wheel.
    init() {
        let files = fixture.fake.files
        let commands = fixture.fake.commands
        let directory = directory
        commands.on("/usr/bin/apt-get") { command in
            if command.arguments.contains("install") {
                for name in ["a_1_all.deb", "b_2_amd64.deb"] { files.put("\(directory).partial/apt/\(name)", name) }
            }
            return CommandResult(status: 0)
        }
        commands.on("/usr/bin/dpkg-deb") { command in
            CommandResult(status: 0, output: "Package: \(command.arguments.last?.split(separator: "/").last ?? "")\n")
        }
        commands.on("/usr/bin/python3")
        commands.on("\(directory).partial/wheels.venv/bin/pip") { command in
            files.put("\(directory).partial/wheels/patroni.whl", "patroni")
            return CommandResult(status: 0)
        }
        commands.on("/usr/bin/mv") { command throws(NodeFailure) in
            let paths = Array(command.arguments.suffix(2))
            for (path, text) in files.texts where path == paths[0] || path.hasPrefix(paths[0] + "/") {
                files.put(paths[1] + path.dropFirst(paths[0].count), text)
            }
            files.discard(paths[0])
            return CommandResult(status: 0)
        }
    }

    private func make() async throws(NodeFailure) -> Bundle {
        try await BundleMaker(machine: fixture.fake.machine, notify: { fixture.messages.add($0) })
            .make(in: directory, postgresVersion: 15)
    }

    @Test func `makes what an installation accepts`() async throws {
        let bundle = try await make()

        #expect(
            bundle.manifest.files.map(\.file) == [
                "packages/Packages", "packages/a_1_all.deb", "packages/b_2_amd64.deb", "wheels/patroni.whl",
                "wheels/requirements.txt",
            ])
        try bundle.verify(
            distribution: "debian 12", architecture: "x86_64", wanted: ["haproxy", "postgresql-15", "python3-venv"],
            patroni: PatroniPin.version, files: fixture.fake.files)
        #expect(try fixture.fake.files.names(in: "/srv") == ["bundle"])
        #expect(try fixture.fake.files.names(in: directory) == ["manifest.json", "packages", "wheels"])
    }

    @Test func `lists each package with its checksum in the index`() async throws {
        _ = try await make()

        #expect(
            try fixture.fake.files.text("\(directory)/packages/Packages")
                == ["a_1_all.deb", "b_2_amd64.deb"].map { name in
                    "Package: \(name)\nFilename: ./\(name)\nSize: \(name.utf8.count)\n"
                        + "SHA256: \(Checksum.sha256(Array(name.utf8)))\n\n"
                }.joined())
    }

    @Test func `starts anew after a run that was killed`() async throws {
        fixture.fake.files.put("\(directory).partial/packages/half.deb", "half")

        let bundle = try await make()

        #expect(bundle.manifest.files.filter { $0.file.contains("half") } == [])
    }

    @Test(arguments: ["/srv/bundle", "/srv/bundle/notes.txt"])
    func `does not write over what is there`(path: String) async throws {
        fixture.fake.files.put(path, "mine")
        let before = fixture.snapshot

        let failure = await fixture.failure { () async throws(NodeFailure) in _ = try await make() }

        #expect(failure?.code == .conflict)
        #expect(fixture.snapshot.changes(since: before) == [])
    }

    @Test func `leaves no bundle behind that is not whole`() async throws {
        fixture.fake.commands.on("/usr/bin/dpkg-deb", status: 2, errors: "dpkg-deb: error: not a Debian archive")

        let failure = await fixture.failure { () async throws(NodeFailure) in _ = try await make() }

        #expect(failure?.code == .commandFailed)
        #expect(try !fixture.fake.files.exists(directory))
    }

    @Test func `says what would go into it`() {
        let inputs = BundleMaker.inputs(postgresVersion: 15)

        #expect(inputs.contains("\npostgresql-15\n"))
        #expect(inputs.contains("patroni==\(PatroniPin.version)"))
    }
}
