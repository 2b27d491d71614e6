/// Finds the meaning of entries.
package struct SignalReader: Sendable {
    private let bySpeaker: [Speaker: [(SignalRule, TextPattern)]]

    package init(_ rules: [SignalRule] = SignalRule.all) {
        bySpeaker = Dictionary(grouping: rules.map { ($0, TextPattern($0.text)) }, by: { $0.0.speaker })
    }

    /// nil for an entry that means nothing for the cluster, or whose meaning is not known.
    package func signal(_ evidence: JournalEvidence) -> Signal? {
        if let event = evidence.fields["PGHA_EVENT"] { return agent(event, evidence) }
        if let identifier = evidence.fields["MESSAGE_ID"], let record = ManagerRecords.kinds[identifier],
            let found = manager(record.0, record.1, evidence)
        {
            return found
        }
        guard let rules = bySpeaker[evidence.speaker] else { return nil }
        return evidence.message.withUnsafeBytes { bytes in
            for (rule, pattern) in rules {
                guard var values = pattern.values(in: bytes) else { continue }
                if rule.speaker == .other, [.sudo, .packageUpgrade].contains(rule.kind) {
                    values["user"] = Self.sudoer(evidence.message)
                }
                if rule.speaker == .systemd { values["service"] = evidence.service }
                return make(rule.kind, values, rule.meaning, evidence)
            }
            return nil
        }
    }

    private func make(
        _ kind: SignalKind, _ values: [String: String], _ meaning: String, _ evidence: JournalEvidence
    ) -> Signal {
        var names = values
        names["host"] = evidence.host
        if names["member"] == nil { names["member"] = evidence.role.isEmpty ? evidence.host : evidence.role }
        return Signal(
            time: evidence.time, host: evidence.host, role: evidence.role, speaker: evidence.speaker, kind: kind,
            values: values, meaning: TextPattern.fill(meaning, names))
    }

    /// The agent says all in its fields, and its message is the sentence.
    private func agent(_ event: String, _ evidence: JournalEvidence) -> Signal? {
        guard let kind = SignalKind(rawValue: event) else { return nil }
        var values: [String: String] = [:]
        for (name, value) in evidence.fields where name.hasPrefix("PGHA_") && !value.isEmpty {
            values[name.dropFirst("PGHA_".count).lowercased()] = value
        }
        return Signal(
            time: evidence.time, host: evidence.host, role: evidence.role, speaker: .agent, kind: kind, values: values,
            meaning: TerminalText.safe(evidence.message))
    }

    private func manager(_ kind: SignalKind, _ meaning: String, _ evidence: JournalEvidence) -> Signal? {
        let isAboutHost = kind == .hostBegan || kind == .hostEnded
        guard isAboutHost || !evidence.service.isEmpty else { return nil }
        var values = ["unit": evidence.service + (evidence.role.isEmpty ? "" : " of \(evidence.role)")]
        values["service"] = evidence.service
        values["code"] = evidence.fields["EXIT_CODE"]
        values["status"] = evidence.fields["EXIT_STATUS"]
        values["job"] = evidence.fields["JOB_TYPE"]
        values["boot"] = evidence.fields["_BOOT_ID"]
        if isAboutHost { values["unit"] = nil }
        return make(kind, values, meaning, evidence)
    }

    /// The name before the first colon: `alice : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=…`.
    private static func sudoer(_ message: [UInt8]) -> String {
        TerminalText.safe(Array(message.prefix { $0 != UInt8(ascii: ":") })).trimmingSpaces
    }
}

/// Literal texts with names between them: `Server leader/{member} is UP`.
struct TextPattern: Sendable {
    private enum Part: Sendable {
        case literal([UInt8])
        case name(String)
    }

    /// What is searched: a rule's words stand at the beginning of a message.
    private static let searched = 2048

    private let parts: [Part]

    init(_ text: String) {
        var parts: [Part] = []
        var rest = Substring(text)
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            if open > rest.startIndex { parts.append(.literal(Array(rest[..<open].utf8))) }
            parts.append(.name(String(rest[rest.index(after: open)..<close])))
            rest = rest[rest.index(after: close)...]
        }
        if !rest.isEmpty { parts.append(.literal(Array(rest.utf8))) }
        self.parts = parts
    }

    /// nil if it does not fit.
    func values(in message: UnsafeRawBufferPointer) -> [String: String]? {
        let bytes = UnsafeRawBufferPointer(rebasing: message.prefix(Self.searched))
        var values: [String: String] = [:]
        var position = 0
        var open: (name: String, start: Int)?
        for part in parts {
            switch part {
            case .literal(let text):
                guard let found = Self.find(text, in: bytes, from: position) else { return nil }
                if let name = open {
                    values[name.name] = Self.text(bytes[name.start..<found])
                    open = nil
                }
                position = found + text.count
            case .name(let name): open = (name, position)
            }
        }
        if let name = open {
            let end = bytes[name.start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
            values[name.name] = Self.text(bytes[name.start..<end])
        }
        return values
    }

    static func fill(_ sentence: String, _ values: [String: String]) -> String {
        var result = ""
        var rest = Substring(sentence)
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            result += rest[..<open]
            result += values[String(rest[rest.index(after: open)..<close])] ?? "?"
            rest = rest[rest.index(after: close)...]
        }
        return result + rest
    }

    private static func text(_ bytes: Slice<UnsafeRawBufferPointer>) -> String {
        TerminalText.safe(Array(bytes.prefix(200))).trimmingSpaces
    }

    private static func find(_ text: [UInt8], in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        guard let first = text.first, bytes.count - start >= text.count else { return nil }
        var index = start
        let last = bytes.count - text.count
        while index <= last {
            if bytes[index] == first {
                var offset = 1
                while offset < text.count, bytes[index + offset] == text[offset] { offset += 1 }
                if offset == text.count { return index }
            }
            index += 1
        }
        return nil
    }
}

extension String {
    fileprivate var trimmingSpaces: String {
        var text = Substring(self)
        while text.first == " " { text.removeFirst() }
        while text.last == " " || text.last == "." { text.removeLast() }
        return String(text)
    }
}
