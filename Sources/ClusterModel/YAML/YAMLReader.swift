import Yams

/// Reads one YAML document without the parts of YAML that surprise.
enum YAMLReader {
    /// Returns nil for a file in which there is nothing.
    static func read(_ bytes: [UInt8], from source: ConfigSource) throws(NodeFailure) -> YAMLValue? {
        let text = try ConfigText.decode(bytes, from: source)
        try YAMLScan.check(text, from: source)
        guard let node = try compose(text, from: source) else { return nil }
        let value = try convert(node, source)
        return value.kind == .nothing ? nil : value
    }

    private static func compose(_ text: String, from source: ConfigSource) throws(NodeFailure) -> Node? {
        do {
            return try parse(text)
        } catch let error as YamlError {
            throw YAMLProblem(error: error, text: text, source: source).failure
        } catch {
            throw source.failure("the file is not valid YAML", at: TextPosition(), detail: "\(error)")
        }
    }

    /// Resolves nothing: with Yams' own rules every scalar would be matched against seven regular expressions, and text
    /// could not be told from what looks like a number.
    static func parse(_ text: String) throws -> Node? {
        try Yams.compose(yaml: text, .basic, .default, .utf8)
    }

    private static func convert(_ node: Node, _ source: ConfigSource) throws(NodeFailure) -> YAMLValue {
        let position = TextPosition(node.mark)
        switch node {
        case .scalar(let scalar):
            let isPlain = scalar.style == .plain
            if isPlain, ["", "~", "null", "Null", "NULL"].contains(scalar.string) {
                return YAMLValue(content: .nothing, position: position)
            }
            return YAMLValue(content: .scalar(scalar.string, isPlain: isPlain), position: position)
        case .sequence(let sequence):
            var elements: [YAMLValue] = []
            for element in sequence { elements.append(try convert(element, source)) }
            return YAMLValue(content: .list(elements), position: position)
        case .mapping(let mapping):
            var fields: [YAMLField] = []
            for (key, value) in mapping { fields.append(try field(key, value, source)) }
            return YAMLValue(content: .map(fields), position: position)
        case .alias:
            throw source.failure("aliases are not allowed", at: position)
        }
    }

    private static func field(
        _ key: Node, _ value: Node, _ source: ConfigSource
    ) throws(NodeFailure) -> YAMLField {
        let position = TextPosition(key.mark)
        guard case .scalar(let scalar) = key else {
            throw source.failure("a key must be text", at: position, hint: "Write \"key: value\".")
        }
        if scalar.string == "<<", scalar.style == .plain {
            throw source.failure(
                "merge keys are not allowed", at: position, hint: "Write the keys where they are needed.")
        }
        return YAMLField(key: scalar.string, position: position, value: try convert(value, source))
    }
}

extension TextPosition {
    init(_ mark: Mark?) {
        self.init(line: mark?.line ?? 1, column: mark?.column ?? 1)
    }
}
