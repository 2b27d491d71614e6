import ClusterModel
import ConfigFiles

/// Turns a cluster and a host into the ordered list of steps that install the host. Pure: the same input gives the same plan.
package struct InstallPlanner: Sendable {
    private let cluster: Cluster
    private let host: ClusterHost
    private let files: [RenderedFile]
    private let documents: [RenderedFile]
    private let certificate: AgentCertificate?
    private let fingerprint: @Sendable ([RenderedFile]) -> String

    /// `host` holds only the roles to install; `files` are all its rendered files; `fingerprint` hashes some of them;
    /// `documents` are manual pages and completions; `certificate` is nil where none is to be issued.
    package init(
        cluster: Cluster, host: ClusterHost, files: [RenderedFile], documents: [RenderedFile] = [],
        certificate: AgentCertificate? = nil,
        fingerprint: @escaping @Sendable ([RenderedFile]) -> String
    ) {
        self.cluster = cluster
        self.host = host
        self.files = files
        self.documents = documents
        self.certificate = certificate
        self.fingerprint = fingerprint
    }

    package func steps(patroni release: PatroniRelease) -> [InstallStep] {
        prepare() + components(release) + dataDirectories() + configuration()
            + (certificate?.steps ?? []) + units()
            + (documents.isEmpty ? [] : [.writeDocuments(documents)]) + start()
    }

    private var services: Set<ServiceKind> {
        Set(host.roles.flatMap(\.services))
    }

    // The order matters: what would let a package start its own service comes before the packages.
    private func prepare() -> [InstallStep] {
        var steps: [InstallStep] = [
            .makeDirectory(InstallDirectory("/etc/pgha")),
            .makeDirectory(InstallDirectory("/etc/pgha/secrets", mode: 0o700)),
        ]
        steps += foreignUnits.map { .maskUnit($0) }
        if services.contains(.patroni) {
            // postgresql-common makes and starts a cluster "main" when a server package arrives (pg_createcluster(1)).
            let noMainCluster = RenderedFile(
                path: "/etc/postgresql-common/createcluster.d/pgha.conf",
                contents: """
                    # Written by pgha-node: Patroni makes the cluster, not the package.
                    create_main_cluster = false

                    """)
            steps.append(.writeFile(noMainCluster, check: nil))
        }
        return steps
    }

    /// Units of the distribution that would fight with ours over ports or data.
    private var foreignUnits: [UnitName] {
        var units: [UnitName] = []
        if services.contains(.patroni) {
            units += [UnitName("postgresql.service"), UnitName("patroni.service")]
        }
        if services.contains(.haproxy) { units.append(UnitName("haproxy.service")) }
        if services.contains(.zookeeper) { units.append(UnitName("zookeeper.service")) }
        return units
    }

    private func components(_ release: PatroniRelease) -> [InstallStep] {
        var steps: [InstallStep] = [.installPackages(ComponentPackages.names(for: services, of: cluster))]
        for file in files where file.path.hasPrefix("/etc/sysusers.d/") {
            steps.append(.writeFile(file, check: nil))
            steps.append(.createUsers(file: file.path, users: ["zookeeper"]))
        }
        if services.contains(.patroni), cluster.patroni.source == .pinned {
            steps.append(.installPatroni(release))
        }
        return steps
    }

    private func dataDirectories() -> [InstallStep] {
        var steps: [InstallStep] = []
        for assignment in host.roles {
            if assignment.services.contains(.zookeeper) {
                let path = cluster.directories.zookeeper(of: assignment.role)
                steps.append(data(path, owner: "zookeeper", mode: 0o750))
            }
            if assignment.services.contains(.patroni) {
                let path = cluster.directories.postgres(of: assignment.role)
                steps.append(data(path, owner: "postgres", mode: 0o700))
            }
        }
        return steps
    }

    private func data(_ path: String, owner: String, mode: UInt16) -> InstallStep {
        .makeDirectory(InstallDirectory(path, owner: owner, group: owner, mode: mode, holdsData: true))
    }

    private func configuration() -> [InstallStep] {
        host.roles.map { InstallStep.makeDirectory(InstallDirectory("/etc/pgha/\($0.role)")) }
            + files.filter { !isUnitFile($0) && !$0.path.hasPrefix("/etc/sysusers.d/") }
            .map { .writeFile($0, check: check(of: $0)) }
    }

    private func check(of file: RenderedFile) -> ConfigCheck? {
        if file.path.hasSuffix("/patroni.yml") { return .patroni(executable: PatroniPaths.executable(of: cluster)) }
        if file.path.hasSuffix("/haproxy.cfg") { return .haproxy }
        return nil
    }

    private func units() -> [InstallStep] {
        [.writeUnits(files.filter(isUnitFile))]
    }

    private func isUnitFile(_ file: RenderedFile) -> Bool {
        file.path.hasPrefix("/etc/systemd/system/")
    }

    private func start() -> [InstallStep] {
        let services = host.placedServices
        return [.enable([.target, .agent] + services.map(\.unit))]
            + services.map { placed in
                .start(
                    placed.unit, fingerprint: fingerprint(configuration(of: placed.service, placed.role)),
                    onChange: placed.service == .zookeeper ? .restart : .reload, within: .seconds(60))
            }
            // Neither is waited for: both are there when the host is usable, and the first host of a cluster is that with the
            // second. The target is made active, so that stopping it stops all.
            + [
                .begin(.agent, fingerprint: fingerprint(agentFiles)),
                .begin(.target, fingerprint: ""),
            ]
    }

    /// Its unit, and what it uses of cluster.yml; the latter is not a file of the host, only its fingerprint counts.
    private var agentFiles: [RenderedFile] {
        let hosts = cluster.hosts.map { host in
            let roles = host.roles.map { role in
                let services = role.services.map(\.rawValue).sorted()
                return "\(role.role) \(services) \(role.postgresPort ?? 0) \(role.patroniPort ?? 0)"
            }
            return "\(host.name) \(host.address) \(roles)"
        }
        let sockets = cluster.postgres.parameters.filter { $0.name.lowercased() == "unix_socket_directories" }
        let settings = """
            \(hosts) \(cluster.ports) \(cluster.agent) \(cluster.patroni) \(cluster.durability) \(cluster.lease) \(cluster.profile) \
            \(cluster.directories) \(sockets)
            """
        return files.filter { $0.path.hasSuffix("/\(UnitName.agent)") }
            + [RenderedFile(path: "cluster.yml", contents: settings)]
    }

    /// The files whose change a running service must be told of.
    private func configuration(of service: ServiceKind, _ role: RoleName) -> [RenderedFile] {
        files.filter { file in service.configurationNames.contains { file.path == "/etc/pgha/\(role)/\($0)" } }
    }
}

