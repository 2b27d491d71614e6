import ClusterModel
import Decisions
import HostPorts

/// Debian's packages through apt-get(8) and dpkg(1).
package struct PackageManager: Sendable {
    /// What the packages' scripts make and leave behind even when the packages are purged.
    static let users = ["postgres", "haproxy"]
    static let groups = ["ssl-cert"]

    private let machine: Machine

    package init(machine: Machine) {
        self.machine = machine
    }

    /// Those of `names` that are not installed and configured.
    package func missing(of names: [String]) async throws(NodeFailure) -> [String] {
        let installed = Set(try await installed())
        return names.filter { !installed.contains($0) }
    }

    /// Names of all installed packages, sorted; names only, without architecture.
    package func installed() async throws(NodeFailure) -> [String] {
        let query = Command("/usr/bin/dpkg-query", ["-W", "-f", "${db:Status-Abbrev} ${Package}\n"])
        return try await machine.commands.require(query).output
            .split(separator: "\n")
            // First what is wanted, e.g. "h" for a package on hold, then what is: "i" for installed (dpkg-query(1)).
            .filter { $0.dropFirst().hasPrefix("i ") }
            .map { $0.dropFirst(3).trimmingSpaces() }
            .sorted()
    }

    /// Installs from the bundle, or from the sources this host has configured.
    package func install(_ names: [String], from bundle: Bundle?) async throws(NodeFailure) {
        try await repairInterrupted()
        guard let bundle else {
            try await apt(["update"], sources: [])
            try await apt(["install"] + names, sources: [])
            return
        }
        let list = "/run/pgha-bundle.list"
        // trusted=yes: the packages were checked against the bundle's own checksums before this line is written.
        let source = "deb [trusted=yes] file:\(bundle.packageDirectory) ./\n"
        _ = try machine.files.write(Array(source.utf8), to: list, owner: .root, mode: 0o644)
        _ = try machine.files.makeDirectory("/run/pgha-apt-lists/partial", owner: .root, mode: 0o755)
        let sources = [
            "-o", "Dir::Etc::SourceList=\(list)", "-o", "Dir::Etc::SourceParts=-",
            "-o", "Dir::State::Lists=/run/pgha-apt-lists", "-o", "APT::Sandbox::User=root",
        ]
        try await apt(["update"], sources: sources)
        try await apt(["install"] + names, sources: sources)
        _ = try machine.files.remove(list)
        _ = try machine.files.remove("/run/pgha-apt-lists")
    }

    /// Other packages that apt would remove together with `names`, sorted; nothing is changed.
    package func dependents(onRemovalOf names: [String]) async throws(NodeFailure) -> [String] {
        guard !names.isEmpty else { return [] }
        let simulation = Command(
            "/usr/bin/apt-get", ["-s", "-q", "remove"] + names, environment: Self.environment, timeLimit: .seconds(120))
        let ours = Set(names)
        return try await machine.commands.require(simulation).output.split(separator: "\n")
            .compactMap { line in
                let words = line.split(separator: " ")
                return words.first == "Remv" && words.count > 1 ? String(words[1]) : nil
            }
            .filter { !ours.contains($0) }
            .sorted()
    }

    /// Removes packages; with `purge` also their configuration and what their scripts keep.
    package func remove(_ names: [String], purge: Bool) async throws(NodeFailure) {
        guard !names.isEmpty else { return }
        try await repairInterrupted()
        try await apt([purge ? "purge" : "remove"] + names, sources: [])
    }

    /// dpkg refuses everything while a package is half configured, which is what a killed run leaves (dpkg(1), --audit).
    func repairInterrupted() async throws(NodeFailure) {
        let audit = try await machine.commands.run(Command("/usr/bin/dpkg", ["--audit"]))
        if audit.output.isEmpty, audit.status == 0 { return }
        try await machine.commands.require(
            Command(
                "/usr/bin/dpkg", ["--configure", "-a", "--force-confdef", "--force-confold"],
                environment: Self.environment, timeLimit: .seconds(900)))
    }

    private func apt(_ arguments: [String], sources: [String]) async throws(NodeFailure) {
        let options = [
            "-q", "-y", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=120",
            "-o", "Dpkg::Options::=--force-confdef", "-o", "Dpkg::Options::=--force-confold",
            "-o", "Dpkg::Use-Pty=0",
        ]
        try await machine.commands.require(
            Command(
                "/usr/bin/apt-get", options + sources + arguments,
                environment: Self.environment, timeLimit: .seconds(1800)))
    }

    private static let environment = Command.minimal.merging(
        ["DEBIAN_FRONTEND": "noninteractive", "NEEDRESTART_SUSPEND": "1", "UCF_FORCE_CONFFOLD": "1", "HOME": "/root"],
        uniquingKeysWith: { $1 })
}

extension Substring {
    func trimmingSpaces() -> String {
        var text = self
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
