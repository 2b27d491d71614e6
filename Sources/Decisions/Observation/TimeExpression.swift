import ClusterModel

/// The forms of a point in time that journalctl takes (systemd.time(7), "Parsing Timestamps").
package enum TimeExpression {
    /// Microseconds since 1970; `now` as well. Throws `.usage` for what is none of the forms.
    package static func parse(_ text: String, now: Int64, zone: LocalTime) throws(NodeFailure) -> UInt64 {
        let words = text.lowercased().split(whereSeparator: \.isWhitespace).map(String.init)
        guard let time = word(words, now, zone) ?? relative(words, now) ?? absolute(words, now, zone), time >= 0 else {
            throw NodeFailure(
                .usage, "\"\(text)\" is not a point in time",
                hint:
                    "Write it as \"2026-11-25 12:00:00\", \"2026-11-25\", \"12:00\", \"now\", \"today\", \"yesterday\", "
                    + "\"-10min\", \"10 min ago\" or \"@1764072000\".")
        }
        return UInt64(time)
    }

    private static func word(_ words: [String], _ now: Int64, _ zone: LocalTime) -> Int64? {
        guard words.count == 1, let word = words.first else { return nil }
        switch word {
        case "now": return now
        case "today": return midnight(now, 0, zone)
        case "yesterday": return midnight(now, -1, zone)
        case "tomorrow": return midnight(now, 1, zone)
        default:
            guard word.hasPrefix("@") else { return nil }
            return microseconds(word.dropFirst())
        }
    }

    /// Noon is a day away from no clock change, so the day is right where it has 23 or 25 hours.
    private static func midnight(_ now: Int64, _ days: Int64, _ zone: LocalTime) -> Int64 {
        let today = zone.civil(now / 1_000_000)
        let noon = zone.seconds(CivilTime(today.year, today.month, today.day, 12)) + days * 86400
        let day = zone.civil(noon)
        return zone.seconds(CivilTime(day.year, day.month, day.day)) * 1_000_000
    }

    /// `-10min`, `+1h30min`, `10 min ago`, `2 hours 5 s ago`.
    private static func relative(_ words: [String], _ now: Int64) -> Int64? {
        guard let first = words.first else { return nil }
        if words.count > 1, words.last == "ago" {
            return span(words.dropLast().joined()).map { now - $0 }
        }
        guard first.hasPrefix("-") || first.hasPrefix("+") else { return nil }
        guard let length = span(String(words.joined().dropFirst())) else { return nil }
        return first.hasPrefix("-") ? now - length : now + length
    }

    /// systemd.time(7), "Parsing Time Spans"; a number without a unit is seconds. At most a hundred years.
    private static let units: [String: Int64] = {
        let table: [(Int64, [String])] = [
            (1, ["us", "usec"]), (1000, ["ms", "msec"]), (1_000_000, ["", "s", "sec", "second", "seconds"]),
            (60_000_000, ["m", "min", "minute", "minutes"]), (3_600_000_000, ["h", "hr", "hour", "hours"]),
            (86_400_000_000, ["d", "day", "days"]), (604_800_000_000, ["w", "week", "weeks"]),
            (2_629_800_000_000, ["month", "months"]), (31_557_600_000_000, ["y", "year", "years"]),
        ]
        return Dictionary(uniqueKeysWithValues: table.flatMap { size, names in names.map { ($0, size) } })
    }()

    private static func span(_ text: String) -> Int64? {
        var rest = Substring(text)
        var sum = 0.0
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            rest = rest.dropFirst(digits.count)
            let name = rest.prefix { $0.isASCII && $0.isLetter }
            rest = rest.dropFirst(name.count)
            guard digits.count <= 15, let number = Double(digits), let unit = units[String(name)] else { return nil }
            sum += number * Double(unit)
        }
        return sum <= 3_155_760_000_000_000 ? Int64(sum) : nil
    }

    /// `2026-11-25 12:00:00.5`, without seconds, only the date (its midnight) or only the time (today's).
    private static func absolute(_ words: [String], _ now: Int64, _ zone: LocalTime) -> Int64? {
        var parts = words.count == 1 && words[0].contains("t") ? words[0].split(separator: "t").map(String.init) : words
        var civil = zone.civil(now / 1_000_000)
        civil = CivilTime(civil.year, civil.month, civil.day)
        if let first = parts.first, first.contains("-") {
            guard let date = numbers(first, "-", 3...3), (1970...9999).contains(date[0]), (1...12).contains(date[1]),
                (1...31).contains(date[2])
            else { return nil }
            civil = CivilTime(date[0], date[1], date[2])
            // A day that the month does not have comes back as one of the next month.
            let real = LocalTime.universal.civil(LocalTime.universal.seconds(civil))
            guard real == civil else { return nil }
            parts.removeFirst()
            if parts.isEmpty { return zone.seconds(civil) * 1_000_000 }
        }
        guard parts.count == 1 else { return nil }
        let clock = parts[0].split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let time = numbers(String(clock[0]), ":", 2...3), time[0] < 24, time[1] < 60,
            time.count < 3 || time[2] < 60
        else { return nil }
        (civil.hour, civil.minute, civil.second) = (time[0], time[1], time.count == 3 ? time[2] : 0)
        guard clock.count == 2 else { return zone.seconds(civil) * 1_000_000 }
        guard time.count == 3, let fraction = microseconds("0." + clock[1]) else { return nil }
        return zone.seconds(civil) * 1_000_000 + fraction
    }

    private static func numbers(_ text: String, _ separator: Character, _ count: ClosedRange<Int>) -> [Int]? {
        let fields = text.split(separator: separator, omittingEmptySubsequences: false)
        let numbers = fields.compactMap { field in
            field.allSatisfy { $0.isASCII && $0.isNumber } && field.count <= 4 ? Int(field) : nil
        }
        return count.contains(fields.count) && numbers.count == fields.count ? numbers : nil
    }

    /// Of a decimal number of seconds, e.g. `1764072000.25`.
    private static func microseconds(_ text: Substring) -> Int64? {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard !text.isEmpty, parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy { $0.isASCII && $0.isNumber } }),
            parts[0].count <= 12, let seconds = Int64(parts[0])
        else { return nil }
        guard parts.count == 2 else { return seconds * 1_000_000 }
        let digits = parts[1].prefix(6) + String(repeating: "0", count: max(0, 6 - parts[1].count))
        return Int64(digits).map { seconds * 1_000_000 + $0 }
    }

    private static func microseconds(_ text: String) -> Int64? { microseconds(Substring(text)) }
}
