import ArgumentParser
import ClusterModel
import Decisions
import HostOperations
import HostPorts

/// `--measure`: a verb that disturbs the cluster, with clients that write meanwhile.
struct MeasureOption: ParsableArguments {
    @Flag(
        help:
            "Write through the entry point meanwhile, and tell on stderr what clients felt; kept in \"drill --history\"."
    )
    var measure = false

    /// Runs the verb, measured or not. What it prints stays its own.
    ///
    /// `isLocal`: it disturbs this host, so that the clients had better write through another one.
    func around(
        _ verb: any LeavesRecord, _ cluster: ClusterOptions, on machine: Machine, isLocal: Bool,
        _ body: () async throws(NodeFailure) -> Void
    ) async throws(NodeFailure) {
        guard measure, !verb.changesNothing else { return try await body() }
        let model = try cluster.load(on: machine)
        let host = try InstallTarget.host(of: model, roles: [], on: machine)
        try machine.requireRoot(to: "measure")
        let entries = model.placements(of: .haproxy).map(\.host)
        guard let entry = entries.first(where: { ($0.name == host.name) != isLocal }) ?? entries.first else {
            throw NodeFailure(.notFound, "there is no HAProxy in this cluster through which clients could write")
        }
        let measurement = Measurement(
            machine: machine, peers: .local, cluster: model, host: host,
            secrets: try ClusterOptions.loadSecrets(on: machine), notify: { Output.comment($0) })
        let limit = DrillKind(rawValue: verb.recordedVerb).map { $0.limit(in: model) }
        let subject = Measurement.Subject(
            kind: verb.recordedVerb, target: verb.recordedTarget, person: OperatorRecord.person,
            version: ProgramVersion.text, limit: limit)
        let (report, incidents) = try await measurement.around(subject, through: entry, awaitsRecovery: false) {
            () async throws(NodeFailure) in
            try await body()
            return nil
        }
        Output.comment(DrillText.text(report, incidents, zone: .system))
    }
}
