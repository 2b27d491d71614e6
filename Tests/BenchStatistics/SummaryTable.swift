/// The table that a person reads.
package enum SummaryTable {
    private static let heads = [
        "EVENT", "PROFILE", "N", "MEDIAN", "P95", "WORST", "RATIO", "REFUSED", "LOST", "GHOST", "DUAL MS",
        "OLD COMMITS",
        "HEALTHY AFTER", "REQUIRED", "",
    ]

    package static func text(_ summaries: [Summary]) -> String {
        let rows = [heads] + summaries.map(row)
        let widths = heads.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
            var line = cells.joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            return line
        }.joined(separator: "\n")
    }

    private static func row(_ summary: Summary) -> [String] {
        [
            summary.event, summary.profile, String(summary.count), seconds(summary.median),
            (summary.neverBack > 0 ? ">" : "") + seconds(summary.p95),
            (summary.neverBack > 0 ? ">" : "") + seconds(summary.worst),
            summary.ratio.map { decimal($0, 3) } ?? "-", String(summary.refused), String(summary.lost),
            String(summary.ghosts), decimal(summary.dualMilliseconds, 0),
            summary.oldLeaderCommits.map(String.init) ?? "-",
            summary.worstRecovery.map { decimal($0, 0) + " s" } ?? "no",
            summary.required.map(seconds) ?? "-", summary.isKept.map { $0 ? "kept" : "NOT KEPT" } ?? "",
        ]
    }

    private static func seconds(_ value: Double) -> String { decimal(value, 2) + " s" }

    /// With a fixed number of digits, rounded half away from zero.
    static func decimal(_ value: Double, _ digits: Int) -> String {
        var scale = 1
        for _ in 0..<digits { scale *= 10 }
        let scaled = Int((value * Double(scale)).rounded())
        guard digits > 0 else { return String(scaled) }
        let fraction = String(abs(scaled) % scale)
        return (scaled < 0 ? "-" : "") + "\(abs(scaled) / scale)."
            + String(repeating: "0", count: digits - fraction.count) + fraction
    }
}
