import ClusterModel
import Decisions
import Foundation
import Glibc
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
}

/// Writes entries of the journal to stdout.
struct LogPrinter: LogSink {
    enum Format { case text, json }

    var format: Format
    var sources: [LogSource]
    var zone: LocalTime
    /// False once nobody reads any more.
    var write: @Sendable ([UInt8]) -> Bool = StandardOutput.write

    func isOpen() -> Bool { StandardOutput.hasReader() }

    func take(_ records: [LogRecord]) -> Bool {
        let lines = records.compactMap(line)
        return write(Array(lines.joined().utf8))
    }

    private func line(_ record: LogRecord) -> String? {
        guard let source = sources.first(where: { $0.unit == record.unit }) else { return nil }
        return switch format {
        case .text: text(record, source)
        case .json: json(record, source)
        }
    }

    /// As journalctl's `short-precise`, with the service in the place of the host; further lines stand below the first.
    private func text(_ record: LogRecord, _ source: LogSource) -> String {
        let process = record.pid.map { "[\($0)]" } ?? ""
        let identifier = TerminalText.safe(record.identifier).replacing("\n", with: " ")
        let fraction = String(record.time % 1_000_000 + 1_000_000).dropFirst()
        let time = "\(zone.civil(Int64(record.time / 1_000_000)).syslogText).\(fraction)"
        let head = "\(time) \(source.name) \(identifier)\(process): "
        let message = TerminalText.safe(record.message)
        guard message.contains("\n") else { return head + message + "\n" }
        let indent = String(repeating: " ", count: head.count)
        let lines = message.split(separator: "\n", omittingEmptySubsequences: false)
        return head + lines.joined(separator: "\n\(indent)") + "\n"
    }

    private struct Line: Encodable {
        var time: UInt64
        var iso: String
        var role: String
        var service: String
        var unit: String
        var identifier: String
        var pid: Int?
        var priority: Int?
        var message: String
    }

    private func json(_ record: LogRecord, _ source: LogSource) -> String? {
        let fraction = String(record.time % 1_000_000 + 1_000_000).dropFirst()
        let line = Line(
            time: record.time,
            iso: "\(LocalTime.universal.civil(Int64(record.time / 1_000_000)).isoText).\(fraction)Z",
            role: source.role, service: source.service, unit: record.unit.text,
            identifier: record.identifier, pid: record.pid, priority: record.priority,
            message: String(decoding: record.message, as: UTF8.self))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let bytes = try? encoder.encode(line) else { return nil }
        return TerminalText.safeJSON(String(decoding: bytes, as: UTF8.self)) + "\n"
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
