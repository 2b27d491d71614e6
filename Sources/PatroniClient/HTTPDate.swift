import Foundation

/// The `Date` header of HTTP (RFC 9110, section 5.6.7), e.g. `Tue, 24 Nov 2026 14:26:16 GMT`.
enum HTTPDate {
    /// Seconds since 1970, or nil if the text is not such a date.
    static func seconds(_ text: String) -> Double? {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "GMT")
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss zzz"
        return formatter.date(from: text)?.timeIntervalSince1970
    }
}
