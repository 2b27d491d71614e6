// Single values.
extension SchemaChecker {
    /// That the kind of YAML is right.
    func require(_ subject: Subject, _ type: SchemaType) throws(NodeFailure) {
        let kind = subject.value.kind
        if type.fits(kind) { return }
        guard kind != .nothing else { throw noValue(subject) }
        throw source.failure(
            "\(subject.name) must be \(type.noun), not \(kind.description)", at: subject.value.position,
            hint: hint(for: type, kind))
    }

    func noValue(_ subject: Subject, hint: String = "Give it one, or remove the line.") -> NodeFailure {
        source.failure("\(subject.name) has no value", at: subject.position, hint: hint)
    }

    private func hint(for type: SchemaType, _ kind: YAMLValue.Kind) -> String? {
        switch (type, kind) {
        case (.text, .number), (.text, .boolean), (.choice, .number), (.choice, .boolean), (.either, .number):
            "If it is text, put it in quotes."
        case (.integer, .text), (.boolean, .text): "Write it without quotes and without a unit."
        case (.section, _), (.entries, _): "Write its keys in lines of their own below it, indented by two spaces."
        case (.list, _): "Write [one, two], or each in a line of its own that begins with \"- \"."
        default: nil
        }
    }

    func checkScalar(_ subject: Subject, _ type: SchemaType) throws(NodeFailure) {
        try require(subject, type)
        let text = subject.value.text ?? ""
        switch type {
        case .text(let form):
            guard let problem = form.problem(text) else { return }
            throw source.failure(
                problem.message, at: subject.value.position, detail: problem.detail, hint: problem.hint)
        case .integer(let range): try checkInteger(subject, range)
        case .size(let range): try checkSize(subject, range)
        case .choice(let choice):
            guard !choice.values.contains(text) else { return }
            let nearest = Spelling.nearest(to: text, of: choice.values).map { "Did you mean \"\($0)\"? " } ?? ""
            throw source.failure(
                "there is no \(choice.noun) \(text.quoted)", at: subject.value.position, hint: nearest + choice.hint)
        case .scalar: try refuseControlCharacters(subject, text)
        default: break
        }
    }

    private func checkInteger(_ subject: Subject, _ range: ClosedRange<Int>) throws(NodeFailure) {
        let text = subject.value.text ?? ""
        if let number = subject.value.integer, range.contains(number) { return }
        let digits = text.hasPrefix("-") ? String(text.dropFirst()) : text
        guard YAMLValue.isDecimal(digits) else {
            throw source.failure(
                "\(subject.name) must be a whole number, not \(text.quoted)", at: subject.value.position,
                hint: "Write decimal digits only.")
        }
        throw outOfRange(subject, range)
    }

    private func checkSize(_ subject: Subject, _ range: ClosedRange<Int>) throws(NodeFailure) {
        let text = subject.value.text ?? ""
        guard let size = ByteSize.parse(text) else {
            throw source.failure(
                "\(subject.name) must be \(SchemaType.size(range).noun), not \(text.quoted)",
                at: subject.value.position,
                hint: "Units are kB, MB and GB, written like this.")
        }
        if !range.contains(size) { throw outOfRange(subject, range) }
    }

    private func outOfRange(_ subject: Subject, _ range: ClosedRange<Int>) -> NodeFailure {
        let text = subject.value.text ?? ""
        return source.failure(
            "\(subject.name) must be from \(range.lowerBound) to \(range.upperBound), not \(text.quoted)",
            at: subject.value.position)
    }

    private func refuseControlCharacters(_ subject: Subject, _ text: String) throws(NodeFailure) {
        guard let character = text.firstControlCharacter else { return }
        throw source.failure(
            "\(subject.name) has the control character \(character.notation)", at: subject.value.position,
            hint: "Write the value in one line, without escapes such as \\n.")
    }
}

extension String {
    /// A file has none, but an escape in double quotes or a text of several lines can make one.
    var firstControlCharacter: Unicode.Scalar? {
        unicodeScalars.first { $0.properties.generalCategory == .control }
    }
}
