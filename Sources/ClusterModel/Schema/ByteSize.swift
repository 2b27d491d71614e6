/// Sizes as PostgreSQL writes them; its units are powers of 1024 and case-sensitive (PostgreSQL documentation,
/// "Parameter Names and Values").
enum ByteSize {
    static let pattern = "^(0|[1-9][0-9]*)( ?(kB|MB|GB))?$"

    static func parse(_ text: String) -> Int? {
        let digits = text.prefix { ("0"..."9").contains($0) }
        guard YAMLValue.isDecimal(String(digits)), let number = Int(digits) else { return nil }
        let rest = text.dropFirst(digits.count)
        let shift: Int
        switch rest.first == " " && rest.count > 1 ? rest.dropFirst() : rest {
        case "": shift = 0
        case "kB": shift = 10
        case "MB": shift = 20
        case "GB": shift = 30
        default: return nil
        }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: 1 << shift)
        return overflow ? Int.max : bytes
    }
}
