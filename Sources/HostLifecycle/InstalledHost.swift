import ClusterModel
import ConfigFiles
import Decisions
import HostOperations
import HostPorts
import NodeInstaller

/// A host on which an installation has come to its end: what `up` and `apply` begin with.
package struct InstalledHost: Sendable {
    package let machine: Machine
    package let cluster: Cluster
    /// With only the roles that are installed.
    package let host: ClusterHost
    package let secrets: Secrets
    /// Manual pages and completions of this program.
    package let documents: [RenderedFile]
    package let receipt: Receipt

    /// Throws `.notFound` where something is missing that only `install` brings.
    package init(
        machine: Machine, cluster: Cluster, host: ClusterHost, secrets: Secrets, documents: [RenderedFile]
    ) async throws(NodeFailure) {
        let hint = "Run \"pgha-node install\" first."
        guard let receipt = try ReceiptStore(files: machine.files).load(), !receipt.roles.isEmpty else {
            throw NodeFailure(
                .notFound, "nothing is installed here", detail: "There is no receipt \"\(ReceiptStore.path)\".",
                hint: hint)
        }
        guard receipt.cluster == cluster.name else {
            throw NodeFailure(
                .invalidConfiguration, "this is a host of the cluster \"\(receipt.cluster)\"",
                detail: "cluster.yml describes the cluster \"\(cluster.name)\".",
                hint: "Put the right cluster.yml in its place.")
        }
        var installed = host
        installed.roles = host.roles.filter { receipt.roles.contains($0.role.text) }
        let gone = receipt.roles.filter { role in !host.roles.contains { $0.role.text == role } }
        guard gone.isEmpty else {
            throw NodeFailure(
                .invalidConfiguration,
                "cluster.yml does not have \(gone.joined(separator: ", ")) on this host any more",
                hint: "Run \"pgha-node uninstall\", which keeps the data, or put the role back into cluster.yml.")
        }
        let placed = Set(installed.placedServices.map(\.unit.text) + [UnitName.target.text, UnitName.agent.text])
        let orphans = receipt.units.filter { !placed.contains($0) }
        guard orphans.isEmpty else {
            throw NodeFailure(
                .invalidConfiguration,
                "cluster.yml does not have \(orphans.joined(separator: ", ")) on this host any more",
                hint: "Put it back into cluster.yml, or run \"pgha-node uninstall\", which keeps the data, and then "
                    + "\"pgha-node install\".")
        }
        self.machine = machine
        self.cluster = cluster
        self.host = installed
        self.secrets = secrets
        self.documents = documents
        self.receipt = receipt
        let manager = PackageManager(machine: machine)
        for step in steps(of: rendered) {
            guard case .installPackages(let names) = step else { continue }
            let missing = try await manager.missing(of: names)
            guard receipt.packagesBefore == nil, missing.isEmpty else {
                throw NodeFailure(
                    .notFound, "the installation of this host is not complete",
                    detail: missing.isEmpty ? nil : "Packages are missing: \(missing.joined(separator: ", ")).",
                    hint: hint)
            }
        }
        if usesPinnedPatroni, try !machine.files.exists(PatroniPaths.executable(of: cluster)) {
            throw NodeFailure(
                .notFound, "the installation of this host is not complete", detail: "Patroni is missing.", hint: hint)
        }
    }

    package var rendered: [RenderedFile] { ConfigRenderer.files(for: host, of: cluster, secrets: secrets) }

    package func steps(of files: [RenderedFile]) -> [InstallStep] {
        InstallPlanner(
            cluster: cluster, host: host, files: files, documents: documents,
            fingerprint: { PlanRunner.fingerprint($0) }
        ).steps(patroni: PatroniInstaller.release)
    }

    /// Of the files and settings that the agent reads when it starts.
    package var agentFingerprint: String? {
        for case .begin(UnitName.agent, let fingerprint) in steps(of: rendered) { return fingerprint }
        return nil
    }

    func isAgentBehind() async throws(NodeFailure) -> Bool {
        guard receipt.units.contains(UnitName.agent.text), receipt.applied[UnitName.agent.text] != agentFingerprint
        else { return false }
        return try await machine.services.state(of: .agent).isUp
    }

    /// What `install` would do besides, one sentence each.
    package func notes() throws(NodeFailure) -> [String] {
        var notes: [String] = []
        if usesPinnedPatroni, try !PatroniInstaller(machine: machine).isInstalled(PatroniInstaller.release) {
            notes.append(
                "this pgha-node comes with Patroni \(PatroniInstaller.release.version); run \"pgha-node install\"")
        }
        return notes
    }

    private var usesPinnedPatroni: Bool {
        cluster.patroni.source == .pinned && host.roles.contains { $0.services.contains(.patroni) }
    }

    /// Throws where a service is frozen, because nothing can be started or reloaded there.
    package func refuseFrozen() async throws(NodeFailure) {
        for placed in host.placedServices where try await machine.services.state(of: placed.unit).isFrozen {
            throw NodeFailure(
                .serviceFailed, "\"\(placed.unit)\" is frozen", hint: "Run \"pgha-node thaw \(placed.name)\" first.")
        }
    }
}

extension InstallStep {
    /// Whether it only concerns files and directories, nothing that runs and nothing that is downloaded.
    var isFileWork: Bool {
        switch self {
        case .makeDirectory, .maskUnit, .writeFile, .writeUnits, .writeDocuments: true
        case .installPackages, .createUsers, .installPatroni, .issueCertificate, .enable, .start, .begin: false
        }
    }
}
