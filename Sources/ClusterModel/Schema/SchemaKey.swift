/// A key of cluster.yml: what it may hold, and what is said about it.
struct SchemaKey: Sendable {
    var name: String
    var type: SchemaType
    var isRequired: Bool
    /// As it would stand in the file; nil where nothing is the default.
    var defaultText: String?
    /// One line.
    var summary: String

    init(_ name: String, _ type: SchemaType, default defaultText: String? = nil, _ summary: String) {
        self.name = name
        self.type = type
        self.isRequired = false
        self.defaultText = defaultText
        self.summary = summary
    }

    static func required(_ name: String, _ type: SchemaType, _ summary: String) -> SchemaKey {
        var key = SchemaKey(name, type, summary)
        key.isRequired = true
        return key
    }
}

/// What a value of cluster.yml may be.
indirect enum SchemaType: Sendable {
    case text(TextForm)
    case integer(ClosedRange<Int>)
    case boolean
    case choice(Choice)
    /// Bytes, or a number with one of PostgreSQL's units.
    case size(ClosedRange<Int>)
    /// Any text, number, or true or false.
    case scalar
    /// A map with these keys.
    case section([SchemaKey])
    /// A map whose keys the user chooses.
    case entries(Entries)
    case list(SchemaType)
    /// The one whose kind of YAML fits.
    case either(SchemaType, SchemaType)

    struct Choice: Sendable {
        /// Without an article, e.g. "service".
        var noun: String
        var values: [String]
        var hint: String
    }

    struct Entries: Sendable {
        var key: TextForm
        var value: SchemaType
        /// Names that are refused, for editors only; the reasons are in the rules.
        var refused: [String] = []
    }
}

extension SchemaType {
    /// With its article, for "must be …".
    var noun: String {
        switch self {
        case .text(let form): form.noun
        case .integer: "a whole number"
        case .boolean: "true or false"
        case .choice(let choice): choice.values.listed("or")
        case .size: "a number of bytes or a size such as 16MB"
        case .scalar: "text, a number, or true or false"
        case .section, .entries: "a map"
        case .list: "a list"
        case .either(let first, let second): "\(first.noun) or \(second.noun)"
        }
    }

    func fits(_ kind: YAMLValue.Kind) -> Bool {
        switch self {
        case .text, .choice: kind == .text
        case .integer: kind == .number
        case .boolean: kind == .boolean
        case .size: kind == .number || kind == .text
        case .scalar: kind == .number || kind == .text || kind == .boolean
        case .section(let keys): kind == .map || (kind == .nothing && !keys.contains(where: \.isRequired))
        case .entries: kind == .map || kind == .nothing
        case .list: kind == .list || kind == .nothing
        case .either(let first, let second): first.fits(kind) || second.fits(kind)
        }
    }
}
