/// What `timestamptz_to_str` writes: ISO, with the fraction it needs and the offset of the server's TimeZone, e.g.
/// `2026-12-01 03:28:10.21+05:30` (PostgreSQL, src/backend/utils/adt/datetime.c, EncodeDateTime with USE_ISO_DATES).
enum PostgresTime {
    /// Since 1970, universal time; nil for what is no such text.
    static func microseconds(_ text: String) -> UInt64? {
        let pattern = /(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?([+-])(\d\d)(?::(\d\d))?/
        guard let parts = text.wholeMatch(of: pattern)?.output else { return nil }
        let civil = CivilTime(
            number(parts.1), number(parts.2), number(parts.3), number(parts.4), number(parts.5), number(parts.6))
        let ahead = (number(parts.9) * 60 + number(parts.10 ?? "0")) * 60
        let seconds = Int(LocalTime.universal.seconds(civil)) + (parts.8 == "-" ? ahead : -ahead)
        guard seconds >= 0 else { return nil }
        return UInt64(seconds) * 1_000_000 + UInt64(number(((parts.7 ?? "") + "000000").prefix(6)))
    }

    /// Of what the pattern has found to be digits.
    private static func number(_ digits: Substring) -> Int { Int(digits) ?? 0 }
}
