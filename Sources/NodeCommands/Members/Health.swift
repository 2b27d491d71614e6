import ArgumentParser
import ClusterModel
import Decisions
import HostOperations
import HostPorts

struct Health: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what every member's Patroni answers, and one line of judgement.",
        discussion: """
            Like "curl localhost:8008" for all members at once. Exits with 2 if the cluster is not as it should be; with \
            names only those members are asked and judged.

            Examples:
              pgha-node health
              pgha-node health pg1 pg2 --output json
            """
    )

    @Argument(help: ArgumentHelp("Members to ask; without it, all.", valueName: "member"))
    var names: [RoleName] = []

    @OptionGroup var cluster: ClusterOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let isHealthy = try await run(on: .local())
        if !isHealthy { throw ExitCode(NodeFailure.Code.notReady.exitStatus) }
    }

    func run(on machine: Machine) async throws(NodeFailure) -> Bool {
        let model = try cluster.load(on: machine)
        for name in names { _ = try MemberName.check(name, in: model) }
        let answers = await ClusterReader(machine: machine, cluster: model).answers()
        let report = HealthReport(answers, only: names, of: model)
        try output.render(report, table: HealthReport.text)
        return report.judgement.isHealthy
    }
}

struct HealthReport: Encodable {
    struct Answer: Encodable {
        var member: String
        var endpoint: String
        /// In Patroni's words: `running`, `starting` …; nil without an answer.
        var state: String?
        /// `primary` or `replica`.
        var role: String?
        var timeline: Int?
        var replication: String?
        var patroni: String?
        var isPendingRestart: Bool
        /// Why there is no answer.
        var failure: String?
        var isHealthy: Bool
    }

    var answers: [Answer]
    var judgement: ClusterSight.Judgement

    init(_ all: [ClusterReader.Answer], only names: [RoleName], of cluster: Cluster) {
        let sight = ClusterReader.sight(of: all, in: cluster)
        let wanted = all.filter { names.isEmpty || names.contains($0.placement.role) }
        answers = wanted.map { answer in
            let status = answer.status
            let member = sight.member(answer.placement.role)
            let position = member.flatMap { sight.position(of: $0, in: cluster) }
            return Answer(
                member: answer.placement.role.text,
                endpoint: Cluster.endpoint(answer.placement.host.address, answer.port), state: status?.state,
                role: status?.role, timeline: status?.timeline, replication: status?.replicationState,
                patroni: status?.patroniVersion, isPendingRestart: status?.isPendingRestart ?? false,
                failure: answer.failure.map { $0.detail.map(HealthReport.reason) ?? $0.message },
                isHealthy: status != nil && position?.isHealthy == true)
        }
        judgement = sight.judgement(of: cluster)
        guard !names.isEmpty else { return }
        let bad = answers.filter { !$0.isHealthy }.map(\.member)
        judgement = ClusterSight.Judgement(
            isHealthy: bad.isEmpty,
            text: bad.isEmpty
                ? "\(names.map(\.text).joined(separator: ", ")): healthy"
                : "\(bad.joined(separator: ", ")): not healthy; the cluster: \(judgement.text)")
    }

    /// The words of the HTTP library in the field's standard terms.
    private static func reason(_ detail: String) -> String {
        if detail.contains("Connection refused") || detail.contains("errno: 111") { return "connection refused" }
        if detail.lowercased().contains("deadline") || detail.lowercased().contains("timeout") {
            return "no answer in 2 s"
        }
        return detail
    }

    static func text(_ report: HealthReport) -> String {
        let rows = report.answers.map { answer in
            [
                answer.member, answer.endpoint, answer.failure ?? answer.state ?? "-", answer.role ?? "-",
                answer.timeline.map(String.init) ?? "-", answer.replication ?? "-", answer.patroni ?? "-",
            ]
        }
        let headers = ["MEMBER", "ENDPOINT", "ANSWER", "ROLE", "TIMELINE", "REPLICATION", "PATRONI"]
        let verdict = report.judgement.isHealthy ? "healthy" : "not healthy"
        return TextTable(headers: headers, rows: rows).text + "\n\(verdict): \(report.judgement.text)"
    }
}

/// A member's name on the command line.
enum MemberName {
    /// Throws `.notFound` with the nearest name.
    static func check(_ role: RoleName, in cluster: Cluster) throws(NodeFailure) -> Cluster.Placement {
        let members = cluster.placements(of: .patroni)
        guard let placement = members.first(where: { $0.role == role }) else { throw cluster.unknownMember(role) }
        return placement
    }
}
