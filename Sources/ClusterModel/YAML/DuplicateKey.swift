import Yams

/// A key that is twice in one map.
///
/// Yams says where the first is, and people look for the second. To find it, the first is made another key, by a
/// character that no file has, and the file is parsed again.
struct DuplicateKey {
    var key: String
    var first: TextPosition
    var text: String

    func failure(in source: ConfigSource) -> NodeFailure {
        let name = source.mayBeQuoted ? "the key \(key.quoted)" : "a key"
        guard let second else { return source.failure("\(name) is there twice", at: first) }
        return source.failure(
            "\(name) is there twice", at: second, hint: "Remove one of them; the first is in line \(first.line).")
    }

    private var second: TextPosition? {
        guard var scalars = replacingFirst() else { return nil }
        var others: [TextPosition] = []
        // A file with more duplicates than this gets the position of the first one.
        for attempt in 1...8 {
            do {
                let root = try YAMLReader.parse(String(scalars))
                return root.flatMap { find(in: $0, or: others) }
            } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
                let position = TextPosition(context.mark)
                guard let offset = offsetOfKey(at: position) else { return nil }
                if keys.first == key { others.append(position) }
                scalars.replace(at: offset, with: UInt32(attempt))
            } catch {
                return nil
            }
        }
        return nil
    }

    private func replacingFirst() -> String.UnicodeScalarView? {
        // What is larger is no file that a person wrote, and each attempt parses all of it.
        guard !key.isEmpty, text.utf8.count <= 1 << 16, let offset = offsetOfKey(at: first) else { return nil }
        var scalars = text.unicodeScalars
        scalars.replace(at: offset, with: 0)
        return scalars
    }

    private func offsetOfKey(at position: TextPosition) -> Int? {
        guard let offset = text.offset(of: position) else { return nil }
        let isQuoted = ["\"", "'"].contains(text.unicodeScalars.dropFirst(offset).first)
        return isQuoted ? offset + 1 : offset
    }

    /// The key in the map in which the first one was; `others` are keys that were made other keys as well.
    private func find(in node: Node, or others: [TextPosition]) -> TextPosition? {
        switch node {
        case .scalar, .alias: return nil
        case .sequence(let sequence): return sequence.lazy.compactMap { find(in: $0, or: others) }.first
        case .mapping(let mapping):
            guard mapping.keys.contains(where: { TextPosition($0.mark) == first }) else {
                return mapping.lazy.compactMap { find(in: $0.value, or: others) }.first
            }
            return mapping.keys.first { $0.scalar?.string == key || others.contains(TextPosition($0.mark)) }
                .map { TextPosition($0.mark) }
        }
    }
}

extension String.UnicodeScalarView {
    /// Puts a character of the private use area in the place of another.
    fileprivate mutating func replace(at offset: Int, with number: UInt32) {
        guard let substitute = Unicode.Scalar(0xE000 + number) else { return }
        let place = index(startIndex, offsetBy: offset)
        replaceSubrange(place...place, with: CollectionOfOne(substitute))
    }
}
