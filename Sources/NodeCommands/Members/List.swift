import ArgumentParser
import ClusterModel
import Decisions
import HostOperations
import HostPorts

struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List all members of the cluster, from any host: who leads, who follows, how far behind.",
        discussion: """
            Exits with 2 if the cluster is not as it should be.

            Examples:
              pgha-node list
              pgha-node list --output json
            """
    )

    @OptionGroup var cluster: ClusterOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let isHealthy = try await run(on: .local())
        if !isHealthy { throw ExitCode(NodeFailure.Code.notReady.exitStatus) }
    }

    func run(on machine: Machine) async throws(NodeFailure) -> Bool {
        let model = try cluster.load(on: machine)
        let sight = await ClusterReader(machine: machine, cluster: model).sight()
        let view = ClusterView(sight, of: model)
        try output.render(view, table: ClusterView.text)
        return view.judgement.isHealthy
    }
}

/// What `list` shows.
struct ClusterView: Encodable {
    struct Member: Encodable {
        var member: String
        var host: String
        var address: String
        var port: Int?
        /// As in `ps`; nil where nobody has it in the list.
        var position: String?
        var timeline: Int?
        /// Bytes behind the leader; nil for the leader and where it is not known.
        var lagBytes: Int64?
        var isPendingRestart: Bool
        var answers: Bool
    }

    var cluster: String
    var isInMaintenance: Bool
    var members: [Member]
    var judgement: ClusterSight.Judgement

    init(_ sight: ClusterSight, of cluster: Cluster) {
        self.cluster = cluster.name
        isInMaintenance = sight.isPaused
        judgement = sight.judgement(of: cluster)
        members = sight.members.map { member in
            let placement = cluster.placement(of: member.role)
            return Member(
                member: member.role.text, host: placement?.host.name ?? "", address: placement?.host.address ?? "",
                port: placement?.assignment.postgresPort, position: sight.position(of: member, in: cluster)?.text,
                timeline: member.timeline, lagBytes: member.lag, isPendingRestart: member.isPendingRestart,
                answers: member.answers)
        }
    }

    static func text(_ view: ClusterView) -> String {
        let rows = view.members.map { member in
            [
                member.member, member.host, "\(Cluster.endpoint(member.address, member.port ?? 0))",
                position(of: member), member.timeline.map(String.init) ?? "-",
                member.lagBytes.map(PsText.bytes) ?? "-", member.isPendingRestart ? "restart pending" : "-",
            ]
        }
        let headers = ["MEMBER", "HOST", "ADDRESS", "POSITION", "TIMELINE", "LAG", "NOTE"]
        return TextTable(headers: headers, rows: rows).text + "\n\(view.cluster): \(view.judgement.text)"
    }

    private static func position(of member: Member) -> String {
        let position = member.position ?? "unknown"
        return member.answers ? position : "\(position), does not answer"
    }
}
