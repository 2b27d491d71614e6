import ClusterModel
import Decisions
import HostPorts

/// Looks at this host and its peers, read only, for the preflight checks.
///
/// Peers are asked at the same time, each question with a limit: a host that is down costs no more than one limit.
/// What cannot be found out is left out of the facts. The one thing it writes is the probe of `FileStore.syncLatency`.
package struct FactGatherer: Sendable {
    let machine: Machine
    let cluster: Cluster
    /// Holds only the roles to look at.
    let host: ClusterHost
    /// For one question to one peer.
    let limit: Duration

    package init(machine: Machine, cluster: Cluster, host: ClusterHost, limit: Duration = .milliseconds(400)) {
        self.machine = machine
        self.cluster = cluster
        self.host = host
        self.limit = limit
    }

    /// Throws `.invalidConfiguration` if the receipt is damaged: without it, nobody can tell what is ours.
    package func gather() async throws(NodeFailure) -> PreflightFacts {
        let receipt = try ReceiptStore(files: machine.files).load()
        async let peers = peers(isInstalled: receipt != nil)
        async let units = foreignUnits()
        async let distributionClusters = distributionClusters()
        async let directories = dataDirectories(receipt)
        async let systemdVersion = systemdVersion()
        async let unattended = isEnabledOrActive(UnitName("unattended-upgrades.service"))
        var facts = PreflightFacts()
        gatherKernel(into: &facts)
        gatherMemory(into: &facts)
        facts.localAddresses = (try? machine.network.localAddresses()) ?? []
        facts.listeners = try? machine.network.listeningPorts().map {
            PreflightFacts.Listener(port: $0.port, process: $0.process, controlGroup: $0.controlGroup)
        }
        facts.installedCluster = receipt?.cluster
        facts.upgrades = automaticUpgrades(facts.distribution)
        facts.volumes = volumes()
        facts.systemdVersion = await systemdVersion
        facts.foreignUnits = await units
        facts.distributionClusters = await distributionClusters
        facts.dataDirectories = await directories
        facts.upgrades.isUnattended = await unattended || facts.upgrades.isUnattended
        facts.peers = await peers
        return facts
    }

    private func systemdVersion() async -> String? {
        try? await machine.services.version()
    }

    private func gatherKernel(into facts: inout PreflightFacts) {
        facts.userID = machine.system.userID
        facts.architecture = machine.system.architecture
        facts.isClockSynchronised = machine.system.clockSynchronisation().isSynchronised
        facts.initProcess = text("/proc/1/comm")?.firstLine
        let root = "/sys/fs/cgroup"
        facts.hasUnifiedControlGroups = exists("\(root)/cgroup.controllers")
        // The root group has no such file (kernel documentation, "Control Group v2").
        facts.hasFreezer = ["system.slice", "init.scope"].contains { exists("\(root)/\($0)/cgroup.freeze") }
        facts.distribution = (text("/etc/os-release") ?? text("/usr/lib/os-release")).map(Self.distribution)
    }

    /// os-release(5): lines of shell assignments, values bare or in quotes.
    static func distribution(_ text: String) -> PreflightFacts.Distribution {
        var values: [Substring: String] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else { continue }
            values[parts[0]] = parts[1].filter { $0 != "\"" && $0 != "'" }
        }
        let id = values["ID"] ?? "unknown"
        let version = values["VERSION_ID"] ?? ""
        return PreflightFacts.Distribution(id: id, version: version, name: values["PRETTY_NAME"] ?? "\(id) \(version)")
    }

    private func gatherMemory(into facts: inout PreflightFacts) {
        let meminfo = text("/proc/meminfo") ?? ""
        if let total = Self.kibibytes("MemTotal", in: meminfo) {
            // A container sees the machine's memory there, and its own limit here; "max" is no number.
            let limit = text("/sys/fs/cgroup/memory.max")?.firstLine.flatMap { Int64($0) }
            facts.memory = min(total << 10, limit ?? .max)
        }
        facts.hasSwap = (Self.kibibytes("SwapTotal", in: meminfo) ?? 0) > 0
        facts.swappiness = number("/proc/sys/vm/swappiness")
        facts.overcommitMemory = number("/proc/sys/vm/overcommit_memory")
        facts.transparentHugePages = text("/sys/kernel/mm/transparent_hugepage/enabled")?.firstLine
    }

    private static func kibibytes(_ name: String, in meminfo: String) -> Int64? {
        for line in meminfo.split(separator: "\n") where line.hasPrefix("\(name):") {
            return line.split(separator: " ").dropFirst().first.flatMap { Int64($0) }
        }
        return nil
    }

    func text(_ path: String) -> String? {
        try? machine.files.text(path)
    }

    func exists(_ path: String) -> Bool {
        (try? machine.files.exists(path)) ?? false
    }

    func names(in directory: String) -> [String] {
        (try? machine.files.names(in: directory)) ?? []
    }

    private func number(_ path: String) -> Int? {
        text(path)?.firstLine.flatMap { Int($0) }
    }
}

extension String {
    /// Nil where the text is empty.
    fileprivate var firstLine: String? {
        split(separator: "\n").first.map(String.init)
    }
}
