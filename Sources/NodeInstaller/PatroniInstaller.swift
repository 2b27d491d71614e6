import ClusterModel
import Decisions
import HostPorts

/// Puts Patroni's pinned release into a virtual environment of its own (venv, pip documentation "Secure installs").
package struct PatroniInstaller: Sendable {
    /// On everybody's path; somebody else's program of that name is left alone.
    package static let controlTool = "/usr/local/bin/patronictl"
    /// The last file that is written into an environment; says which one it is.
    private static let marker = ".complete"

    private let machine: Machine

    package init(machine: Machine) {
        self.machine = machine
    }

    /// The release of this program; its directory is named for the hash of the requirements.
    package static var release: PatroniRelease {
        let text = PatroniPin.buildRequirements + PatroniPin.requirements
        let hash = Checksum.sha256(Array(text.utf8)).prefix(8)
        return PatroniRelease(
            version: PatroniPin.version, requirements: PatroniPin.requirements,
            directory: "\(PatroniPaths.root)/releases/patroni-\(PatroniPin.version)-\(hash)", link: PatroniPaths.link)
    }

    /// Whether the link leads to this very release, and its environment was built to the end.
    package func isInstalled(_ release: PatroniRelease) throws(NodeFailure) -> Bool {
        try machine.files.text("\(release.link)/\(Self.marker)") == release.directory
    }

    /// Builds beside what is in use and switches the link last; a half-built environment of a killed run is thrown away.
    package func install(
        _ release: PatroniRelease, from bundle: Bundle?, isToolOurs: Bool
    ) async throws(NodeFailure) {
        let marker = "\(release.directory)/\(Self.marker)"
        if try machine.files.text(marker) != release.directory {
            _ = try machine.files.remove(release.directory)
            _ = try machine.files.makeDirectory(release.directory, owner: .root, mode: 0o755)
            try await run("/usr/bin/python3", ["-m", "venv", release.directory])
            try await pip(PatroniPin.buildRequirements, "build", release, bundle)
            try await pip(PatroniPin.requirements, "requirements", release, bundle)
            _ = try machine.files.write(Array(release.directory.utf8), to: marker, owner: .root, mode: 0o644)
        }
        if isToolOurs { _ = try machine.files.link(Self.controlTool, to: "\(release.link)/bin/patronictl") }
        _ = try machine.files.link(release.link, to: release.directory)
    }

    private func pip(
        _ requirements: String, _ name: String, _ release: PatroniRelease, _ bundle: Bundle?
    ) async throws(NodeFailure) {
        let file = "\(release.directory)/\(name).txt"
        _ = try machine.files.write(Array(requirements.utf8), to: file, owner: .root, mode: 0o644)
        let source = bundle.map { ["--no-index", "--find-links", $0.wheelDirectory] } ?? []
        // Without a cache: root's home is not ours to fill.
        let options = [
            "install", "-q", "--no-cache-dir", "--no-deps", "--require-hashes", "--no-build-isolation",
        ]
        try await run("\(release.directory)/bin/pip", options + source + ["-r", file])
    }

    private func run(_ executable: String, _ arguments: [String]) async throws(NodeFailure) {
        try await machine.commands.require(
            Command(
                executable, arguments,
                environment: Command.minimal.merging(["PIP_DISABLE_PIP_VERSION_CHECK": "1"], uniquingKeysWith: { $1 }),
                inherited: ["PIP_", "SSL_", "REQUESTS_", "http_proxy", "https_proxy", "no_proxy", "HOME"],
                timeLimit: .seconds(600)))
    }
}
