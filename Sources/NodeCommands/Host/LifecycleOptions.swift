import ArgumentParser
import ClusterModel
import HostLifecycle
import HostPorts
import NodeInstaller

/// What `up`, `apply`, `down` and `prune` have in common: the lock of the host and how it is waited for.
struct LockOptions: ParsableArguments {
    @Option(help: ArgumentHelp("How long to wait for another pgha-node on this host.", valueName: "seconds"))
    var waitLock = 0

    func take(_ verb: String, on machine: Machine) async throws(NodeFailure) -> HostLock {
        try await HostLock.take(
            "process \(ProcessNumber.own) (pgha-node \(verb))", on: machine, waiting: .seconds(waitLock),
            notify: { Output.comment($0) })
    }
}

extension ClusterOptions {
    /// This host as it is installed, with the documents of this program.
    func installedHost(on machine: Machine) async throws(NodeFailure) -> InstalledHost {
        let model = try load(on: machine)
        let host = try InstallTarget.host(of: model, roles: [], on: machine)
        let secrets = try Self.loadSecrets(on: machine)
        return try await InstalledHost(
            machine: machine, cluster: model, host: host, secrets: secrets, documents: try Documents.files())
    }
}
