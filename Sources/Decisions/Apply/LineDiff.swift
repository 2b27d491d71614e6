/// What differs between two texts, line by line, as `diff -u` shows it.
package enum LineDiff {
    private struct Line {
        var mark: Character
        var text: Substring
    }

    /// Lines that begin with `-`, `+` or a space, with up to `context` unchanged lines around a change and `…` where some are
    /// left out; empty if the texts are the same. The hash in the head of a rendered file is no news and is left out.
    package static func lines(from old: String, to new: String, context: Int = 2) -> [String] {
        let all = merged(split(old), split(new))
        let changed = all.indices.filter { all[$0].mark != " " }
        var shown: [String] = []
        var last: Int?
        for index in all.indices {
            guard changed.contains(where: { abs($0 - index) <= context }) else { continue }
            if let last, index > last + 1 { shown.append("…") }
            shown.append("\(all[index].mark)\(all[index].text)")
            last = index
        }
        return shown
    }

    private static func split(_ text: String) -> [Substring] {
        text.split(separator: "\n", omittingEmptySubsequences: true).filter { !$0.contains("content-hash: sha256:") }
    }

    private static func merged(_ old: [Substring], _ new: [Substring]) -> [Line] {
        var removed: Set<Int> = []
        var inserted: Set<Int> = []
        for change in new.difference(from: old) {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, _, _): inserted.insert(offset)
            }
        }
        var lines: [Line] = []
        var left = 0
        var right = 0
        while left < old.count || right < new.count {
            if left < old.count, removed.contains(left) {
                lines.append(Line(mark: "-", text: old[left]))
                left += 1
            } else if right < new.count, inserted.contains(right) {
                lines.append(Line(mark: "+", text: new[right]))
                right += 1
            } else {
                lines.append(Line(mark: " ", text: old[left]))
                left += 1
                right += 1
            }
        }
        return lines
    }
}

/// Hides passwords in what is shown of a file, those of an earlier time too, which nobody knows any more.
package enum PasswordMask {
    package static let hidden = "********"
    /// What stands before a password in the files that we render: patroni.yml and zookeeper-jaas.conf.
    private static let labels = ["password:", "password=", "user_pgha="]

    package static func hide(in line: String) -> String {
        for label in labels {
            guard let place = line.firstRange(of: label) else { continue }
            let rest = line[place.upperBound...]
            guard rest.contains(where: { $0 != " " }) else { continue }
            let end = rest.hasSuffix(";") ? ";" : ""
            return line[..<place.upperBound] + (rest.hasPrefix(" ") ? " " : "") + hidden + end
        }
        return line
    }
}
