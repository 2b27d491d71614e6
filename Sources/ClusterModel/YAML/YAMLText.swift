/// Text as it must be written in YAML to be read back as the same text.
enum YAMLText {
    static func scalar(_ text: String) -> String {
        let isPlain = YAMLValue(content: .scalar(text, isPlain: true), position: TextPosition()).kind == .text
        let isSimple = text.utf8.allSatisfy { $0.isLetter || $0.isDigit || $0.isOne(of: ".:-_") }
        let isNull = ["", "null", "Null", "NULL"].contains(text)
        let edges = [text.utf8.first, text.utf8.last].compactMap(\.self)
        if isPlain, isSimple, !isNull, !edges.contains(where: { $0.isOne(of: ":-") }) { return text }
        return quoted(text)
    }

    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case _ where scalar.properties.generalCategory == .control || (0x2028...0x202E).contains(scalar.value):
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
