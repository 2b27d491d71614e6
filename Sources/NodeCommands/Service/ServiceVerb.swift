import ArgumentParser
import ClusterModel
import Decisions
import HostOperations
import HostPorts

/// What `start`, `stop`, `restart`, `freeze` and `thaw` have in common: which services, how long, how it is told.
struct ServiceVerbOptions: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "A member (pg1), or a service of this host: zookeeper, patroni, haproxy; also agent, except to freeze it.",
            valueName: "name")
    )
    var names: [String] = []

    @Flag(help: "All services of this host.")
    var all = false

    @Flag(help: "Print what would be done and change nothing.")
    var dryRun = false

    @Flag(help: "Tell systemd and do not wait for it.")
    var noWait = false

    @Option(help: ArgumentHelp("How long to wait for each service.", valueName: "seconds"))
    var timeout = 300

    @OptionGroup var cluster: ClusterOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if all, !names.isEmpty { throw ValidationError("\"--all\" and names exclude each other") }
        if timeout < 1 { throw ValidationError("\"--timeout\" must be 1 or more") }
    }

    func run(
        _ verb: ServiceOperator.Verb, force: Bool = false, on machine: Machine,
        change: (inout ServiceOperator.Options) throws(NodeFailure) -> Void = { _ throws(NodeFailure) in }
    ) async throws(NodeFailure) {
        let model = try cluster.load(on: machine)
        let host = try InstallTarget.host(of: model, roles: [], on: machine)
        let selection = try ServiceSelection.selection(named: names, all: all, on: host, of: model)
        try machine.requireRoot(to: "\(verb.rawValue) services")
        let secrets = try ClusterOptions.loadSecrets(on: machine)
        var options = ServiceOperator.Options(limit: .seconds(timeout))
        options.isDryRun = dryRun
        options.waits = !noWait
        options.force = force
        options.isWholeHost = all
        try change(&options)
        let operation = ServiceOperator(
            machine: machine, cluster: model, host: host, secrets: secrets, notify: { Output.comment($0) })
        let outcomes = try await operation.run(verb, selection, options)
        try output.render(outcomes, table: ServiceText.text)
    }
}

enum ServiceText {
    static func text(_ outcomes: [ServiceOutcome]) -> String {
        TextTable(
            headers: ["ROLE", "SERVICE", "OUTCOME", "STATE"],
            rows: outcomes.map { [$0.role.isEmpty ? "-" : $0.role, $0.service, $0.outcome.rawValue, $0.state ?? "-"] }
        ).text
    }
}
