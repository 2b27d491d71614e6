/// A length of time as people write it: `90`, `90s`, `30min`, `1h 30m` (systemd.time(7), the common part of it).
package enum TimeSpan {
    /// Whole seconds, at least 1; nil if the text is not a length of time.
    package static func seconds(_ text: String) -> Int? {
        var total = 0
        var rest = Substring(text.filter { !$0.isWhitespace })
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            guard let number = Int(digits), number < 100_000_000 else { return nil }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { $0.isLetter }
            rest = rest.dropFirst(unit.count)
            guard let factor = factor(of: String(unit)) else { return nil }
            total += number * factor
        }
        return total > 0 ? total : nil
    }

    private static func factor(of unit: String) -> Int? {
        switch unit {
        case "", "s", "sec", "second", "seconds": 1
        case "m", "min", "minute", "minutes": 60
        case "h", "hr", "hour", "hours": 3600
        case "d", "day", "days": 86400
        default: nil
        }
    }

    /// The two largest units, e.g. `3 h 12 min`.
    package static func text(ofSeconds seconds: Int) -> String {
        switch seconds {
        case ..<60: "\(seconds) s"
        case ..<3600: "\(seconds / 60) min \(seconds % 60) s"
        case ..<86400: "\(seconds / 3600) h \(seconds % 3600 / 60) min"
        default: "\(seconds / 86400) d \(seconds % 86400 / 3600) h"
        }
    }
}
