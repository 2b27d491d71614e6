/// A JSON value whose keys keep their order.
enum SchemaJSON {
    case string(String)
    case integer(Int)
    case boolean(Bool)
    case array([SchemaJSON])
    case object([(key: String, value: SchemaJSON)])

    /// Indented by two spaces; arrays of short values stay on one line.
    func rendered(indentation: String = "") -> String {
        let inner = indentation + "  "
        switch self {
        case .string(let text): return Self.quote(text)
        case .integer(let number): return String(number)
        case .boolean(let value): return String(value)
        case .array(let elements):
            if elements.allSatisfy(\.isShort) {
                return "[" + elements.map { $0.rendered() }.joined(separator: ", ") + "]"
            }
            let lines = elements.map { inner + $0.rendered(indentation: inner) }
            return "[\n" + lines.joined(separator: ",\n") + "\n\(indentation)]"
        case .object(let members):
            if members.isEmpty { return "{}" }
            let lines = members.map { "\(inner)\(Self.quote($0.key)): \($0.value.rendered(indentation: inner))" }
            return "{\n" + lines.joined(separator: ",\n") + "\n\(indentation)}"
        }
    }

    private var isShort: Bool {
        switch self {
        case .string, .integer, .boolean: true
        case .object(let members): members.isEmpty
        case .array: false
        }
    }

    /// The schema's texts are ours and have no control characters.
    private static func quote(_ text: String) -> String {
        "\"" + text.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined() + "\""
    }
}
