/// Text of others that is safe to print: what would move the cursor, set a colour or turn the writing is shown by its number.
package enum TerminalText {
    /// Bytes that are not UTF-8 become U+FFFD; line feeds and tabs stay.
    package static func safe(_ bytes: [UInt8]) -> String { safe(String(decoding: bytes, as: UTF8.self)) }

    package static func safe(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isUnsafe) else { return text }
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if isUnsafe(scalar) {
                result.append(contentsOf: escape(scalar).unicodeScalars)
            } else {
                result.append(scalar)
            }
        }
        return String(result)
    }

    /// Adds it to `output`, with further lines `indent` columns to the right. Plain ASCII, which is nearly all, goes through as it is.
    package static func addSafe(_ bytes: [UInt8], indent: Int, to output: inout [UInt8]) {
        if bytes.allSatisfy({ $0 >= 0x20 && $0 < 0x7F || $0 == 0x09 }) {
            output += bytes
            return
        }
        let text = safe(bytes)
        let margin = "\n" + String(repeating: " ", count: indent)
        output += text.replacing("\n", with: margin).utf8
    }

    /// JSON text with the control characters escaped that JSON itself would let through (RFC 8259, section 7).
    package static func safeJSON(_ json: String) -> String {
        guard json.unicodeScalars.contains(where: isUnsafe) else { return json }
        var result = ""
        for scalar in json.unicodeScalars {
            if isUnsafe(scalar) {
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// C0, DEL and C1, and the controls that turn the direction of writing (Unicode, "Bidirectional Algorithm").
    private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A: false
        case 0..<0x20, 0x7F..<0xA0, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        return scalar.value < 0x100 ? "\\x" + (digits.count < 2 ? "0" : "") + digits : "\\u{\(digits)}"
    }
}
