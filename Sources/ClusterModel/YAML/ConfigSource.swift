/// A place in a text file. Both numbers count from 1, the column in Unicode scalars.
struct TextPosition: Equatable, Sendable {
    var line = 1
    var column = 1
}

/// A file that is being read, and the errors that name a place in it.
struct ConfigSource: Sendable {
    var name: String
    /// False where what the file says may be a password: then no error repeats it, not even a key.
    var mayBeQuoted = true

    func failure(
        _ message: String, at position: TextPosition, detail: String? = nil, hint: String? = nil
    ) -> NodeFailure {
        NodeFailure(
            .invalidConfiguration, "\(name.printable):\(position.line):\(position.column): \(message)",
            detail: detail, hint: hint)
    }
}

extension String {
    /// In double quotes, cut after 60 characters, and without anything that a terminal would act on.
    var quoted: String {
        let limit = 60
        var text = ""
        var count = 0
        for scalar in unicodeScalars {
            if count == limit { return "\"\(text)…\"" }
            text += scalar.printable
            count += 1
        }
        return "\"\(text)\""
    }

    fileprivate var printable: String {
        unicodeScalars.map(\.printable).joined()
    }
}

extension Unicode.Scalar {
    /// The code point in the usual notation, e.g. `U+0007`.
    var notation: String {
        let digits = String(value, radix: 16, uppercase: true)
        return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    fileprivate var printable: String {
        switch properties.generalCategory {
        // Format characters turn the direction of the text that follows them (Unicode Standard Annex #9).
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned:
            "<\(notation)>"
        default: String(self)
        }
    }
}

extension [String] {
    /// `a, b and c`
    func listed(_ conjunction: String = "and") -> String {
        guard let last, count > 1 else { return first ?? "" }
        return dropLast().joined(separator: ", ") + " \(conjunction) " + last
    }
}
