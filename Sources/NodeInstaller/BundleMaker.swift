import ClusterModel
import Decisions
import HostPorts

/// Makes a bundle on a connected machine of the same distribution as the hosts.
package struct BundleMaker: Sendable {
    private let machine: Machine
    private let notify: @Sendable (String) -> Void

    package init(machine: Machine, notify: @escaping @Sendable (String) -> Void) {
        self.machine = machine
        self.notify = notify
    }

    /// What goes into a bundle of this program, as text; a changed text means that a bundle must be made again.
    package static func inputs(postgresVersion: Int) -> String {
        let packages = ComponentPackages.all(postgresVersion: postgresVersion).joined(separator: "\n")
        return "packages:\n\(packages)\npatroni:\n\(PatroniPin.buildRequirements)\(PatroniPin.requirements)"
    }

    package func make(in directory: String, postgresVersion: Int) async throws(NodeFailure) -> Bundle {
        let kind = try machine.files.attributes(directory)?.kind
        guard kind == nil || kind == .directory, try machine.files.names(in: directory).isEmpty else {
            throw NodeFailure(
                .conflict, "\"\(directory)\" is not an empty directory",
                hint: "Name a new directory, or remove the old bundle first.")
        }
        let packages = ComponentPackages.all(postgresVersion: postgresVersion)
        let work = "\(directory).partial"
        _ = try machine.files.remove(work)
        for path in ["packages", "wheels"] {
            _ = try machine.files.makeDirectory("\(work)/\(path)", owner: .root, mode: 0o755)
        }
        notify("downloading packages and their dependencies")
        try await downloadPackages(packages, into: "\(work)/packages", scratch: "\(work)/apt")
        notify("downloading Patroni \(PatroniPin.version) and what it needs")
        try await downloadWheels(into: "\(work)/wheels")
        notify("writing the package index and the checksums")
        try await writeIndex(of: "\(work)/packages")
        try await writeManifest(of: work, packages: packages)
        _ = try machine.files.remove(directory)
        try await machine.commands.require(Command("/usr/bin/mv", ["-T", work, directory]))
        return try Bundle.open(directory, files: machine.files)
    }

    /// Asks apt as if nothing were installed, so that the bundle does not depend on what this machine happens to have.
    private func downloadPackages(
        _ packages: [String], into directory: String, scratch: String
    ) async throws(NodeFailure) {
        _ = try machine.files.makeDirectory("\(scratch)/partial", owner: .root, mode: 0o755)
        let status = "\(scratch)/status"
        _ = try machine.files.write([], to: status, owner: .root, mode: 0o644)
        let options = [
            "-q", "-y", "--no-install-recommends", "--download-only",
            "-o", "Dir::State::status=\(status)", "-o", "Dir::Cache::Archives=\(scratch)",
            "-o", "APT::Sandbox::User=root", "-o", "Debug::NoLocking=1", "-o", "APT::Keep-Downloaded-Packages=1",
        ]
        try await machine.commands.require(Command("/usr/bin/apt-get", ["-q", "update"], timeLimit: .seconds(300)))
        try await machine.commands.require(
            Command("/usr/bin/apt-get", options + ["install"] + packages, timeLimit: .seconds(1800)))
        for name in try machine.files.names(in: scratch) where name.hasSuffix(".deb") {
            try await machine.commands.require(Command("/usr/bin/mv", ["\(scratch)/\(name)", "\(directory)/\(name)"]))
        }
        _ = try machine.files.remove(scratch)
    }

    private func downloadWheels(into directory: String) async throws(NodeFailure) {
        let requirements = "\(directory)/requirements.txt"
        let text = PatroniPin.buildRequirements + PatroniPin.requirements
        _ = try machine.files.write(Array(text.utf8), to: requirements, owner: .root, mode: 0o644)
        // A pip of its own, so that it does not matter which Python this machine has first in its path.
        let scratch = "\(directory).venv"
        try await machine.commands.require(
            Command("/usr/bin/python3", ["-m", "venv", scratch], timeLimit: .seconds(120)))
        // Index and certificates come from the machine's own configuration of pip (pip documentation, "Configuration").
        let download = ["download", "-q", "--no-deps", "--require-hashes", "--no-build-isolation", "-d", directory]
        try await machine.commands.require(
            Command(
                "\(scratch)/bin/pip", download + ["-r", requirements],
                inherited: ["PIP_", "HOME", "SSL_", "REQUESTS_", "http_proxy", "https_proxy", "no_proxy"],
                timeLimit: .seconds(900)))
        _ = try machine.files.remove(scratch)
    }

    /// Packages is what apt wants of a flat repository (Debian wiki, "DebianRepository/Format").
    private func writeIndex(of directory: String) async throws(NodeFailure) {
        var index = ""
        for name in try machine.files.names(in: directory) where name.hasSuffix(".deb") {
            let path = "\(directory)/\(name)"
            let control = try await machine.commands.require(Command("/usr/bin/dpkg-deb", ["-f", path])).output
            guard let contents = try machine.files.read(path) else { continue }
            index += control
            index += "Filename: ./\(name)\nSize: \(contents.count)\nSHA256: \(Checksum.sha256(contents))\n\n"
        }
        _ = try machine.files.write(Array(index.utf8), to: "\(directory)/Packages", owner: .root, mode: 0o644)
    }

    private func writeManifest(of directory: String, packages: [String]) async throws(NodeFailure) {
        var entries: [Bundle.Manifest.Entry] = []
        for folder in ["packages", "wheels"] {
            for name in try machine.files.names(in: "\(directory)/\(folder)") {
                guard let contents = try machine.files.read("\(directory)/\(folder)/\(name)") else { continue }
                entries.append(
                    .init(file: "\(folder)/\(name)", sha256: Checksum.sha256(contents), size: Int64(contents.count)))
            }
        }
        let manifest = Bundle.Manifest(
            distribution: try Distribution.name(files: machine.files), architecture: machine.system.architecture,
            packages: packages, patroni: PatroniPin.version, files: entries)
        _ = try machine.files.write(
            try JSONText.bytes(of: manifest), to: "\(directory)/\(Bundle.manifestName)", owner: .root, mode: 0o644)
    }
}

package enum Distribution {
    /// `ID` and `VERSION_ID` of os-release(5), e.g. `debian 12`.
    package static func name(files: any FileStore) throws(NodeFailure) -> String {
        var values: [Substring: String] = [:]
        for line in (try files.text("/etc/os-release") ?? "").split(separator: "\n") {
            let parts = line.split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else { continue }
            values[parts[0]] = parts[1].filter { $0 != "\"" }
        }
        return "\(values["ID"] ?? "unknown") \(values["VERSION_ID"] ?? "unknown")"
    }
}
