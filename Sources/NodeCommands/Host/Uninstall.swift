import ArgumentParser
import ClusterModel
import HostLifecycle
import HostPorts
import NodeInstaller

struct Uninstall: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Remove what install created on this host; the data stays unless --purge.",
        discussion: """
            Works by the receipt /var/lib/pgha/receipt.json: what is not in it is not touched.

            Examples:
              pgha-node uninstall
              pgha-node uninstall --purge --confirm demo      also the data, the secrets and cluster.yml
            """
    )

    @Flag(help: "Also remove the data, the secrets and cluster.yml. Needs --confirm.")
    var purge = false

    @Option(help: ArgumentHelp("The cluster's name, to show that the right data is meant.", valueName: "cluster"))
    var confirm: String?

    @OptionGroup var cluster: ClusterOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await run(on: .local())
    }

    func run(on machine: Machine) async throws(NodeFailure) {
        try machine.requireRoot(to: "uninstall")
        let lock = try await HostLock.take(
            "process \(ProcessNumber.own) (pgha-node uninstall)", on: machine, waiting: .zero,
            notify: { Output.comment($0) })
        defer { withExtendedLifetime(lock) {} }
        if purge {
            guard let receipt = try ReceiptStore(files: machine.files).load() else {
                throw NodeFailure(.notFound, "nothing is installed here")
            }
            guard confirm == receipt.cluster else {
                throw NodeFailure(
                    .usage, "the data of this host would be lost",
                    detail: "It is a host of the cluster \"\(receipt.cluster)\".",
                    hint: "Add \"--confirm \(receipt.cluster)\" if that is what you want.")
            }
        }
        if let receipt = try ReceiptStore(files: machine.files).load() {
            // Without a cluster.yml that can be read, uninstall has to work all the same.
            try await FrozenUnits.thaw(
                of: receipt, on: machine, cluster: try? cluster.load(on: machine), notify: { Output.comment($0) })
        }
        let removed = try await Uninstaller(machine: machine, notify: { Output.comment($0) }).run(purge: purge)
        try output.render(removed) { "removed:\n" + $0.map { "  " + $0 }.joined(separator: "\n") }
    }
}
