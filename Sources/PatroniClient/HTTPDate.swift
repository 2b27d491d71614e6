import Foundation

/// The `Date` header of HTTP (RFC 9110, section 5.6.7), e.g. `Tue, 24 Nov 2026 14:26:16 GMT`.
enum HTTPDate {
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Seconds since 1970, or nil if the text is not such a date.
    ///
    /// By hand and not by a DateFormatter, which took a thirtieth of what the agent takes at rest: each answer of Patroni has a
    /// date. strptime(3) is not to be had in Swift.
    static func seconds(_ text: String) -> Double? {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[5] == "GMT", let month = months.firstIndex(of: String(parts[2])),
            let day = Int32(parts[1]), let year = Int32(parts[3]), (1...31).contains(day), (1900...9999).contains(year)
        else { return nil }
        let clock = parts[4].split(separator: ":", omittingEmptySubsequences: false).compactMap { Int32($0) }
        guard clock.count == 3, (0..<24).contains(clock[0]), (0..<60).contains(clock[1]), (0...60).contains(clock[2])
        else { return nil }
        var time = tm()
        (time.tm_year, time.tm_mon, time.tm_mday) = (year - 1900, Int32(month), day)
        (time.tm_hour, time.tm_min, time.tm_sec) = (clock[0], clock[1], clock[2])
        return Double(timegm(&time))
    }
}
