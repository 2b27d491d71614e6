import ClusterModel
import ConfigFiles
import Decisions
import HostPorts

/// Lets the component itself judge a configuration before it replaces the old one.
package struct ConfigValidator: Sendable {
    private static let directory = "/run/pgha-validate"

    private let machine: Machine

    package init(machine: Machine) {
        self.machine = machine
    }

    /// `others`: the files that will come with it. What it names of them is judged with it, since they are not in place yet.
    package func validate(
        _ file: RenderedFile, with check: ConfigCheck, among others: [RenderedFile] = []
    ) async throws(NodeFailure) {
        var file = file
        var placed: [String] = []
        for other in others where check == .haproxy && file.contents.contains("lua-load \(other.path)\n") {
            placed.append(try place(other, named: other.path.replacingSlashes()))
            file.contents = file.contents.replacing(other.path, with: placed.last ?? other.path)
        }
        defer { for path in placed { _ = try? machine.files.remove(path) } }
        let candidate = try place(file, named: file.path.replacingSlashes())
        let result: CommandResult =
            switch check {
            case .patroni(let executable):
                try await machine.commands.run(Command(executable, ["--validate-config", candidate], user: "postgres"))
            case .haproxy:
                try await machine.commands.run(Command("/usr/sbin/haproxy", ["-c", "-f", candidate]))
            }
        let complaints = complaints(of: result, check)
        guard complaints.isEmpty else {
            throw NodeFailure(
                .invalidConfiguration, "\(check.program) does not accept the new \"\(file.path)\"",
                detail: "It said: " + file.withoutPasswords(complaints.prefix(5).joined(separator: " | ")),
                hint: "The old file is still in place. The new one is \"\(candidate)\".")
        }
        _ = try machine.files.remove(candidate)
    }

    /// systemd-analyze(1) reads all of them together, because they name each other.
    package func validateUnits(_ files: [RenderedFile]) async throws(NodeFailure) {
        let base = "\(Self.directory)/units"
        _ = try machine.files.remove(base)
        let names = files.map { String($0.path.dropFirst("/etc/systemd/system/".count)) }
        for (name, file) in zip(names, files) {
            let path = "\(base)/\(name)"
            let directory = path.split(separator: "/").dropLast().joined(separator: "/")
            _ = try machine.files.makeDirectory("/\(directory)", owner: .root, mode: 0o755)
            _ = try machine.files.write(Array(file.contents.utf8), to: path, owner: .root, mode: 0o644)
        }
        let result = try await machine.commands.run(
            Command(
                "/usr/bin/systemd-analyze",
                ["verify", "--man=no", "--recursive-errors=no"]
                    + UnitName.instances(ofFiles: names).map { "\(base)/\($0)" },
                environment: Command.minimal.merging(["SYSTEMD_UNIT_PATH": "\(base):"], uniquingKeysWith: { $1 })))
        guard result.status == 0 else {
            throw NodeFailure(
                .invalidConfiguration, "systemd does not accept the new unit files",
                detail: "It said: " + result.errors.split(separator: "\n").prefix(5).joined(separator: " | "))
        }
        _ = try machine.files.remove(base)
    }

    private func place(_ file: RenderedFile, named name: String) throws(NodeFailure) -> String {
        // A program that runs as another user must get through the directory; what is in it keeps its own mode.
        _ = try machine.files.makeDirectory(Self.directory, owner: .root, mode: 0o755)
        let path = "\(Self.directory)/\(name)"
        _ = try machine.files.write(
            Array(file.contents.utf8), to: path, owner: FileOwner(file.owner, file.group), mode: file.mode)
        return path
    }

    private func complaints(of result: CommandResult, _ check: ConfigCheck) -> [String] {
        let lines = [result.output, result.errors].flatMap { $0.split(separator: "\n") }.map(String.init)
        // One that was killed has said nothing, and has accepted nothing.
        if result.status != 0, lines.isEmpty { return ["status \(result.status)"] }
        switch check {
        case .haproxy:
            guard result.status != 0 else { return [] }
            // Its name and version come as [NOTICE] before what is wrong.
            let alerts = lines.filter { $0.hasPrefix("[ALERT]") }
            return alerts.isEmpty ? lines : alerts
        case .patroni:
            // It looks at the world as well: on a running member its own ports are in use, and on a new cluster no
            // ZooKeeper answers yet. Neither is a fault of the file (patroni/validator.py, validate_host_port), and
            // releases before 3.3 end with 0 whatever they found.
            let aboutTheWorld = ["already in use", "is not reachable"]
            return lines.filter { line in !aboutTheWorld.contains { line.contains($0) } }
        }
    }
}

extension UnitName {
    /// The units that files of these names make. A template is judged as the instances that have drop-ins, because a
    /// drop-in may replace what the template says; of a template without any, systemd-analyze(1) makes up an instance.
    fileprivate static func instances(ofFiles names: [String]) -> [String] {
        let suffix = ".service.d/"
        let instances = names.compactMap { name in
            name.firstRange(of: suffix).map { name[..<$0.lowerBound] + ".service" }
        }
        let units = names.filter { !$0.contains("/") }.flatMap { unit in
            let prefix = unit.prefix { $0 != "@" } + "@"
            let own = unit.contains("@.") ? instances.filter { $0.hasPrefix(prefix) } : []
            return own.isEmpty ? [unit] : own.map(String.init)
        }
        return units.reduce(into: []) { unique, unit in
            if !unique.contains(unit) { unique.append(unit) }
        }
    }
}

extension ConfigCheck {
    var program: String {
        switch self {
        case .patroni: "Patroni"
        case .haproxy: "HAProxy"
        }
    }
}

extension RenderedFile {
    /// `text` with an ellipsis for each password of this file: Patroni quotes the value it does not like.
    fileprivate func withoutPasswords(_ text: String) -> String {
        contents.split(separator: "\n").reduce(text) { text, line in
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, parts[0].trimmingSpaces() == "password" else { return text }
            let password = parts[1].trimmingSpaces().filter { $0 != "\"" }
            return password.isEmpty ? text : text.replacing(password, with: "…")
        }
    }
}

extension String {
    /// A file name made of a path: `/etc/pgha/pg1/patroni.yml` gives `etc-pgha-pg1-patroni.yml`.
    func replacingSlashes() -> String {
        split(separator: "/").joined(separator: "-")
    }
}
