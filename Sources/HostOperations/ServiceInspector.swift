import ClusterModel
import ConfigFiles
import Decisions
import HostPorts

/// Looks at a service from all sides: systemd, the kernel, its files and the service itself.
package struct ServiceInspector: Sendable {
    private let machine: Machine
    private let cluster: Cluster
    private let host: ClusterHost

    package init(machine: Machine, cluster: Cluster, host: ClusterHost) {
        self.machine = machine
        self.cluster = cluster
        self.host = host
    }

    package func inspect(_ services: [PlacedService]) async throws(NodeFailure) -> [ServiceInspection] {
        var inspections: [ServiceInspection] = []
        for placed in services { inspections.append(try await inspect(placed)) }
        return inspections
    }

    private func inspect(_ placed: PlacedService) async throws(NodeFailure) -> ServiceInspection {
        let details = try await machine.observation.units.details(of: placed.unit)
        let ports = ClusterPort.all(of: host, in: cluster).filter { $0.placed == placed }.map(\.port)
        var inspection = ServiceInspection(
            service: placed.service.rawValue, role: placed.role.text, unit: placed.unit.text,
            description: details.description, load: details.load, active: details.active, sub: details.sub,
            freezer: details.freezer, enabled: details.fileState, needsDaemonReload: details.needsReload,
            restarts: details.restarts, result: details.result, usage: usage(details),
            user: details.user.isEmpty ? "root" : details.user, commandLine: [], unitFile: details.unitFile,
            dropIns: details.dropIns, ports: ports, configuration: configuration(of: placed), data: data(of: placed))
        if !details.controlGroup.isEmpty { inspection.controlGroup = details.controlGroup }
        if details.mainPID != 0 {
            inspection.mainPID = details.mainPID
            inspection.commandLine = commandLine(of: details.mainPID)
            inspection.startedAt = details.mainStarted
            inspection.activeSeconds = max(0, Int(machine.system.now() - Double(details.mainStarted) / 1_000_000))
        }
        if details.isFrozen {
            inspection.frozenSeconds = FreezeStamp.seconds(of: placed, on: machine)
        } else if details.active == "active" {
            await ask(placed, &inspection)
        }
        return inspection
    }

    private func usage(_ details: UnitDetails) -> ServiceInspection.Usage {
        // systemd tells the peak from version 255 on; the kernel keeps it (cgroup v2, "memory.peak").
        let peak = try? machine.files.text("/sys/fs/cgroup\(details.controlGroup)/memory.peak")
        return ServiceInspection.Usage(
            memoryBytes: details.memory,
            memoryPeakBytes: details.controlGroup.isEmpty
                ? nil : (peak ?? nil).flatMap { UInt64($0.prefix { $0.isNumber }) },
            cpuSeconds: details.cpuNanoseconds.map { (Double($0) / 1_000_000).rounded() / 1000 }, tasks: details.tasks)
    }

    /// No secret is in it: they travel in files (ARCHITECTURE.md, "Rules of the house").
    private func commandLine(of process: UInt32) -> [String] {
        let bytes = (try? machine.files.read("/proc/\(process)/cmdline")) ?? nil
        return (bytes ?? []).split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }

    private func configuration(of placed: PlacedService) -> [ServiceInspection.ConfigFile] {
        var part = host
        part.roles = host.roles.filter { $0.role == placed.role }.map { assignment in
            var only = assignment
            only.services = [placed.service]
            return only
        }
        // Only the paths are wanted, so no password has to be read.
        let nothing = Secrets(superuser: "", replication: "", rewind: "", restAPI: "", zookeeper: "")
        return ConfigRenderer.files(for: part, of: cluster, secrets: nothing).map { state(ofFile: $0.path) }
    }

    private func state(ofFile path: String) -> ServiceInspection.ConfigFile {
        guard let attributes = (try? machine.files.attributes(path)) ?? nil else {
            return ServiceInspection.ConfigFile(path: path, state: .missing)
        }
        let state: ServiceInspection.ConfigFile.State
        do throws(NodeFailure) {
            switch ConfigHeader.verify(try machine.files.text(path) ?? "") {
            case true?: state = .asWritten
            case false?: state = .changed
            case nil: state = .withoutHeader
            }
        } catch {
            state = .unreadable
        }
        return ServiceInspection.ConfigFile(
            path: path, owner: "\(attributes.owner.user):\(attributes.owner.group)",
            mode: String(attributes.mode, radix: 8), state: state)
    }

    private func data(of placed: PlacedService) -> ServiceInspection.Data? {
        guard let directory = cluster.directories.path(of: placed.service, placed.role) else { return nil }
        let space = try? machine.files.space(at: directory)
        return ServiceInspection.Data(
            directory: directory, bytes: try? size(of: directory), fileSystem: space?.type,
            fileSystemFreeBytes: space?.free, fileSystemTotalBytes: space?.total)
    }

    /// Links are not followed. What goes away meanwhile counts as nothing; what may not be looked at throws.
    private func size(of directory: String) throws(NodeFailure) -> Int64 {
        var sum: Int64 = 0
        for name in try machine.files.names(in: directory) {
            guard let attributes = try machine.files.attributes("\(directory)/\(name)") else { continue }
            sum += attributes.kind == .directory ? try size(of: "\(directory)/\(name)") : attributes.size
        }
        return sum
    }

    private func ask(_ placed: PlacedService, _ inspection: inout ServiceInspection) async {
        switch placed.service {
        case .zookeeper:
            let answer = await machine.network.exchange(
                "srvr", with: host.address, port: cluster.ports.zookeeperClient, within: .seconds(1))
            inspection.zookeeper = answer.map { $0.split(separator: "\n").map { TerminalText.safe(String($0)) } }
        case .patroni:
            guard let port = host.roles.first(where: { $0.role == placed.role })?.patroniPort,
                let status = try? await machine.patroni.status(of: host.address, port: port, within: .seconds(2))
            else { return }
            inspection.patroni = ServiceInspection.Member(
                state: status.state, role: status.role, timeline: status.timeline,
                replicationState: status.replicationState, systemIdentifier: status.systemIdentifier,
                version: status.patroniVersion, isPaused: status.isPaused, isPendingRestart: status.isPendingRestart)
        case .haproxy: inspection.haproxy = await RouteReader.servers(of: placed.role, on: machine)
        }
    }
}

/// Where HAProxy leads to, as its runtime socket says.
enum RouteReader {
    /// nil if it does not answer, or not this user.
    static func servers(of role: RoleName, on machine: Machine) async -> [RouteServer]? {
        let answer = try? await machine.network.exchange(
            "show stat\n", withSocket: HAProxyPaths.socket(of: role), within: .seconds(1))
        guard let answer else { return nil }
        return HAProxyAnswer.servers(answer).filter { ["leader", "replicas"].contains($0.backend) }.map {
            RouteServer(backend: $0.backend, server: $0.name, isUp: $0.isUp, sessions: $0.sessions)
        }
    }
}
