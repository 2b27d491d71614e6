import Yams

/// An error of the parser, told in our words. None of the parser's own texts repeats anything out of the file.
struct YAMLProblem {
    var error: YamlError
    var text: String
    var source: ConfigSource

    var failure: NodeFailure {
        switch error {
        // What Yams calls a key that is not text.
        case .duplicatedKeysInMapping(let keys, let context) where keys.first == "<uncovertable>":
            source.failure("a key must be text", at: TextPosition(context.mark), hint: "Write \"key: value\".")
        case .duplicatedKeysInMapping(let keys, let context):
            DuplicateKey(key: keys.first ?? "", first: TextPosition(context.mark), text: text).failure(in: source)
        case .composer(_, "but found another document", let mark, _):
            source.failure(
                "the file has more than one document", at: TextPosition(mark),
                hint: "Remove the line \"---\" and what belongs to the other document.")
        // The end of the file is where an open quote was noticed; people look for where it begins.
        case .scanner(let context?, let problem, _, _) where problem == "found unexpected end of stream":
            syntaxError(problem, context: context, at: TextPosition(context.mark))
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            syntaxError(problem, context: context, at: TextPosition(mark))
        default:
            source.failure("the file is not valid YAML", at: TextPosition())
        }
    }

    private func syntaxError(_ problem: String, context: YamlError.Context?, at position: TextPosition) -> NodeFailure {
        if character(at: position) == "\t" {
            return source.failure(
                "a tab in the indentation", at: position, detail: "YAML does not allow tabs there.",
                hint: "Use spaces.")
        }
        var reason = problem
        if let context {
            reason = "\(context.text) that begins in line \(context.mark.line): \(problem)"
        }
        return source.failure(
            "the file is not valid YAML", at: position,
            detail: reason.prefix(1).uppercased() + reason.dropFirst() + ".",
            hint: "Check the indentation, the colons and the brackets here and in the line above. "
                + "Text with \": \", \" #\" or a special character at its beginning must be in quotes.")
    }

    private func character(at position: TextPosition) -> Unicode.Scalar? {
        guard let offset = text.offset(of: position) else { return nil }
        let scalars = text.unicodeScalars
        return scalars.dropFirst(offset).first
    }
}

extension String {
    /// The number of Unicode scalars before `position`; nil if there is nothing there.
    func offset(of position: TextPosition) -> Int? {
        var current = TextPosition()
        var previous: Unicode.Scalar?
        var offset = 0
        for scalar in unicodeScalars {
            if current == position { return offset }
            current.advance(over: scalar, after: previous)
            previous = scalar
            offset += 1
        }
        return nil
    }
}
