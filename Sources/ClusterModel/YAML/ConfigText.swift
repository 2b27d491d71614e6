/// The bytes of a configuration file as text that is safe to parse.
enum ConfigText {
    /// A cluster.yml has a few kilobytes; whatever is this large is another file.
    static let maximumSize = 1 << 20

    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    static func decode(_ bytes: [UInt8], from source: ConfigSource) throws(NodeFailure) -> String {
        guard bytes.count <= maximumSize else {
            throw source.failure(
                "the file is larger than 1 MiB", at: TextPosition(), detail: "It has \(bytes.count) bytes.",
                hint: "A file of this kind has a few kilobytes. Check that it is the right one.")
        }
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            throw source.failure("the file is UTF-16, not UTF-8", at: TextPosition(), hint: "Save it as UTF-8.")
        }
        let content = bytes.starts(with: byteOrderMark) ? Array(bytes.dropFirst(byteOrderMark.count)) : bytes
        guard let text = String(validating: content, as: UTF8.self) else {
            throw source.failure(
                "the file is not valid UTF-8", at: positionOfInvalidByte(content),
                hint: "Save it as UTF-8, or check that it is the right file.")
        }
        try refuseControlCharacters(text, source)
        return text
    }

    private static func positionOfInvalidByte(_ bytes: [UInt8]) -> TextPosition {
        var position = TextPosition()
        var parser = Unicode.UTF8.ForwardParser()
        var iterator = bytes.makeIterator()
        var previous: Unicode.Scalar?
        while case .valid(let encoded) = parser.parseScalar(from: &iterator) {
            let scalar = Unicode.UTF8.decode(encoded)
            position.advance(over: scalar, after: previous)
            previous = scalar
        }
        return position
    }

    private static func refuseControlCharacters(_ text: String, _ source: ConfigSource) throws(NodeFailure) {
        var position = TextPosition()
        var previous: Unicode.Scalar?
        for scalar in text.unicodeScalars {
            guard isAllowed(scalar) else {
                throw source.failure(
                    "the file has the control character \(scalar.notation)", at: position,
                    hint: "Remove it; the file must be plain text.")
            }
            position.advance(over: scalar, after: previous)
            previous = scalar
        }
    }

    /// What YAML allows (YAML 1.1, c-printable), less line breaks that editors do not show as such and less what turns
    /// the direction of text, so that a file is what it looks like.
    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A, 0x0D, 0x20...0x7E: true
        case 0x2028...0x202E, 0x2066...0x2069, 0xFEFF, 0xFFFE, 0xFFFF: false
        default: scalar.value >= 0xA0
        }
    }
}

extension TextPosition {
    /// A line ends with LF, CR or both, as in YAML.
    mutating func advance(over scalar: Unicode.Scalar, after previous: Unicode.Scalar?) {
        switch scalar {
        case "\n" where previous == "\r": break
        case "\n", "\r":
            line += 1
            column = 1
        default: column += 1
        }
    }
}
