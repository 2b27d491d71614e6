import ArgumentParser
import ClusterModel
import Decisions
import Foundation
import HostPorts

/// Who says something, as `--component` names them.
enum LogComponent: String, ExpressibleByArgument, CaseIterable {
    case postgres, patroni, zookeeper, haproxy, agent, systemd

    var speaker: Speaker { Speaker(rawValue: rawValue) ?? .other }
}

/// A part of the past, as `--since` and `--until` tell it.
enum TimeRange {
    /// Microseconds since 1970. Throws `.usage`.
    static func bounds(
        _ since: String?, _ until: String?, on machine: Machine, zone: LocalTime
    ) throws(NodeFailure) -> (since: UInt64?, until: UInt64?) {
        let now = Int64(machine.system.now() * 1_000_000)
        let from = try since.map { text throws(NodeFailure) in try TimeExpression.parse(text, now: now, zone: zone) }
        let to = try until.map { text throws(NodeFailure) in try TimeExpression.parse(text, now: now, zone: zone) }
        if let from, let to, from > to {
            throw NodeFailure(
                .usage, "\"--since\" is later than \"--until\"", hint: "Exchange them, or leave one out.")
        }
        return (from, to)
    }
}

/// Which entries of a journal; the same for `logs` and for all that reads journals.
struct LogOptions: ParsableArguments {
    @Option(parsing: .unconditional, help: ArgumentHelp("Only what was said since then.", valueName: "time"))
    var since: String?

    @Option(parsing: .unconditional, help: ArgumentHelp("Only what was said until then.", valueName: "time"))
    var until: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Only of one boot of the host: 0 is the last one, -1 the one before it; or its identifier.",
            valueName: "boot"))
    var boot: String?

    @Option(
        help: ArgumentHelp(
            "Only messages that this regular expression is found in; without capitals it ignores case.",
            valueName: "pattern"))
    var grep: String?

    @Option(
        help: ArgumentHelp(
            "Only entries as bad as this, or worse: emerg, alert, crit, err, warning, notice, info, debug, 0 to 7, or a range, err..warning.",
            valueName: "priority"))
    var priority: String?

    @Option(help: "Only what one of them says: postgres, patroni, zookeeper, haproxy, agent, systemd; may be repeated.")
    var component: [LogComponent] = []

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Read these instead of the host's journal: journal files, directories of them, and what \"journalctl -o export\" wrote.",
            valueName: "path"))
    var journal: [String] = []

    var origin: LogOrigin { journal.isEmpty ? .host : .files(journal) }

    /// Puts the options into `query`. Throws `.usage`.
    func apply(to query: inout LogQuery, on machine: Machine, zone: LocalTime) throws(NodeFailure) {
        (query.since, query.until) = try TimeRange.bounds(since, until, on: machine, zone: zone)
        if let boot { query.boot = try Self.boot(boot) }
        if let grep { query.pattern = try machine.observation.patterns.pattern(grep) }
        query.origin = origin
    }

    private static func boot(_ text: String) throws(NodeFailure) -> LogBoot {
        if let offset = Int(text), text.utf8.count < 10 { return .offset(offset) }
        let digits = text.lowercased().filter { $0 != "-" }
        guard digits.count == 32, digits.allSatisfy(\.isHexDigit) else {
            throw NodeFailure(
                .usage, "\"\(text)\" is no boot",
                hint: "Write 0 for the last one, -1 for the one before it, or 32 hexadecimal digits.")
        }
        return .identifier(digits)
    }

    /// nil for all. Throws `.usage`.
    func priorities() throws(NodeFailure) -> ClosedRange<Int>? {
        guard let priority else { return nil }
        let ends = priority.components(separatedBy: "..")
        let numbers = ends.compactMap { Severity.names[$0.lowercased()] ?? Int($0) }.filter { (0...7).contains($0) }
        guard numbers.count == ends.count, ends.count <= 2, let first = numbers.first, let last = numbers.last else {
            throw NodeFailure(
                .usage, "\"\(priority)\" is no priority",
                hint: "Write emerg, alert, crit, err, warning, notice, info or debug, 0 to 7, or a range, err..warning."
            )
        }
        return ends.count == 1 ? 0...first : min(first, last)...max(first, last)
    }
}
