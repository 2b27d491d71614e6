import ClusterModel
import Decisions
import HostOperations

/// A drill for a terminal.
enum DrillText {
    static func text(_ intent: Drill.Intent, in cluster: Cluster) -> String {
        let span = intent.seconds > 0 ? " for \(TimeSpan.text(ofSeconds: intent.seconds))" : ""
        let limit = DrillReport.seconds(Double(intent.kind.limit(in: cluster)) / 1000)
        return
            "\(intent.kind.rawValue) of \(intent.target) on \(intent.host.name)\(span), with clients that write through "
            + "\(intent.entry.name); they may be unable to write for \(limit) s"
    }

    static func text(_ report: DrillReport, _ incidents: [Incident], zone: LocalTime) -> String {
        let felt = report.felt
        let limit = report.limit.map { "  (limit \(DrillReport.seconds(Double($0) / 1000)) s)" } ?? ""
        let failed = felt.failures.reduce(0) { $0 + $1.count }
        var lines = [
            "\(report.kind) of \(report.target), \(StoryText.time(report.began, zone)), by \(report.person)",
            row("no writes for", "\(DrillReport.seconds(felt.outage)) s\(limit)"),
            row("  new connections", "\(DrillReport.seconds(felt.outageFresh)) s"),
            row("  kept connection", "\(DrillReport.seconds(felt.outageKept)) s"),
            row("writes", "\(felt.acknowledged) acknowledged, \(failed) failed"),
        ]
        for failure in felt.failures {
            lines.append(row("  \(failure.state)", "\(failure.count)  \(SQLState.name(of: failure.state))"))
        }
        lines.append(row("lost", felt.lost.map(String.init) ?? "unknown"))
        lines.append(row("ghosts", felt.ghosts.map { "\($0)" } ?? "unknown"))
        if let before = report.leaderBefore, let after = report.leaderAfter {
            lines.append(row("leader", before == after ? after : "\(after) instead of \(before)"))
        }
        if let recovery = report.recovery { lines.append(row("as before after", "\(DrillReport.seconds(recovery)) s")) }
        let story = Story(
            journals: ClusterJournal.Sight(hosts: [], clocks: [:], missing: [:]), entries: 0, incidents: incidents)
        lines.append("")
        lines.append(
            incidents.isEmpty ? "the journals tell of no incident" : StoryText.text(story, zone: zone, details: false))
        lines.append("")
        lines.append(report.hasPassed ? "passed" : "FAILED: \(report.complaints.joined(separator: "; "))")
        return lines.joined(separator: "\n")
    }

    static func history(_ reports: [DrillReport], zone: LocalTime) -> String {
        guard !reports.isEmpty else { return "no drill has been run on this host" }
        let rows = reports.map { row(of: $0, zone) }
        return TextTable(
            headers: ["WHEN", "KIND", "ON", "NO WRITES", "LIMIT", "LOST", "AS BEFORE", "VERSION", "VERDICT"], rows: rows
        ).text
    }

    private static func row(of report: DrillReport, _ zone: LocalTime) -> [String] {
        let limit = report.limit.map { seconds(Double($0) / 1000) } ?? "-"
        let lost = report.felt.lost.map(String.init) ?? "?"
        let recovery = report.recovery.map(seconds) ?? "-"
        let verdict = report.hasPassed ? "passed" : "FAILED"
        return [
            StoryText.time(report.began, zone), report.kind, report.target, seconds(report.felt.outage), limit, lost,
            recovery, report.version, verdict,
        ]
    }

    private static func seconds(_ value: Double) -> String { "\(DrillReport.seconds(value)) s" }

    private static func row(_ name: String, _ value: String) -> String {
        StoryText.padded(name, 20) + value
    }
}
