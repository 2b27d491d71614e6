import ArgumentParser
import ClusterModel
import Decisions
import HostPorts
import NodeInstaller

struct RunPreflight: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "preflight",
        abstract: "Check whether this host can be installed; change nothing.",
        discussion: """
            The same checks that install begins with. Exits with \(NodeFailure.Code.preflightFailed.exitStatus) if one fails \
            that is not waived.

            Examples:
              pgha-node preflight --role pg1
              pgha-node preflight --role pg1 --cluster ./cluster.yml --output json
              pgha-node preflight --list
            """
    )

    @Option(
        name: .customLong("role"),
        help: "A role this host is to take. Repeat it for several; without it, all of the host's.")
    var roles: [RoleName] = []

    @Option(help: ArgumentHelp("Do not count this check. Repeat it for several.", valueName: "check"))
    var waive: [String] = []

    @Flag(help: "List the names of all checks and what they are about.")
    var list = false

    @OptionGroup var cluster: ClusterOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await run(on: .local())
    }

    func run(on machine: Machine) async throws(NodeFailure) {
        if list {
            let rows = PreflightCheck.allCases.map(CheckRow.init)
            return try output.render(rows, table: CheckRow.text)
        }
        let waived = try PreflightGate.checks(named: waive)
        let model = try cluster.load(on: machine)
        let host = try InstallTarget.host(of: model, roles: roles, on: machine)
        let findings = try await PreflightGate.look(at: machine, cluster: model, host: host)
        try output.render(findings, table: FindingsText.text)
        try PreflightGate.refuse(findings, waived: waived)
    }
}

/// What every change of a host has to pass first.
enum PreflightGate {
    /// Throws `.preflightFailed` if a check fails that is not waived; says the warnings on stderr.
    static func pass(
        on machine: Machine, cluster: Cluster, host: ClusterHost, waived names: [String]
    ) async throws(NodeFailure) {
        let waived = try checks(named: names)
        let findings = try await look(at: machine, cluster: cluster, host: host)
        for finding in findings where finding.verdict == .warning || finding.verdict == .failed {
            Output.comment("preflight \(finding.check.name): \(FindingsText.word(finding, waived)): \(finding.finding)")
        }
        try refuse(findings, waived: waived)
    }

    static func look(
        at machine: Machine, cluster: Cluster, host: ClusterHost
    ) async throws(NodeFailure) -> [PreflightFinding] {
        let facts = try await FactGatherer(machine: machine, cluster: cluster, host: host).gather()
        return Preflight.judge(facts, cluster: cluster, host: host)
    }

    static func checks(named names: [String]) throws(NodeFailure) -> Set<PreflightCheck> {
        var checks: Set<PreflightCheck> = []
        for name in names {
            guard let check = PreflightCheck(rawValue: name) else {
                throw NodeFailure(
                    .usage, "there is no preflight check \"\(name)\"",
                    hint: "Run \"pgha-node preflight --list\" to see their names.")
            }
            guard check.isWaivable else {
                throw NodeFailure(
                    .usage, "the check \"\(name)\" cannot be waived",
                    detail: "Going on without it could only do harm.")
            }
            checks.insert(check)
        }
        return checks
    }

    static func refuse(_ findings: [PreflightFinding], waived: Set<PreflightCheck>) throws(NodeFailure) {
        let blocking = findings.blocking(waived: waived)
        guard let first = blocking.first else { return }
        let waivers = blocking.filter(\.check.isWaivable).map { "--waive \($0.check.name)" }
        let waiver =
            waivers.isEmpty ? "" : " To go on all the same, add \"\(waivers.joined(separator: " "))\"."
        throw NodeFailure(
            .preflightFailed,
            blocking.count == 1
                ? "this host did not pass the check \"\(first.check.name)\""
                : "this host did not pass \(blocking.count) checks",
            detail: blocking.map { "\($0.check.name): \($0.finding)." }.joined(separator: " "),
            hint: blocking.compactMap(\.hint).joined(separator: " ") + waiver)
    }
}

enum FindingsText {
    static func text(_ findings: [PreflightFinding]) -> String {
        let table = TextTable(
            headers: ["VERDICT", "CHECK", "FINDING"],
            rows: findings.map { [$0.verdict.rawValue, $0.check.name, $0.finding] }
        ).text
        let hints = findings.compactMap { finding in finding.hint.map { "\(finding.check.name): \($0)" } }
        return ([table] + (hints.isEmpty ? [] : ["", "Hints:"] + hints.map { "  " + $0 })).joined(separator: "\n")
    }

    static func word(_ finding: PreflightFinding, _ waived: Set<PreflightCheck>) -> String {
        finding.verdict == .failed && waived.contains(finding.check) ? "waived" : finding.verdict.rawValue
    }
}

private struct CheckRow: Codable {
    var check: String
    var about: String
    var isWaivable: Bool

    init(_ check: PreflightCheck) {
        self.check = check.name
        about = check.title
        isWaivable = check.isWaivable
    }

    static func text(_ rows: [CheckRow]) -> String {
        TextTable(
            headers: ["CHECK", "WAIVABLE", "ABOUT"],
            rows: rows.map { [$0.check, $0.isWaivable ? "yes" : "no", $0.about] }
        ).text
    }
}
