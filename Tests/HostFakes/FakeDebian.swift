import ClusterModel
import HostPorts

/// Debian's package tools as scripts of a fake machine.
///
/// What a package brings is really there afterwards: its users, its programs, and its service, which starts at once
/// unless somebody has taken care that it does not.
package final class FakeDebian: Sendable {
    struct State {
        var packages: [String: Status] = [:]
        var foreign: [String: String] = [:]
        var isAboutToDie = false
        var started: [String] = []
    }

    /// The first two characters of dpkg's abbreviation.
    package enum Status: String, Sendable {
        case installed = "ii"
        case held = "hi"
        case halfConfigured = "iF"
        case removed = "rc"
    }

    let state = Locked(State())
    let files: InMemoryFileStore
    let services: FakeServiceManager
    let commands: FakeCommandRunner

    /// A host that has only `packages` and no users but root.
    package init(_ fake: FakeMachine, packages: [String] = ["bash", "python3", "systemd"]) {
        files = fake.files
        services = fake.services
        commands = fake.commands
        for name in packages { state.withLock { $0.packages[name] = .installed } }
        files.put("/etc/os-release", "ID=debian\nVERSION_ID=\"12\"\n")
        files.put("/etc/passwd", "root:x:0:0:root:/root:/bin/bash\n")
        files.put("/etc/group", "root:x:0:\n")
        files.put("/etc/systemd/system/multi-user.target.wants/ssh.service", "")
        files.put(directory: "/usr/local/bin")
        files.setUsers([])
        scriptPackageTools()
        scriptPrograms()
    }

    /// Names of what is installed, sorted.
    package var packages: [String] {
        state.withLock { state in
            state.packages.filter { $0.value == .installed || $0.value == .held }.map(\.key).sorted()
        }
    }

    /// Everything dpkg knows of, with its state, sorted by name, e.g. `ii haproxy`.
    package var statuses: [String] {
        state.withLock { state in
            state.packages.sorted { $0.key < $1.key }.map { "\($0.value.rawValue) \($0.key)" }
        }
    }

    /// Services that a package has started by itself.
    package var startedByPackages: [String] { state.withLock { $0.started } }

    package func set(_ package: String, _ status: Status) {
        state.withLock { $0.packages[package] = status }
    }

    /// Installs packages without their dependencies, as somebody else would.
    package func install(foreign names: String...) {
        for name in names { unpack(name) }
    }

    /// As above, one that needs `dependency`.
    package func install(foreign name: String, needing dependency: String) {
        unpack(name)
        state.withLock { $0.foreign[name] = dependency }
    }

    /// The next installation ends in the middle, as when apt is killed: some packages have come and are not configured.
    package func dieInNextInstallation() {
        state.withLock { $0.isAboutToDie = true }
    }

    private func scriptPackageTools() {
        commands.on("/usr/bin/dpkg-query") { _ in
            let lines = self.state.withLock { state in
                state.packages.sorted { $0.key < $1.key }.map { "\($0.value.rawValue)  \($0.key)\n" }
            }
            return CommandResult(status: 0, output: lines.joined())
        }
        commands.on("/usr/bin/dpkg") { command in
            if command.arguments.starts(with: ["--configure", "-a"]) { self.configureAll() }
            return CommandResult(status: 0)
        }
        commands.on("/usr/bin/dpkg", ["--audit"]) { _ in
            let broken = self.state.withLock { $0.packages.filter { $0.value == .halfConfigured }.keys.sorted() }
            return CommandResult(status: 0, output: broken.map { "\($0) is only half configured\n" }.joined())
        }
        commands.on("/usr/bin/apt-get") { command throws(NodeFailure) in try self.apt(command.arguments) }
    }

    private func apt(_ arguments: [String]) throws(NodeFailure) -> CommandResult {
        for (index, word) in arguments.enumerated() {
            let names = Array(arguments[(index + 1)...])
            switch word {
            case "update": return CommandResult(status: 0)
            case "install": return try install(names)
            case "remove", "purge":
                return arguments.contains("-s") ? simulate(names) : remove(names, purge: word == "purge")
            default: continue
            }
        }
        return CommandResult(status: 100, errors: "E: Invalid operation")
    }

    private func install(_ names: [String]) throws(NodeFailure) -> CommandResult {
        if state.withLock({ $0.packages.values.contains(.halfConfigured) }) {
            return CommandResult(
                status: 100, errors: "E: dpkg was interrupted, you must manually run 'dpkg --configure -a'")
        }
        let wanted = names.flatMap { FakePackage.dependencies(of: $0) + [$0] }
        let new = wanted.filter { name in state.withLock { $0.packages[name] == nil || $0.packages[name] == .removed } }
        let isDying = state.withLock { state in
            defer { state.isAboutToDie = false }
            return state.isAboutToDie
        }
        if isDying {
            for name in new.prefix(2) { set(name, .halfConfigured) }
            throw KillPoint.failure
        }
        for name in new { unpack(name) }
        return CommandResult(status: 0)
    }

    private func configureAll() {
        for (name, status) in state.withLock({ $0.packages }) where status == .halfConfigured { unpack(name) }
    }

    private func unpack(_ name: String) {
        set(name, .installed)
        guard let package = FakePackage.named[name] else { return }
        if let user = package.user { addUser(user) }
        if let group = package.group { addGroup(group) }
        for directory in package.directories { files.put(directory: directory) }
        for path in package.files { files.put(path, "") }
        for unit in package.units where !isMasked(unit) { start(unit) }
        if name.hasPrefix("postgresql-1"), !isMainClusterForbidden {
            files.put("/etc/postgresql/15/main/postgresql.conf", "")
            start("postgresql@15-main.service")
        }
    }

    private func start(_ unit: String) {
        services.set(unit, active: true)
        state.withLock { $0.started.append(unit) }
    }

    private func isMasked(_ unit: String) -> Bool {
        (try? files.attributes("/etc/systemd/system/\(unit)"))?.kind == .symbolicLink
    }

    private var isMainClusterForbidden: Bool {
        let directory = "/etc/postgresql-common/createcluster.d"
        let names = (try? files.names(in: directory)) ?? []
        return names.contains { name in
            ((try? files.text("\(directory)/\(name)")) ?? "").contains("create_main_cluster = false")
        }
    }

    private func simulate(_ names: [String]) -> CommandResult {
        let foreign = state.withLock { $0.foreign.filter { names.contains($0.value) }.keys.sorted() }
        return CommandResult(status: 0, output: (foreign + names).map { "Remv \($0) [1.0]\n" }.joined())
    }

    private func remove(_ names: [String], purge: Bool) -> CommandResult {
        for name in names {
            state.withLock { $0.packages[name] = purge ? nil : .removed }
            guard purge, let package = FakePackage.named[name] else { continue }
            for path in package.files { files.discard(path) }
            for directory in package.directories.reversed() { files.discard(emptyDirectory: directory) }
            if let user = package.user, !package.leavesAccounts { removeUser(user) }
        }
        return CommandResult(status: 0)
    }
}
