import ArgumentParser
import ClusterModel
import Decisions
import Foundation
import HostOperations
import HostPorts

struct Psql: AsyncParsableCommand, EndsAtSignal {
    static let configuration = CommandConfiguration(
        abstract: "Open psql on the cluster, or on one of its members (root only).",
        discussion: """
            Without a name through the entry point of this host, so to the leader by way of HAProxy. A member of this host is \
            reached through its socket as the user postgres, one of another host over TCP. "leader" is the member that \
            leads now, "replica" one that streams, of this host if there is one. The password is in a file in memory that \
            only psql can open, neither in its arguments nor in its environment.

            Examples:
              pgha-node psql
              pgha-node psql pg2
              pgha-node psql leader -- -Atc 'select 1'
              pgha-node psql replica -- -c 'select pg_last_wal_replay_lsn()'
            """
    )

    @Argument(help: ArgumentHelp("A member (pg1), leader or replica.", valueName: "name"))
    var name: String?

    @Argument(parsing: .postTerminator, help: "Arguments of psql, after \"--\".")
    var arguments: [String] = []

    @OptionGroup var cluster: ClusterOptions

    func run() async throws {
        try Replacement.end(try await run(on: .local(), environment: ProcessInfo.processInfo.environment))
    }

    func run(on machine: Machine, environment: [String: String]) async throws(NodeFailure) -> ReplacementRefusal {
        let model = try cluster.load(on: machine)
        let destination = try PsqlDestination(name, in: model)
        try machine.requireRoot(to: "read the cluster's password")
        let secrets = try ClusterOptions.loadSecrets(on: machine)
        let local = Set(try machine.network.localAddresses())
        let host = model.hosts.first { local.contains($0.address) }
        return try await PsqlSession(machine: machine, cluster: model, host: host, secrets: secrets).replace(
            to: destination, arguments: arguments, environment: environment)
    }
}
