import ArgumentParser
import ClusterModel
import HostOperations
import HostPorts

/// `docker pause` by its own name. Not ours for it: in Patroni "pause" is maintenance mode.
struct Pause: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The same as freeze, for those who know \"docker pause\".",
        discussion: """
            Examples:
              pgha-node pause pg1        does "pgha-node freeze pg1"
            """
    )

    @OptionGroup var freeze: Freeze

    func run() async throws {
        Output.comment(
            "pause means freeze here: the processes stop where they are. Patroni's \"pause\" is \"pgha-node maintenance on\"."
        )
        try await freeze.run()
    }
}

/// `docker unpause` by its own name.
struct Unpause: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The same as thaw, for those who know \"docker unpause\".",
        discussion: """
            Examples:
              pgha-node unpause pg1      does "pgha-node thaw pg1"
            """
    )

    @OptionGroup var thaw: Thaw

    func run() async throws {
        Output.comment(
            "unpause means thaw here. The end of Patroni's \"pause\" is \"pgha-node maintenance off\".")
        try await thaw.run()
    }
}
