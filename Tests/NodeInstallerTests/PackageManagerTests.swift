import ClusterModel
import HostFakes
import HostPorts
import NodeInstaller
import Testing

@Suite struct PackageManagerTests {
    private let fake = FakeMachine()

    private var manager: PackageManager { PackageManager(machine: fake.machine) }

    /// dpkg-query's answer, with the abbreviated state in front of each name.
    private func set(_ lines: String...) {
        fake.commands.on("/usr/bin/dpkg-query", output: lines.map { "\($0)\n" }.joined())
    }

    private func allowEverything() {
        fake.commands.on("/usr/bin/dpkg")
        fake.commands.on("/usr/bin/apt-get")
    }

    @Test(arguments: [
        ("ii  haproxy", true), ("hi  haproxy", true), ("ri  haproxy", true), ("rc  haproxy", false),
        ("iU  haproxy", false), ("iF  haproxy", false), ("iHR haproxy", false), ("un  haproxy", false),
    ])
    func `counts as installed what is unpacked and configured`(line: String, isInstalled: Bool) async throws {
        set("ii  bash", line)

        #expect(try await manager.installed() == (isInstalled ? ["bash", "haproxy"] : ["bash"]))
        #expect(try await manager.missing(of: ["haproxy", "bash"]) == (isInstalled ? [] : ["haproxy"]))
    }

    @Test func `asks no question and keeps changed configuration`() async throws {
        allowEverything()

        try await manager.install(["haproxy"], from: nil)

        let apt = fake.commands.calls.filter { $0.executable == "/usr/bin/apt-get" }
        #expect(apt.map { $0.arguments.suffix(2) } == [["Dpkg::Use-Pty=0", "update"], ["install", "haproxy"]])
        for call in apt {
            #expect(call.arguments.contains("-y"))
            #expect(call.arguments.contains("--no-install-recommends"))
            #expect(call.arguments.contains("Dpkg::Options::=--force-confold"))
            #expect(call.environment["DEBIAN_FRONTEND"] == "noninteractive")
            #expect(call.environment["NEEDRESTART_SUSPEND"] == "1")
        }
    }

    @Test func `repairs what a killed run left before it installs`() async throws {
        allowEverything()
        fake.commands.on("/usr/bin/dpkg", ["--audit"], output: "postgresql-15 is half configured\n")

        try await manager.install(["haproxy"], from: nil)

        #expect(
            fake.commands.lines.prefix(2) == [
                "/usr/bin/dpkg --audit", "/usr/bin/dpkg --configure -a --force-confdef --force-confold",
            ])
    }

    @Test func `passes on what apt said when it failed`() async throws {
        allowEverything()
        fake.commands.on("/usr/bin/apt-get", status: 100, errors: "E: Unable to locate package haproxy\n")

        let failure = await #expect(throws: NodeFailure.self) { try await manager.install(["haproxy"], from: nil) }

        #expect(failure?.code == .commandFailed)
        #expect(failure?.message == "\"/usr/bin/apt-get\" failed with status 100")
        #expect(failure?.detail == "It said: E: Unable to locate package haproxy")
    }

    @Test func `finds what else would go, by trying it out only`() async throws {
        fake.commands.on(
            "/usr/bin/apt-get",
            output: "Reading package lists...\nRemv app [2.0]\nRemv libpq5 [15.8]\nPurg old [1]\nInst new (3)\n")

        #expect(try await manager.dependents(onRemovalOf: ["libpq5"]) == ["app"])
        #expect(fake.commands.lines == ["/usr/bin/apt-get -s -q remove libpq5"])
    }

    @Test func `does nothing for no packages`() async throws {
        try await manager.remove([], purge: true)
        #expect(try await manager.dependents(onRemovalOf: []) == [])

        #expect(fake.commands.calls == [])
    }
}
