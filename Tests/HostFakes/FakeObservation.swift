import ClusterModel
import HostPorts

/// A journal whose entries are handed over in one batch.
package final class FakeLogs: LogReader {
    private let state = Locked<(records: [LogRecord], queries: [LogQuery], failure: NodeFailure?)>(([], [], nil))

    package init() {}

    package func add(_ record: LogRecord) { state.withLock { $0.records.append(record) } }
    package func fail(with failure: NodeFailure) { state.withLock { $0.failure = failure } }
    package var queries: [LogQuery] { state.withLock { $0.queries } }

    package func read(_ query: LogQuery, into sink: any LogSink) async throws(NodeFailure) {
        let records = try state.withLock { state throws(NodeFailure) in
            state.queries.append(query)
            if let failure = state.failure { throw failure }
            return state.records
        }
        let placed = records.enumerated().map { index, record in
            var placed = record
            placed.cursor = query.hasCursors ? "i=\(index)" : nil
            return placed
        }
        // As sd-journal does it: from the first that is not too early to the first that is too late, whatever clocks did in between.
        let rest =
            query.after.flatMap { Int($0.dropFirst(2)) }.map { placed.dropFirst($0 + 1) }
            ?? placed.drop { $0.time < query.since ?? 0 }
        let wanted = rest.prefix { $0.time <= query.until ?? .max }.filter { record in
            (query.units.isEmpty || query.units.contains(record.unit)) && query.isWanted(record)
        }
        _ = sink.take(Array(wanted.suffix(query.lines ?? wanted.count)))
    }
}

/// Finds a text as it stands; "(" is no pattern.
package struct FakePatterns: PatternMaker {
    private struct Text: MessagePattern {
        var bytes: [UInt8]

        func isFound(in message: UnsafeRawBufferPointer) -> Bool {
            message.count >= bytes.count
                && (0...(message.count - bytes.count)).contains {
                    message[$0..<($0 + bytes.count)].elementsEqual(bytes)
                }
        }
    }

    package init() {}

    package func pattern(_ text: String) throws(NodeFailure) -> any MessagePattern {
        guard text != "(" else { throw NodeFailure(.usage, "\"(\" is not a regular expression") }
        return Text(bytes: Array(text.utf8))
    }
}

/// Takes nobody's place, and remembers who would have; each program counts as not found.
package final class FakeReplacement: ProcessReplacement {
    private let state = Locked<[ReplacementProgram]>([])

    package init() {}

    package var programs: [ReplacementProgram] { state.withLock { $0 } }

    package func replace(with program: ReplacementProgram) throws(NodeFailure) -> ReplacementRefusal {
        state.withLock { $0.append(program) }
        return .notFound(program.command.first ?? "")
    }
}

/// systemd's details by unit; what is not in the table is `not-found`.
package final class FakeUnits: UnitInspector {
    private let state = Locked<(units: [UnitName: UnitDetails], failure: NodeFailure?)>(([:], nil))

    package init() {}

    package func set(_ unit: String, _ details: UnitDetails) { state.withLock { $0.units[UnitName(unit)] = details } }
    package func fail(with failure: NodeFailure) { state.withLock { $0.failure = failure } }

    package func details(of unit: UnitName) async throws(NodeFailure) -> UnitDetails {
        try state.withLock { state throws(NodeFailure) in
            if let failure = state.failure { throw failure }
            return state.units[unit] ?? UnitDetails()
        }
    }
}

package final class FakeConnections: ConnectionReader {
    private let state = Locked<[EstablishedConnection]>([])

    package init() {}

    package func set(_ connections: [EstablishedConnection]) { state.withLock { $0 = connections } }
    package func establishedConnections() throws(NodeFailure) -> [EstablishedConnection] { state.withLock { $0 } }
}

extension ObservationPorts {
    static var unusable: ObservationPorts {
        ObservationPorts(
            logs: Unusable(), patterns: Unusable(), replacement: Unusable(), units: Unusable(), connections: Unusable())
    }
}

private struct Unusable: LogReader, PatternMaker, ProcessReplacement, UnitInspector, ConnectionReader {
    func read(_ query: LogQuery, into sink: any LogSink) async throws(NodeFailure) { unusable("logs") }
    func pattern(_ text: String) throws(NodeFailure) -> any MessagePattern { unusable("patterns") }
    func replace(with program: ReplacementProgram) throws(NodeFailure) -> ReplacementRefusal {
        unusable("replacement")
    }
    func details(of unit: UnitName) async throws(NodeFailure) -> UnitDetails { unusable("units") }
    func establishedConnections() throws(NodeFailure) -> [EstablishedConnection] { unusable("connections") }
}
