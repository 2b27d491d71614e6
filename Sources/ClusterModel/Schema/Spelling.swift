/// Finds what a misspelt word was meant to be.
package enum Spelling {
    /// The nearest of `names`; nil if none is near.
    package static func nearest(to word: String, of names: [String]) -> String? {
        // Longer than any name, and the comparison takes the product of the lengths.
        guard word.utf8.count <= 64 else { return nil }
        let normal = word.lowercased().map { $0 == "-" || $0 == " " ? "_" : $0 }
        let distances = names.map { (name: $0, distance: distance(normal, Array($0))) }
        guard let best = distances.min(by: { $0.distance < $1.distance }) else { return nil }
        return best.distance <= 1 + min(word.count, best.name.count) / 4 ? best.name : nil
    }

    /// Insertions, deletions, replacements and exchanges of neighbours that lead from one to the other.
    static func distance(_ left: [Character], _ right: [Character]) -> Int {
        var rows = [Array(0...right.count)]
        for (i, character) in left.enumerated() {
            var row = [i + 1]
            for (j, other) in right.enumerated() {
                let replacement = rows[i][j] + (character == other ? 0 : 1)
                var best = min(rows[i][j + 1] + 1, row[j] + 1, replacement)
                if i > 0, j > 0, character == right[j - 1], left[i - 1] == other {
                    best = min(best, rows[i - 1][j - 1] + 1)
                }
                row.append(best)
            }
            rows.append(row)
        }
        return rows[left.count][right.count]
    }
}
