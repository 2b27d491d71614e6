// The JSON schema, with which editors complete and check cluster.yml.
extension ClusterSchema {
    /// Draft 7, which the YAML language server knows best.
    ///
    /// It says less than `ClusterFile` checks: what concerns several keys is not in it.
    package static var json: String {
        let head: [(key: String, value: SchemaJSON)] = [
            ("$schema", .string("http://json-schema.org/draft-07/schema#")),
            ("title", .string("cluster.yml of pgha-node")),
        ]
        return SchemaJSON.object(head + section(keys)).rendered() + "\n"
    }

    private static func section(_ keys: [SchemaKey], isOptional: Bool = false) -> [(key: String, value: SchemaJSON)] {
        var members: [(key: String, value: SchemaJSON)] = [
            ("type", type("object", isOptional: isOptional && !keys.contains(where: \.isRequired))),
            ("additionalProperties", .boolean(false)),
        ]
        let required = keys.filter(\.isRequired).map { SchemaJSON.string($0.name) }
        if !required.isEmpty { members.append(("required", .array(required))) }
        members.append(("properties", .object(keys.map { ($0.name, property($0)) })))
        return members
    }

    private static func property(_ key: SchemaKey) -> SchemaJSON {
        var members: [(key: String, value: SchemaJSON)] = [("description", .string(key.summary))]
        if let value = key.defaultText.flatMap({ defaultValue($0, key.type) }) { members.append(("default", value)) }
        return .object(members + schema(key.type, isOptional: !key.isRequired))
    }

    private static func defaultValue(_ text: String, _ type: SchemaType) -> SchemaJSON? {
        switch type {
        case .integer: Int(text).map(SchemaJSON.integer)
        case .boolean: .boolean(text == "true")
        case .entries, .section: .object([])
        case .list: .array([])
        default: .string(text)
        }
    }

    /// An optional map or list may also be left empty, which YAML reads as null.
    private static func schema(_ type: SchemaType, isOptional: Bool = true) -> [(key: String, value: SchemaJSON)] {
        switch type {
        case .text(let form): [("type", .string("string")), ("pattern", .string(form.pattern))]
        case .integer(let range): integer(range)
        case .boolean: [("type", .string("boolean"))]
        case .choice(let choice): [("enum", .array(choice.values.map(SchemaJSON.string)))]
        case .size(let range):
            [
                (
                    "anyOf",
                    .array([
                        .object(integer(range)),
                        .object([("type", .string("string")), ("pattern", .string(ByteSize.pattern))]),
                    ])
                )
            ]
        case .scalar: [("type", .array(["string", "number", "boolean"].map(SchemaJSON.string)))]
        case .section(let keys): section(keys, isOptional: isOptional)
        case .entries(let inner): entries(inner, isOptional: isOptional)
        case .list(let element):
            [("type", self.type("array", isOptional: isOptional)), ("items", .object(schema(element)))]
        case .either(let first, let second):
            [("anyOf", .array([first, second].map { .object(schema($0, isOptional: isOptional)) }))]
        }
    }

    private static func integer(_ range: ClosedRange<Int>) -> [(key: String, value: SchemaJSON)] {
        [
            ("type", .string("integer")),
            ("minimum", .integer(range.lowerBound)),
            ("maximum", .integer(range.upperBound)),
        ]
    }

    private static func entries(
        _ entries: SchemaType.Entries, isOptional: Bool
    ) -> [(key: String, value: SchemaJSON)] {
        var members: [(key: String, value: SchemaJSON)] = [
            ("type", type("object", isOptional: isOptional)),
            ("additionalProperties", .boolean(false)),
        ]
        if !isOptional { members.append(("minProperties", .integer(1))) }
        if !entries.refused.isEmpty {
            let names = SchemaJSON.array(entries.refused.map(SchemaJSON.string))
            members.append(("propertyNames", .object([("not", .object([("enum", names)]))])))
        }
        members.append(
            ("patternProperties", .object([(entries.key.pattern, .object(schema(entries.value, isOptional: true)))])))
        return members
    }

    private static func type(_ name: String, isOptional: Bool) -> SchemaJSON {
        isOptional ? .array([.string(name), .string("null")]) : .string(name)
    }
}
