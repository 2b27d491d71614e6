/// Looks through YAML before it is parsed, for what must not reach the parser: anchors, aliases, tags, and nesting
/// without end.
///
/// The parser is recursive, so that the depth of a file is the depth of its stack; and it resolves aliases while it
/// looks for duplicate keys, which takes time that is exponential in the number of aliases.
struct YAMLScan {
    /// Twice of what a cluster.yml needs.
    private static let maximumDepth = 16

    private let scalars: [Unicode.Scalar]
    private let source: ConfigSource
    private var index = 0
    private var position = TextPosition()
    private var flowDepth = 0
    /// The columns of the block collections that are open.
    private var columns: [Int] = []

    private init(_ text: String, _ source: ConfigSource) {
        scalars = Array(text.unicodeScalars)
        self.source = source
    }

    static func check(_ text: String, from source: ConfigSource) throws(NodeFailure) {
        var scan = YAMLScan(text, source)
        while let next = scan.peek() {
            try scan.takeToken(next)
        }
    }

    private mutating func takeToken(_ first: Unicode.Scalar) throws(NodeFailure) {
        switch first {
        case " ", "\t", "\r", "\n", ",": advance()
        case "#": skipLine()
        case "%" where position.column == 1: skipLine()
        case "-" where isDocumentMarker, "." where isDocumentMarker:
            for _ in 1...3 { advance() }
            columns = []
        case "&", "*", "!": throw refusal(first)
        case "[", "{":
            flowDepth += 1
            advance()
            try checkDepth()
        case "]", "}":
            flowDepth = max(0, flowDepth - 1)
            advance()
        case "\"", "'":
            let column = position.column
            skipQuoted(first)
            try noteKey(at: column)
        case "|" where flowDepth == 0, ">" where flowDepth == 0: skipBlockScalar()
        case "-" where isBlank(after: 1), "?" where isIndicator, ":" where isIndicator:
            try openBlock(at: position.column)
            advance()
        default:
            let column = position.column
            skipPlain()
            try noteKey(at: column)
        }
    }

    /// `?` and `:` need no space after them between brackets (libyaml).
    private var isIndicator: Bool { flowDepth > 0 || isBlank(after: 1) }

    private var isDocumentMarker: Bool {
        position.column == 1 && peek(1) == peek() && peek(2) == peek() && isBlank(after: 3)
    }

    private mutating func skipPlain() {
        repeat { advance() } while !isAtEndOfPlain
    }

    private var isAtEndOfPlain: Bool {
        switch peek() {
        case nil, "\n", "\r": true
        case ":": isBlank(after: 1)
        case "#": peek(-1) == " " || peek(-1) == "\t"
        case ",", "[", "]", "{", "}": flowDepth > 0
        default: false
        }
    }

    private mutating func skipQuoted(_ quote: Unicode.Scalar) {
        advance()
        while let next = peek() {
            advance()
            if next == "\\", quote == "\"" {
                advance()
            } else if next == quote {
                guard quote == "'", peek() == "'" else { return }
                advance()
            }
        }
    }

    /// The text of a block scalar is indented more than the collection it is in.
    private mutating func skipBlockScalar() {
        let parent = columns.last ?? 0
        skipLine()
        while peek() != nil {
            let indentation = indentationOfLine()
            guard isLineBreak(peek(indentation)) || indentation >= parent else { return }
            skipLine()
        }
    }

    private func indentationOfLine() -> Int {
        var count = 0
        while peek(count) == " " { count += 1 }
        return count
    }

    private mutating func skipLine() {
        while !isLineBreak(peek()) { advance() }
        if peek() == "\r", peek(1) == "\n" { advance() }
        advance()
    }

    /// What was skipped last is a key if a colon follows.
    private mutating func noteKey(at column: Int) throws(NodeFailure) {
        var distance = 0
        while peek(distance) == " " { distance += 1 }
        if peek(distance) == ":", isBlank(after: distance + 1) { try openBlock(at: column) }
    }

    private mutating func openBlock(at column: Int) throws(NodeFailure) {
        guard flowDepth == 0 else { return }
        while let last = columns.last, last >= column { columns.removeLast() }
        columns.append(column)
        try checkDepth()
    }

    private func checkDepth() throws(NodeFailure) {
        guard columns.count + flowDepth > Self.maximumDepth else { return }
        throw source.failure(
            "the file is nested deeper than \(Self.maximumDepth) levels", at: position,
            hint: "Check that it is the right file.")
    }

    private func refusal(_ character: Unicode.Scalar) -> NodeFailure {
        let quotes = "If the text shall begin with \"\(character)\", put it in quotes."
        return switch character {
        case "&":
            source.failure(
                "anchors are not allowed", at: position, hint: "Write the value where it is needed. \(quotes)")
        case "*":
            source.failure(
                "aliases are not allowed", at: position,
                detail: "A few lines with aliases can stand for a file of any size.",
                hint: "Write the value where it is needed. \(quotes)")
        default:
            source.failure("tags are not allowed", at: position, hint: "Write the plain value. \(quotes)")
        }
    }
}

// The characters ahead.
extension YAMLScan {
    private func peek(_ distance: Int = 0) -> Unicode.Scalar? {
        scalars.indices.contains(index + distance) ? scalars[index + distance] : nil
    }

    private func isLineBreak(_ scalar: Unicode.Scalar?) -> Bool {
        scalar == nil || scalar == "\n" || scalar == "\r"
    }

    private func isBlank(after distance: Int) -> Bool {
        let scalar = peek(distance)
        return scalar == " " || scalar == "\t" || isLineBreak(scalar)
    }

    private mutating func advance() {
        guard let scalar = peek() else { return }
        position.advance(over: scalar, after: peek(-1))
        index += 1
    }
}
