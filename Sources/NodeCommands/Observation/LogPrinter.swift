import ArgumentParser
import ClusterModel
import Decisions
import Foundation
import Glibc
import HostOperations
import HostPorts

/// A unit whose entries are printed, and the name that stands before each of them.
struct LogSource {
    var unit: UnitName
    /// Empty for the agent, which belongs to the host.
    var role: String
    var service: String

    var name: String { role.isEmpty ? service : "\(role)/\(service)" }

    static func all(of selection: ServiceSelection) -> [LogSource] {
        selection.placed.map { LogSource(unit: $0.unit, role: $0.role.text, service: $0.service.rawValue) }
            + (selection.includesAgent
                ? [LogSource(unit: .agent, role: "", service: ServiceSelection.agentName)] : [])
    }

    /// From the name alone: for the journals of other hosts, whose cluster.yml is not here.
    init(unit: UnitName) {
        let place = unit.place
        self.init(unit: unit, role: place.role, service: place.service.isEmpty ? unit.text : place.service)
    }

    init(unit: UnitName, role: String, service: String) {
        self.unit = unit
        self.role = role
        self.service = service
    }
}

/// How entries are written.
struct LogStyle: Equatable {
    enum Format: String, ExpressibleByArgument, CaseIterable { case text, json, export }

    var format = Format.text
    /// Colours and columns are for people at a terminal.
    var isForTerminal = false
    /// Whether the name of the host stands before the service.
    var showsHosts = false
    /// Whether noise is left out, and what was left out is told.
    var folds = false
    /// Only told where the entries follow each other, which they do not with `--lines`.
    var tellsOfFolded = false
}

/// Writes entries of the journal to stdout. For one reader, which hands the entries over one batch after the other.
final class LogPrinter: LogSink, @unchecked Sendable {
    private let style: LogStyle
    private let zone: LocalTime
    /// False once nobody reads any more.
    private let write: @Sendable ([UInt8]) -> Bool
    private let comment: @Sendable (String) -> Void
    private var sources: [UnitName: LogSource]
    private var folder = NoiseFolder()
    private var clock: (second: UInt64, text: [UInt8]) = (.max, [])
    private var width: Int

    init(
        style: LogStyle, sources: [LogSource], zone: LocalTime,
        write: @escaping @Sendable ([UInt8]) -> Bool = StandardOutput.write,
        comment: @escaping @Sendable (String) -> Void = Output.comment
    ) {
        self.style = style
        self.sources = Dictionary(uniqueKeysWithValues: sources.map { ($0.unit, $0) })
        self.zone = zone
        self.write = write
        self.comment = comment
        width = sources.map(\.name.utf8.count).max() ?? 0
    }

    func isOpen() -> Bool { StandardOutput.hasReader() }

    func complain(of failure: NodeFailure) {
        comment(failure.warning)
    }

    func take(_ records: [LogRecord]) -> Bool {
        var output: [UInt8] = []
        for record in records { add(record, to: &output) }
        return output.isEmpty || write(output)
    }

    /// What was folded since the last entry that was printed.
    func finish() {
        guard style.folds, style.tellsOfFolded else { return }
        var output: [UInt8] = []
        for (unit, count) in folder.rest() {
            output += Self.folded(count, of: (sources[UnitName(unit)] ?? LogSource(unit: UnitName(unit))).name)
        }
        if !output.isEmpty { _ = write(output) }
    }

    private func source(of record: LogRecord) -> LogSource {
        if let known = sources[record.unit] { return known }
        let made = LogSource(unit: record.unit)
        sources[record.unit] = made
        return made
    }

    private func add(_ record: LogRecord, to output: inout [UInt8]) {
        let source = source(of: record)
        switch style.format {
        case .text:
            let speaker = record.speaker
            if style.folds {
                guard let count = folder.take(record.message, by: speaker, of: record.unit.text) else { return }
                if count > 0, style.tellsOfFolded { output += Self.folded(count, of: source.name) }
            }
            addText(record, source, speaker, to: &output)
        case .json: if let line = json(record, source) { output += line.utf8 }
        case .export: LogExport.add(record, to: &output)
        }
    }

    private static func folded(_ count: Int, of name: String) -> [UInt8] {
        Array("-- \(count) \(count == 1 ? "entry" : "entries") of \(name) without news; --all shows them --\n".utf8)
    }

    /// As journalctl's `short-precise`, with the service in the place of the host; further lines stand below the first.
    private func addText(_ record: LogRecord, _ source: LogSource, _ speaker: Speaker, to output: inout [UInt8]) {
        let start = output.count
        addTime(record.time, to: &output)
        if style.showsHosts { output += " \(record.host)".utf8 }
        output.append(UInt8(ascii: " "))
        output += source.name.utf8
        if style.isForTerminal {
            output += repeatElement(UInt8(ascii: " "), count: max(0, width - source.name.utf8.count))
        }
        output.append(UInt8(ascii: " "))
        output += identifier(of: record, speaker).utf8
        if let pid = record.pid { output += "[\(pid)]".utf8 }
        output += ": ".utf8
        let head = output.count - start
        let colour =
            style.isForTerminal
            ? Self.colour(of: Severity.of(record.message, by: speaker, written: record.priority)) : ""
        output += colour.utf8
        TerminalText.addSafe(record.message, indent: head, to: &output)
        if !colour.isEmpty { output += "\u{1B}[0m".utf8 }
        output.append(UInt8(ascii: "\n"))
    }

