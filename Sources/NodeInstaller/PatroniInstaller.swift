import ClusterModel
import Decisions
import HostPorts

/// Puts Patroni's pinned release into a virtual environment of its own (venv, pip documentation "Secure installs").
package struct PatroniInstaller: Sendable {
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
            directory: "/opt/pgha/releases/patroni-\(PatroniPin.version)-\(hash)", link: PatroniPaths.link)
    }

    package func isInstalled(_ release: PatroniRelease) throws(NodeFailure) -> Bool {
        let link = try machine.files.attributes(release.link)
        return try machine.files.exists(marker(of: release)) && link?.kind == .symbolicLink
    }

    /// Builds beside what is in use and switches the link last; a half-built environment of a killed run is thrown away.
    package func install(_ release: PatroniRelease, from bundle: Bundle?) async throws(NodeFailure) {
        if try !machine.files.exists(marker(of: release)) {
            _ = try machine.files.remove(release.directory)
            _ = try machine.files.makeDirectory(release.directory, owner: .root, mode: 0o755)
            try await run("/usr/bin/python3", ["-m", "venv", release.directory])
            try await pip(PatroniPin.buildRequirements, "build", release, bundle)
            try await pip(PatroniPin.requirements, "requirements", release, bundle)
            _ = try machine.files.write([], to: marker(of: release), owner: .root, mode: 0o644)
        }
        _ = try machine.files.link(release.link, to: release.directory)
        for tool in ["patronictl"] {
            _ = try machine.files.link("/usr/local/bin/\(tool)", to: "\(release.link)/bin/\(tool)")
        }
    }

    private func marker(of release: PatroniRelease) -> String {
        "\(release.directory)/.complete"
    }

    private func pip(
        _ requirements: String, _ name: String, _ release: PatroniRelease, _ bundle: Bundle?
    ) async throws(NodeFailure) {
        let file = "\(release.directory)/\(name).txt"
        _ = try machine.files.write(Array(requirements.utf8), to: file, owner: .root, mode: 0o644)
        let source = bundle.map { ["--no-index", "--find-links", $0.wheelDirectory] } ?? []
        let options = ["install", "-q", "--no-deps", "--require-hashes", "--no-build-isolation"]
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
