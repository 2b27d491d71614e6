import ClusterCertificates
import ClusterModel
import Decisions
import NodeInstaller

/// The result of `certs renew`.
struct RenewalReport: Encodable {
    var cluster: String
    var host: String
    var isDryRun: Bool
    var steps: [StepReport]
    /// As they are now.
    var certificates: [CertificateRow]

    var isUnchanged: Bool { steps.allSatisfy { $0.outcome == .unchanged } }
}

/// The result of `certs init`.
struct AuthorityReport: Encodable {
    var file: String
    var isDryRun: Bool
    var outcome: StepOutcome
    /// The authority's name, once there is one.
    var subject: String?
}

enum CertificateText {
    static func text(_ rows: [CertificateRow]) -> String {
        TextTable(
            headers: ["FILE", "SUBJECT", "ISSUER", "EXPIRES", "DAYS LEFT", "STATE"],
            rows: rows.map { row in
                [
                    row.file, row.subject ?? "-", row.issuer ?? "-", row.expires ?? "-",
                    row.daysLeft.map(String.init) ?? "-", row.state.rawValue,
                ]
            }
        ).text
    }

    static func text(_ report: RenewalReport) -> String {
        let closing =
            switch (report.isUnchanged, report.isDryRun) {
            case (true, _): "nothing to renew; nothing was changed"
            case (false, true): "dry run: \(AgentCertificate.certificatePath) would be renewed; nothing was changed"
            case (false, false): "\(AgentCertificate.certificatePath) was renewed"
            }
        return text(report.certificates) + "\n" + closing
    }

    static func text(_ report: AuthorityReport) -> String {
        switch report.outcome {
        case .pending: "dry run: an authority would be added to \(report.file); nothing was changed"
        case .unchanged: "\(report.file) has an authority already (\(report.subject ?? "")); nothing was changed"
        default: "\(report.subject ?? "") was added to \(report.file)"
        }
    }

    /// What is good and will not be for long.
    static func hints(_ rows: [CertificateRow]) -> [String] {
        rows.filter { $0.state == .expiresSoon }.map { row in
            row.file == AgentCertificate.authorityPath
                ? "\"\(row.file)\" expires soon: plan to replace the authority of all hosts"
                : "\"\(row.file)\" expires soon: run \"pgha-node certs renew\""
        }
    }

    static func remedy(for row: CertificateRow, secrets hasAuthority: Bool) -> String? {
        if !hasAuthority { return MissingAuthority.failure.hint }
        return row.state == .missing ? "Run \"pgha-node install\"." : "Run \"pgha-node certs renew\"."
    }
}
