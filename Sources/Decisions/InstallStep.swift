import ClusterModel
import ConfigFiles

/// One step of an install plan: it can say what it does, and whoever runs it can tell whether it is already done.
package enum InstallStep: Equatable, Sendable {
    case makeDirectory(InstallDirectory)
    /// Links the unit to /dev/null, so that no package script and no boot starts the distribution's own service.
    case maskUnit(UnitName)
    /// Distribution packages by name; their dependencies follow.
    case installPackages([String])
    /// Runs systemd-sysusers(8) on a file that an earlier step wrote.
    case createUsers(file: String, users: [String])
    /// Patroni's pinned release in a virtual environment of its own.
    case installPatroni(PatroniRelease)
    case writeFile(RenderedFile, check: ConfigCheck?)
    /// Unit files, verified together before the first one is replaced, then read by systemd.
    case writeUnits([RenderedFile])
    /// Manual pages and shell completions.
    case writeDocuments([RenderedFile])
    /// The certificate with which this host's agent shows other agents who it is.
    case issueCertificate(AgentCertificate)
    case enable([UnitName])
    /// Starts the unit; if it runs with another configuration than `fingerprint`, does `onChange`.
    case start(UnitName, fingerprint: String, onChange: ChangeAction, within: Duration)
    /// Has systemd start the unit and does not wait; restarts one that runs with another configuration than `fingerprint`.
    case begin(UnitName, fingerprint: String)
}

/// A directory as it shall be on the host.
package struct InstallDirectory: Equatable, Sendable {
    package var path: String
    package var owner: String
    package var group: String
    package var mode: UInt16
    /// Whether the user's data will be in it: then only `uninstall --purge` removes it.
    package var holdsData: Bool

    package init(
        _ path: String, owner: String = "root", group: String = "root", mode: UInt16 = 0o755, holdsData: Bool = false
    ) {
        self.path = path
        self.owner = owner
        self.group = group
        self.mode = mode
        self.holdsData = holdsData
    }
}

/// A program that must accept a configuration before it replaces the old one.
package enum ConfigCheck: Equatable, Sendable {
    case patroni(executable: String)
    case haproxy
}

/// What makes a running service take a new configuration.
package enum ChangeAction: String, Equatable, Sendable {
    case reload
    case restart
}

extension InstallStep {
    /// One line for the plan and the progress, e.g. `write /etc/pgha/pg1/zoo.cfg`.
    package var summary: String {
        switch self {
        case .makeDirectory(let directory):
            "make directory \(directory.path) (\(directory.owner):\(directory.group), \(String(directory.mode, radix: 8)))"
        case .maskUnit(let unit): "mask the distribution's \(unit)"
        case .installPackages(let names): "install packages \(names.joined(separator: " "))"
        case .createUsers(_, let users): "create users \(users.joined(separator: " "))"
        case .installPatroni(let release): "install Patroni \(release.version) in \(release.directory)"
        case .writeFile(let file, _): "write \(file.path)"
        case .writeUnits(let files): "write \(files.count) unit files in /etc/systemd/system"
        case .writeDocuments(let files):
            "write \(files.count) manual pages, shell completions and explanations for journalctl"
        case .issueCertificate(let wanted): "issue the certificate of \(wanted.host) in \(AgentCertificate.directory)"
        case .enable(let units): "enable \(units.map(\.text).joined(separator: " "))"
        case .begin(let unit, _): "start \(unit)"
        case .start(let unit, _, _, let limit): "start \(unit), waiting up to \(limit.components.seconds) s"
        }
    }
}

/// A Patroni release as it is pinned, and where it goes.
package struct PatroniRelease: Equatable, Sendable {
    package var version: String
    /// Lines of a pip requirements file with hashes.
    package var requirements: String
    /// The virtual environment; its name changes with the requirements, so that an upgrade never touches one in use.
    package var directory: String
    /// The link that units use.
    package var link: String

    package init(version: String, requirements: String, directory: String, link: String) {
        self.version = version
        self.requirements = requirements
        self.directory = directory
        self.link = link
    }
}