extension ServiceKind {
    /// Files below /etc/pgha/<role> that the service reads while it runs or when it starts.
    package var configurationNames: [String] {
        switch self {
        case .zookeeper: ["zoo.cfg", "zookeeper.env", "zookeeper-jaas.conf", "log4j.properties"]
        case .patroni: ["patroni.yml"]
        case .haproxy: ["haproxy.cfg", "haproxy.lua"]
        }
    }
}

/// Which distribution packages a service needs.
package enum ComponentPackages {
    package static func names(for services: Set<ServiceKind>, of cluster: Cluster) -> [String] {
        ServiceKind.allCases.filter(services.contains).flatMap { names(for: $0, of: cluster) }
    }

    private static func names(for service: ServiceKind, of cluster: Cluster) -> [String] {
        switch service {
        // The package "zookeeper" would bring a graphical Java and an init script; the library is all that the server is.
        case .zookeeper: ["libzookeeper-java", "default-jre-headless"]
        case .patroni:
            ["postgresql-\(cluster.postgres.version)"]
                + (cluster.patroni.source == .pinned
                    ? ["python3-venv"] : ["patroni", "python3-kazoo", "python3-psycopg2"])
        case .haproxy: ["haproxy"]
        }
    }

    /// Everything any host of any layout may need, with either source of Patroni: the contents of a bundle.
    package static func all(postgresVersion: Int) -> [String] {
        [
            "libzookeeper-java", "default-jre-headless", "postgresql-\(postgresVersion)", "python3-venv",
            "patroni", "python3-kazoo", "python3-psycopg2", "haproxy",
        ]
    }
}

package enum PatroniPaths {
    /// Everything below it is ours.
    package static let root = "/opt/pgha"
    package static let link = "\(root)/patroni"

    package static func executable(of cluster: Cluster) -> String {
        switch cluster.patroni.source {
        case .pinned: "\(link)/bin/patroni"
        case .distribution: "/usr/bin/patroni"
        }
    }
}
