/// Settings of a YAML file that we rendered, by their path: `postgresql.parameters.work_mem` is `"64MB"`.
///
/// Not a parser of YAML: it knows the block style with two spaces that `YAMLNode` writes. What a person made of the file in
/// another style shows as a difference somewhere near, and that is all it is asked for.
package enum ConfigPaths {
    package static func settings(in text: String) -> [String: String] {
        var parents: [(indent: Int, key: String)] = []
        var found: [String: String] = [:]
        for line in text.split(separator: "\n") {
            let indent = line.prefix { $0 == " " }.count
            let content = line.dropFirst(indent)
            guard let first = content.first, first != "#" else { continue }
            while let last = parents.last, last.indent >= indent { parents.removeLast() }
            let path = parents.map(\.key)
            let parts = content.split(separator: ":", maxSplits: 1)
            guard !content.hasPrefix("- "), parts.count == 2 || content.hasSuffix(":") else {
                found[path.joined(separator: "."), default: ""] += content + "\n"
                continue
            }
            let key = String(parts[0].filter { $0 != "\"" })
            let value = parts.count == 2 ? String(parts[1].drop { $0 == " " }) : ""
            if value.isEmpty {
                parents.append((indent, key))
            } else {
                found[(path + [key]).joined(separator: ".")] = value
            }
        }
        return found
    }

    /// Paths whose value is another one, or that only one of the two has.
    package static func changed(from old: String, to new: String) -> Set<String> {
        let before = settings(in: old)
        let after = settings(in: new)
        return Set(before.keys).union(after.keys).filter { before[$0] != after[$0] }
    }
}
