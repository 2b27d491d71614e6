/// What a YAML file says, and where it says it.
struct YAMLValue: Sendable {
    enum Content: Sendable {
        case nothing
        case scalar(String, isPlain: Bool)
        case list([YAMLValue])
        case map([YAMLField])
    }

    var content: Content
    var position: TextPosition
}

struct YAMLField: Sendable {
    var key: String
    var position: TextPosition
    var value: YAMLValue
}

extension YAMLValue {
    /// What a value looks like to a person.
    enum Kind: Equatable, Sendable {
        case nothing
        case text
        case boolean
        case number
        case list
        case map

        /// With its article.
        var description: String {
            switch self {
            case .nothing: "nothing"
            case .text: "text"
            case .boolean: "true or false"
            case .number: "a number"
            case .list: "a list"
            case .map: "a map"
            }
        }
    }

    var kind: Kind {
        switch content {
        case .nothing: .nothing
        case .scalar(let text, let isPlain):
            isPlain ? Self.kind(ofPlain: text) : .text
        case .list: .list
        case .map: .map
        }
    }

    private static func kind(ofPlain text: String) -> Kind {
        if boolean(text) != nil { return .boolean }
        return isNumber(text) ? .number : .text
    }

    var isScalar: Bool {
        if case .scalar = content { true } else { false }
    }

    /// A scalar exactly as it is written, without its quotes.
    var text: String? {
        if case .scalar(let text, _) = content { text } else { nil }
    }

    var boolean: Bool? {
        if case .scalar(let text, isPlain: true) = content { Self.boolean(text) } else { nil }
    }

    /// A decimal number without a sign, leading zeros or underscores, which mean something else to YAML.
    var integer: Int? {
        guard case .scalar(let text, isPlain: true) = content, Self.isDecimal(text) else { return nil }
        return Int(text)
    }

    var elements: [YAMLValue] {
        if case .list(let elements) = content { elements } else { [] }
    }

    var fields: [YAMLField] {
        if case .map(let fields) = content { fields } else { [] }
    }

    /// The value of a key, `nothing` where there is none.
    subscript(_ key: String) -> YAMLValue {
        fields.first { $0.key == key }?.value ?? YAMLValue(content: .nothing, position: position)
    }

    static func isDecimal(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) } && (text == "0" || !text.hasPrefix("0"))
    }

    /// YAML 1.1's, since `on` and `off` are what PostgreSQL's people write.
    private static func boolean(_ text: String) -> Bool? {
        switch text {
        case "true", "True", "TRUE", "on", "On", "ON", "yes", "Yes", "YES": true
        case "false", "False", "FALSE", "off", "Off", "OFF", "no", "No", "NO": false
        default: nil
        }
    }

    private static func isNumber(_ text: String) -> Bool {
        let unsigned = text.first == "-" || text.first == "+" ? text.dropFirst() : text[...]
        // Double also takes words such as "nan".
        guard let first = unsigned.utf8.first, (0x30...0x39).contains(first) || first == 0x2E else { return false }
        return Double(text) != nil
    }
}
