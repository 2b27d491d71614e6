import ClusterModel
import Decisions
import HostPorts

// Data directories, their disks, and whose data is in them.
extension FactGatherer {
    /// One for each file system below the roles' directories; the latency of each is measured once.
    func volumes() -> [PreflightFacts.Volume] {
        var volumes: [PreflightFacts.Volume] = []
        var seen: Set<String> = []
        // The directory above: a probe inside would make it look used to initdb.
        let paths = host.roles.flatMap { assignment in
            assignment.services.compactMap { cluster.directories.base(of: $0, assignment.role) }
        }
        for path in paths.isEmpty ? [cluster.directories.data] : paths {
            guard let space = try? machine.files.space(at: path), seen.insert("\(space.type) \(space.total)").inserted
            else { continue }
            let latency = try? machine.files.syncLatency(in: path, samples: 10)
            volumes.append(
                PreflightFacts.Volume(path: path, free: space.free, total: space.total, syncLatency: latency))
        }
        return volumes
    }

    func dataDirectories(_ receipt: Receipt?) async -> [PreflightFacts.DataDirectory] {
        var found: [PreflightFacts.DataDirectory] = []
        for assignment in host.roles {
            for service in assignment.services {
                switch service {
                case .zookeeper:
                    found.append(
                        directory(assignment.role, service, cluster.directories.zookeeper(of: assignment.role), receipt)
                    )
                case .patroni:
                    let path = cluster.directories.postgres(of: assignment.role)
                    var place = directory(assignment.role, service, path, receipt)
                    if !place.isEmpty { await identify(&place) }
                    found.append(place)
                case .haproxy: continue
                }
            }
        }
        return found
    }

    private func directory(
        _ role: RoleName, _ service: ServiceKind, _ path: String, _ receipt: Receipt?
    ) -> PreflightFacts.DataDirectory {
        PreflightFacts.DataDirectory(
            role: role, service: service, path: path, isEmpty: names(in: path).isEmpty,
            isOurs: receipt?.dataDirectories.contains(path) ?? false)
    }

    private func identify(_ place: inout PreflightFacts.DataDirectory) async {
        guard let version = text("\(place.path)/PG_VERSION")?.split(separator: "\n").first else { return }
        place.postgresVersion = String(version)
        guard version.allSatisfy(\.isNumber) else { return }
        var environment = Command.minimal
        // Its output is translated otherwise.
        environment["LANG"] = "C"
        let command = Command(
            "/usr/lib/postgresql/\(version)/bin/pg_controldata", ["-D", place.path], environment: environment,
            timeLimit: .seconds(5))
        guard let result = try? await machine.commands.run(command), result.status == 0 else { return }
        place.systemIdentifier = Self.systemIdentifier(in: result.output)
    }

    static func systemIdentifier(in controlData: String) -> String? {
        let label = "Database system identifier:"
        for line in controlData.split(separator: "\n") where line.hasPrefix(label) {
            let text = line.dropFirst(label.count).filter { $0 != " " }
            return text.isEmpty ? nil : text
        }
        return nil
    }
}
