/// Compares a file with a schema, in the order of the file, and throws for the first thing that does not fit.
struct SchemaChecker {
    var source: ConfigSource

    /// A value, where it is in the file, and what people call it.
    struct Subject {
        var value: YAMLValue
        var path: [String]
        /// Where errors about a missing value point to.
        var position: TextPosition

        var name: String { path.isEmpty ? "the file" : path.joined(separator: ".").quoted }

        func child(_ field: YAMLField) -> Subject {
            Subject(value: field.value, path: path + [field.key], position: field.position)
        }

        func element(_ value: YAMLValue) -> Subject {
            Subject(value: value, path: path, position: value.position)
        }
    }

    func check(_ root: YAMLValue, against type: SchemaType) throws(NodeFailure) {
        try check(Subject(value: root, path: [], position: root.position), type)
    }

    private func check(_ subject: Subject, _ type: SchemaType) throws(NodeFailure) {
        switch type {
        case .section(let keys): try checkSection(subject, keys)
        case .entries(let entries): try checkEntries(subject, entries)
        case .list(let element):
            try require(subject, type)
            for value in subject.value.elements { try check(subject.element(value), element) }
        case .either(let first, let second):
            try require(subject, type)
            try check(subject, first.fits(subject.value.kind) ? first : second)
        default: try checkScalar(subject, type)
        }
    }

    private func checkSection(_ subject: Subject, _ keys: [SchemaKey]) throws(NodeFailure) {
        try require(subject, .section(keys))
        for field in subject.value.fields {
            guard let key = keys.first(where: { $0.name == field.key }) else {
                throw noSuchKey(field, in: subject, keys)
            }
            if key.isRequired, field.value.kind == .nothing {
                throw noValue(subject.child(field), hint: key.summary)
            }
            try check(subject.child(field), key.type)
        }
        for key in keys where key.isRequired && !subject.value.fields.contains(where: { $0.key == key.name }) {
            throw source.failure(
                "\((subject.path + [key.name]).joined(separator: ".").quoted) is missing", at: subject.position,
                hint: key.summary)
        }
    }

    private func checkEntries(_ subject: Subject, _ entries: SchemaType.Entries) throws(NodeFailure) {
        try require(subject, .entries(entries))
        for field in subject.value.fields {
            if let problem = entries.key.problem(field.key) {
                throw source.failure(problem.message, at: field.position, detail: problem.detail, hint: problem.hint)
            }
            try check(subject.child(field), entries.value)
        }
    }

    private func noSuchKey(_ field: YAMLField, in subject: Subject, _ keys: [SchemaKey]) -> NodeFailure {
        let place = subject.path.isEmpty ? "" : " in \(subject.name)"
        let names = keys.map(\.name)
        let hint =
            if let nearest = Spelling.nearest(to: field.key, of: names) {
                "Did you mean \"\(nearest)\"?"
            } else if let section = ClusterSchema.section(of: field.key) {
                "It belongs in \"\(section)\". Keys here are \(names.listed())."
            } else {
                "Keys here are \(names.listed())."
            }
        return source.failure("there is no key \(field.key.quoted)\(place)", at: field.position, hint: hint)
    }
}

extension ClusterSchema {
    /// The section that has this key.
    fileprivate static func section(of name: String) -> String? {
        for key in keys {
            if case .section(let inner) = key.type, inner.contains(where: { $0.name == name }) { return key.name }
        }
        return nil
    }
}
