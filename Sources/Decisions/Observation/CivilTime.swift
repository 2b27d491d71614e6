/// A date and a time of day in the time zone of the host.
package struct CivilTime: Equatable, Sendable {
    package var year: Int
    /// 1 to 12.
    package var month: Int
    package var day: Int
    package var hour: Int
    package var minute: Int
    package var second: Int

    package init(_ year: Int, _ month: Int, _ day: Int, _ hour: Int = 0, _ minute: Int = 0, _ second: Int = 0) {
        self.year = year
        self.month = month
        self.day = day
        self.hour = hour
        self.minute = minute
        self.second = second
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// As in journalctl's `short-precise`, e.g. `Nov 25 09:05:07`.
    package var syslogText: String {
        let name = Self.months.indices.contains(month - 1) ? Self.months[month - 1] : "???"
        return "\(name) \(pad(day)) \(pad(hour)):\(pad(minute)):\(pad(second))"
    }

    /// e.g. `2026-11-25T09:05:07`.
    package var isoText: String {
        "\(year)-\(pad(month))-\(pad(day))T\(pad(hour)):\(pad(minute)):\(pad(second))"
    }

    private func pad(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}

/// The host's time zone, as two functions.
package struct LocalTime: Sendable {
    /// From seconds since 1970.
    package var civil: @Sendable (Int64) -> CivilTime
    /// To seconds since 1970; a day beyond the month's end is one of the next month.
    package var seconds: @Sendable (CivilTime) -> Int64

    package init(
        civil: @escaping @Sendable (Int64) -> CivilTime, seconds: @escaping @Sendable (CivilTime) -> Int64
    ) {
        self.civil = civil
        self.seconds = seconds
    }

    /// Universal time (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
    package static let universal = LocalTime(
        civil: { time in
            let second = Int(((time % 86400) + 86400) % 86400)
            let shifted = (Int(time) - second) / 86400 + 719_468
            let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
            let dayOfEra = shifted - era * 146_097
            let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
            let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
            let part = (5 * dayOfYear + 2) / 153
            let month = part < 10 ? part + 3 : part - 9
            return CivilTime(
                yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * part + 2) / 5 + 1,
                second / 3600, second / 60 % 60, second % 60)
        },
        seconds: { civil in
            let year = civil.month <= 2 ? civil.year - 1 : civil.year
            let era = (year >= 0 ? year : year - 399) / 400
            let yearOfEra = year - era * 400
            let shifted = civil.month > 2 ? civil.month - 3 : civil.month + 9
            let dayOfYear = (153 * shifted + 2) / 5 + civil.day - 1
            let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
            let days = era * 146_097 + dayOfEra - 719_468
            return Int64(days * 86400 + civil.hour * 3600 + civil.minute * 60 + civil.second)
        })
}
