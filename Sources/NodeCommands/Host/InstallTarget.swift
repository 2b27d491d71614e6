import ClusterCertificates
import ClusterModel
import ConfigFiles
import Decisions
import Glibc
import HostPorts
import NodeInstaller

/// What `install`, `preflight` and `render` have in common: which host this is, and its plan.
enum InstallTarget {
    /// The host of `cluster.yml` that this machine is, with only the wanted roles left.
    static func host(
        of cluster: Cluster, roles: [RoleName], on machine: Machine
    ) throws(NodeFailure) -> ClusterHost {
        var host = try cluster.host(withAnyAddress: try machine.network.localAddresses(), roles: roles)
        if !roles.isEmpty { host.roles = host.roles.filter { roles.contains($0.role) } }
        return host
    }

    static func plan(
        for host: ClusterHost, of cluster: Cluster, secrets: Secrets, certificate: AgentCertificate?
    ) throws(NodeFailure) -> [InstallStep] {
        let files = ConfigRenderer.files(for: host, of: cluster, secrets: secrets)
        let planner = InstallPlanner(
            cluster: cluster, host: host, files: files, documents: try Documents.files(),
            certificate: certificate, fingerprint: { PlanRunner.fingerprint($0) })
        return planner.steps(patroni: PatroniInstaller.release)
    }

    /// Nil, with a word about it, for secrets of an earlier version: a cluster that runs must not be held up by that.
    static func certificate(
        for host: ClusterHost, of cluster: Cluster, secrets: Secrets
    ) throws(NodeFailure) -> AgentCertificate? {
        guard let authority = secrets.authority else {
            Output.comment(
                MissingAuthority.failure.warning)
            return nil
        }
        // Damaged, it has to be known before the first step.
        _ = try CertificateAuthority(authority)
        return AgentCertificate(of: host, in: cluster, authority: authority)
    }
}

enum ProcessNumber {
    static var own: Int32 { getpid() }
}

/// A bundle is checked whole before anything is changed, and only if something is to be installed from it.
enum BundleGate {
    static func check(_ bundle: Bundle?, steps: [InstallStep], on machine: Machine) async throws(NodeFailure) {
        guard let bundle else { return }
        var wanted: [String] = []
        var patroni: String?
        for step in steps {
            switch step {
            case .installPackages(let names):
                wanted = try await PackageManager(machine: machine).missing(of: names)
            case .installPatroni(let release):
                if try !PatroniInstaller(machine: machine).isInstalled(release) { patroni = release.version }
            default: continue
            }
        }
        if wanted.isEmpty, patroni == nil { return }
        try bundle.verify(
            distribution: try Distribution.name(files: machine.files), architecture: machine.system.architecture,
            wanted: wanted, patroni: patroni, files: machine.files)
    }
}