    /// The process that wrote it, where it is another one than the unit is named after.
    private func identifier(of record: LogRecord, _ speaker: Speaker) -> String {
        let name = speaker == .postgres ? record.program ?? "postgres" : record.identifier
        return TerminalText.safe(name).replacing("\n", with: " ")
    }

    /// As journalctl: errors red, warnings yellow, notices bold, what is for debugging grey.
    private static func colour(of severity: Int) -> String {
        switch severity {
        case ...3: "\u{1B}[1;31m"
        case 4: "\u{1B}[33m"
        case 5: "\u{1B}[1m"
        case 7: "\u{1B}[90m"
        default: ""
        }
    }

    private func addTime(_ time: UInt64, to output: inout [UInt8]) {
        let second = time / 1_000_000
        if clock.second != second { clock = (second, Array("\(zone.civil(Int64(second)).syslogText).".utf8)) }
        output += clock.text
        var rest = Int(time % 1_000_000)
        var divisor = 100_000
        while divisor > 0 {
            output.append(UInt8(ascii: "0") + UInt8(rest / divisor))
            rest %= divisor
            divisor /= 10
        }
    }

    private struct Line: Encodable {
        var time: UInt64
        var iso: String
        var host: String
        var role: String
        var service: String
        var speaker: Speaker
        var unit: String
        var identifier: String
        var program: String?
        var pid: Int?
        var priority: Int
        var message: String
    }

    private func json(_ record: LogRecord, _ source: LogSource) -> String? {
        let speaker = record.speaker
        let fraction = String(record.time % 1_000_000 + 1_000_000).dropFirst()
        let line = Line(
            time: record.time,
            iso: "\(LocalTime.universal.civil(Int64(record.time / 1_000_000)).isoText).\(fraction)Z",
            host: record.host, role: source.role, service: source.service, speaker: speaker, unit: record.unit.text,
            identifier: record.identifier, program: record.program, pid: record.pid,
            priority: Severity.of(record.message, by: speaker, written: record.priority),
            message: String(decoding: record.message, as: UTF8.self))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let bytes = try? encoder.encode(line) else { return nil }
        return TerminalText.safeJSON(String(decoding: bytes, as: UTF8.self)) + "\n"
    }
}

/// systemd's "Journal Export Format": what `journalctl -o export` writes, and `logs --journal` and systemd-journal-remote read.
enum LogExport {
    static func add(_ record: LogRecord, to output: inout [UInt8]) {
        if !record.fields.contains(where: { $0.name == "__REALTIME_TIMESTAMP" }) {
            output += "__REALTIME_TIMESTAMP=\(record.time)\n".utf8
        }
        for field in record.fields { add(field, to: &output) }
        output.append(UInt8(ascii: "\n"))
    }

    /// One that came without the fields of the journal, as another host's agent sends it.
    static func addBare(_ record: LogRecord, to output: inout [UInt8]) {
        var whole = record
        let isOfSystemd = record.identifier == "systemd"
        var fields = [
            LogField("_HOSTNAME", record.host), LogField("SYSLOG_IDENTIFIER", record.identifier),
            LogField(isOfSystemd ? "UNIT" : "_SYSTEMD_UNIT", record.unit.text),
        ]
        if let program = record.program { fields.append(LogField("_COMM", program)) }
        if isOfSystemd {
            fields.append(LogField("_PID", "1"))
        } else if let pid = record.pid {
            fields.append(LogField("_PID", String(pid)))
        }
        if let priority = record.priority { fields.append(LogField("PRIORITY", String(priority))) }
        fields.append(LogField("MESSAGE", record.message))
        let known = Set(fields.map(\.name))
        whole.fields = fields + record.fields.filter { !known.contains($0.name) }
        add(whole, to: &output)
    }

    /// Binary where the value has a line feed or is no text; the size is 64 bits, the least byte first.
    private static func add(_ field: LogField, to output: inout [UInt8]) {
        output += field.name.utf8
        if String(validating: field.value, as: UTF8.self) != nil,
            !field.value.contains(where: { $0 < 0x20 && $0 != 0x09 })
        {
            output.append(UInt8(ascii: "="))
            output += field.value
        } else {
            output.append(UInt8(ascii: "\n"))
            withUnsafeBytes(of: UInt64(field.value.count).littleEndian) { output += $0 }
            output += field.value
        }
        output.append(UInt8(ascii: "\n"))
    }
}

enum StandardOutput {
    /// False if nobody reads any more; with the default disposition SIGPIPE has then ended the program already.
    static func write(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// A pipe whose reader has gone says so before anything is written (poll(2), POLLERR).
    static func hasReader() -> Bool {
        var look = pollfd(fd: STDOUT_FILENO, events: 0, revents: 0)
        guard poll(&look, 1, 0) > 0 else { return true }
        return look.revents & Int16(POLLERR | POLLHUP) == 0
    }
}
