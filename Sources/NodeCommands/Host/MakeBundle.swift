import ArgumentParser
import ClusterModel
import HostPorts
import NodeInstaller

struct MakeBundle: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bundle",
        abstract: "Make a directory from which hosts without a network can be installed.",
        discussion: """
            Run it on a connected machine of the same distribution and architecture as the hosts, as root. The packages, \
            with all they depend on, come from the mirrors this machine has configured, Patroni from its package index.

            Examples:
              pgha-node bundle /srv/pgha-bundle
              pgha-node install --role pg1 --bundle /srv/pgha-bundle
            """
    )

    @Argument(help: "The directory to make; it must not exist or be empty.")
    var directory: String?

    @Option(help: ArgumentHelp("PostgreSQL's major version.", valueName: "version"))
    var postgres = 15

    @Flag(help: "Print what would go into the bundle, and nothing else.")
    var printInputs = false

    func run() async throws {
        try await run(on: .local())
    }

    func run(on machine: Machine) async throws(NodeFailure) {
        if printInputs {
            Output.result(BundleMaker.inputs(postgresVersion: postgres))
            return
        }
        guard let directory, directory.hasPrefix("/") else {
            throw NodeFailure(.usage, "the bundle's directory must be given, as an absolute path")
        }
        try machine.requireRoot(to: "make a bundle")
        let maker = BundleMaker(machine: machine, notify: { Output.comment($0) })
        let bundle = try await maker.make(in: directory, postgresVersion: postgres)
        let size = bundle.manifest.files.reduce(0) { $0 + $1.size } / 1_000_000
        Output.result("\(directory): \(bundle.manifest.files.count) files, \(size) MB, \(bundle.manifest.distribution)")
    }
}
