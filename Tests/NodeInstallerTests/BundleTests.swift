import ClusterModel
import HostFakes
import HostPorts
import Testing

@testable import NodeInstaller

@Suite struct BundleTests {
    private let fake = FakeMachine()

    private func write(_ change: (inout Bundle.Manifest) -> Void = { _ in }) throws {
        fake.files.put("/mnt/bundle/packages/haproxy.deb", "haproxy")
        fake.files.put("/mnt/bundle/wheels/patroni.whl", "patroni")
        let entries = [("packages/haproxy.deb", "haproxy"), ("wheels/patroni.whl", "patroni")].map { file, text in
            Bundle.Manifest.Entry(
                file: file, sha256: Checksum.sha256(Array(text.utf8)), size: Int64(text.utf8.count))
        }
        var manifest = Bundle.Manifest(
            distribution: "debian 12", architecture: "x86_64", packages: ["haproxy", "postgresql-15"],
            patroni: "4.1.5", files: entries)
        change(&manifest)
        fake.files.put("/mnt/bundle/manifest.json", try JSONText.text(of: manifest))
    }

    private func verify(
        distribution: String = "debian 12", architecture: String = "x86_64", wanted: [String] = ["haproxy"],
        patroni: String? = "4.1.5"
    ) throws(NodeFailure) {
        let bundle = try Bundle.open("/mnt/bundle", files: fake.files)
        try bundle.verify(
            distribution: distribution, architecture: architecture, wanted: wanted, patroni: patroni,
            files: fake.files)
    }

    /// Expects that the bundle is refused with that message, and that nothing has changed.
    private func expectRefusal(
        _ message: String, sourceLocation: SourceLocation = #_sourceLocation, _ work: () throws(NodeFailure) -> Void
    ) {
        let before = fake.files.tree
        let failure = #expect(throws: NodeFailure.self, sourceLocation: sourceLocation) { try work() }
        #expect(failure?.code == .bundleRefused, sourceLocation: sourceLocation)
        #expect(failure?.message == message, sourceLocation: sourceLocation)
        #expect(fake.files.tree == before, sourceLocation: sourceLocation)
    }

    @Test func `is taken if it is whole and for this host`() throws {
        try write()

        try verify()
        try verify(wanted: [], patroni: nil)
    }

    @Test func `is refused without a manifest`() {
        fake.files.put("/mnt/bundle/packages/haproxy.deb", "haproxy")

        expectRefusal("\"/mnt/bundle\" is not a bundle") { () throws(NodeFailure) in try verify() }
    }

    @Test(arguments: ["", "{", "{}", "[]"])
    func `is refused with a damaged manifest`(text: String) {
        fake.files.put("/mnt/bundle/manifest.json", text)

        expectRefusal("\"/mnt/bundle/manifest.json\" is damaged or of another version of pgha-node") {
            () throws(NodeFailure) in try verify()
        }
    }

    @Test func `is refused if it is of another format`() throws {
        try write { $0.format = 2 }

        expectRefusal("\"/mnt/bundle/manifest.json\" is damaged or of another version of pgha-node") {
            () throws(NodeFailure) in try verify()
        }
    }

    @Test func `is refused if a file is missing`() throws {
        try write()
        fake.files.discard("/mnt/bundle/wheels/patroni.whl")

        expectRefusal("the bundle is incomplete: \"wheels/patroni.whl\" is missing") {
            () throws(NodeFailure) in try verify()
        }
    }

    @Test(arguments: ["haproxyX", "haproxz", ""])
    func `is refused if a byte has changed`(text: String) throws {
        try write()
        fake.files.put("/mnt/bundle/packages/haproxy.deb", text)

        expectRefusal("the bundle is damaged: \"packages/haproxy.deb\" does not match its checksum") {
            () throws(NodeFailure) in try verify()
        }
    }

    @Test(arguments: ["../etc/passwd", "packages/../../etc/passwd", "/etc/passwd", ".."])
    func `is refused if it names a file outside itself`(file: String) throws {
        fake.files.put("/etc/passwd", "root")
        try write { $0.files[0] = .init(file: file, sha256: Checksum.sha256(Array("root".utf8)), size: 4) }

        expectRefusal("the bundle names a file outside itself: \"\(file)\"") { () throws(NodeFailure) in try verify() }
    }

    @Test(arguments: ["", "packages", "packages/"])
    func `is refused if it names a directory`(file: String) throws {
        try write { $0.files[0].file = file }

        expectRefusal("the bundle is incomplete: \"\(file)\" is missing") { () throws(NodeFailure) in try verify() }
    }

    @Test(arguments: [("debian 13", "x86_64"), ("debian 12", "aarch64"), ("ubuntu 12", "x86_64")])
    func `is refused on another system`(distribution: String, architecture: String) throws {
        try write()

        expectRefusal(
            "the bundle is for debian 12 on x86_64, this host is \(distribution) on \(architecture)"
        ) { () throws(NodeFailure) in try verify(distribution: distribution, architecture: architecture) }
    }

    @Test func `is refused if it lacks a package`() throws {
        try write()

        expectRefusal("the bundle lacks postgresql-16, patroni") { () throws(NodeFailure) in
            try verify(wanted: ["haproxy", "postgresql-16", "patroni"])
        }
    }

    @Test func `is refused if it has another Patroni`() throws {
        try write()

        expectRefusal("the bundle has Patroni 4.1.5, this pgha-node installs 4.1.6") { () throws(NodeFailure) in
            try verify(patroni: "4.1.6")
        }
    }

    @Test(arguments: ["bundle", "./bundle", "", "/media/usb stick/bundle"])
    func `must be named by an absolute path without spaces`(directory: String) {
        let failure = #expect(throws: NodeFailure.self) { try Bundle.open(directory, files: fake.files) }

        #expect(failure?.code == .usage)
    }

    @Test func `is what packages and wheels come from, and nothing else`() async throws {
        let fixture = InstallFixture()
        let manifest = Bundle.Manifest(
            distribution: "debian 12", architecture: "x86_64", packages: [], patroni: "4.1.5", files: [])
        fixture.fake.files.put("/mnt/bundle/manifest.json", try JSONText.text(of: manifest))

        try await fixture.install(from: try Bundle.open("/mnt/bundle", files: fixture.fake.files))

        let apt = fixture.fake.commands.calls.filter { $0.executable == "/usr/bin/apt-get" }
        #expect(apt.count == 2)
        for call in apt {
            #expect(call.arguments.contains("Dir::Etc::SourceList=/run/pgha-bundle.list"))
            #expect(call.arguments.contains("Dir::Etc::SourceParts=-"))
        }
        let pip = fixture.fake.commands.calls.filter { $0.executable.hasSuffix("/pip") }
        #expect(pip.count == 2)
        for call in pip {
            #expect(call.arguments.contains("--no-index"))
            #expect(call.arguments.contains("/mnt/bundle/wheels"))
        }
        #expect(try !fixture.fake.files.exists("/run/pgha-bundle.list"))
        #expect(try !fixture.fake.files.exists("/run/pgha-apt-lists"))
    }
}
