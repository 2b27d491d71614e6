import ClusterModel
import Decisions
import Testing

@Suite struct TimeExpressionTests {
    /// 2026-11-25 15:30:45.5 in universal time.
    private static let now: Int64 = 1_795_620_645_500_000

    private func seconds(_ text: String) throws(NodeFailure) -> Double {
        Double(try TimeExpression.parse(text, now: Self.now, zone: .universal)) / 1_000_000
    }

    @Test(arguments: [
        ("now", 1_795_620_645.5), ("today", 1_795_564_800), ("yesterday", 1_795_478_400),
        ("tomorrow", 1_795_651_200), ("@1764072000", 1_764_072_000), ("@1764072000.25", 1_764_072_000.25),
        ("2026-11-25 12:00:00", 1_795_608_000), ("2026-11-25T12:00:00", 1_795_608_000),
        ("2026-11-25 12:00", 1_795_608_000), ("2026-11-25", 1_795_564_800), ("12:00", 1_795_608_000),
        ("12:00:00.125", 1_795_608_000.125), ("-10min", 1_795_620_045.5), ("10 min ago", 1_795_620_045.5),
        ("-1h30min", 1_795_615_245.5), ("2 hours ago", 1_795_613_445.5), ("+5", 1_795_620_650.5),
        ("-1d", 1_795_534_245.5), ("2024-02-29", 1_709_164_800),
    ])
    func `takes what journalctl takes`(text: String, wanted: Double) throws {
        #expect(try seconds(text) == wanted)
    }

    @Test(arguments: [
        "", "bananas", "-", "10 min", "-10parsec", "25:00", "12:60", "2026-02-30", "2026-13-01", "2026-11-25 12",
        "@", "@-5", "12:00:00.", "--since", "-99999999999999y", "ago", "2026-11-25 12:00:00 x",
    ])
    func `refuses what is no point in time, and shows the forms`(text: String) {
        let failure = #expect(throws: NodeFailure.self) { try seconds(text) }

        #expect(failure?.code == .usage)
        #expect(failure?.hint?.contains("\"10 min ago\"") == true)
    }

    @Test func `reads and writes each day of four centuries alike`() throws {
        for day in stride(from: Int64(-10_000), to: 140_000, by: 1) {
            let civil = LocalTime.universal.civil(day * 86400 + 3661)
            try #require(LocalTime.universal.seconds(civil) == day * 86400 + 3661)
        }
    }
}
