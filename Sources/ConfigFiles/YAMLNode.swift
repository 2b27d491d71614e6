/// A YAML document to be written. Every string is quoted, so that no value is ever read as a number, a Boolean or a comment.
indirect enum YAMLNode: Sendable {
    case string(String)
    case integer(Int)
    case boolean(Bool)
    case list([YAMLNode])
    case map([YAMLEntry])

    /// Block style for lists and maps, ending with a line feed.
    var yaml: String { block(indent: 0) }

    /// The same as JSON on one line, without the comments.
    var json: String {
        switch self {
        case .list(let items): "[" + items.map(\.json).joined(separator: ", ") + "]"
        case .map(let entries):
            "{" + entries.map { "\(Self.quoted($0.key)): \($0.value.json)" }.joined(separator: ", ") + "}"
        default: scalar
        }
    }

    private var scalar: String {
        switch self {
        case .string(let text): Self.quoted(text)
        case .integer(let number): String(number)
        case .boolean(let flag): flag ? "true" : "false"
        case .list: "[]"
        case .map: "{}"
        }
    }

    private var isBlock: Bool {
        switch self {
        case .list(let items): !items.isEmpty
        case .map(let entries): !entries.isEmpty
        case .string, .integer, .boolean: false
        }
    }

    private func block(indent: Int) -> String {
        let margin = String(repeating: " ", count: indent)
        switch self {
        case .list(let items):
            return items.map { item in
                // The first key of a map in a list stands on the line of the dash.
                item.isBlock
                    ? "\(margin)- \(item.block(indent: indent + 2).dropFirst(indent + 2))"
                    : "\(margin)- \(item.scalar)\n"
            }.joined()
        case .map(let entries):
            return entries.map { entry in
                let comments = entry.comments.map { "\(margin)# \($0)\n" }.joined()
                let key = "\(margin)\(Self.isPlain(entry.key) ? entry.key : Self.quoted(entry.key)):"
                let value =
                    entry.value.isBlock ? "\n\(entry.value.block(indent: indent + 2))" : " \(entry.value.scalar)\n"
                return comments + key + value
            }.joined()
        case .string, .integer, .boolean:
            return "\(margin)\(scalar)\n"
        }
    }

    private static func isPlain(_ key: String) -> Bool {
        guard let first = key.utf8.first, isLetter(first) else { return false }
        return key.utf8.allSatisfy { isLetter($0) || (0x30...0x39).contains($0) || "_-.".utf8.contains($0) }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }

    /// A double-quoted scalar, which is the same in YAML and in JSON (YAML 1.2, 7.3.1).
    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value):
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

struct YAMLEntry: Sendable {
    var key: String
    var value: YAMLNode
    var comments: [String]

    init(_ key: String, _ value: YAMLNode, comments: String...) {
        self.key = key
        self.value = value
        self.comments = comments
    }
}

extension YAMLNode: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
    init(stringLiteral value: String) { self = .string(value) }
    init(integerLiteral value: Int) { self = .integer(value) }
    init(booleanLiteral value: Bool) { self = .boolean(value) }
}
