import ClusterModel
import Decisions
import Foundation
import HostPorts

/// Makes incidents of the entries of journals, which come in the order of their time.
package final class StoryTeller: LogSink, @unchecked Sendable {
    private let lock = NSLock()
    private let reader = SignalReader()
    private var builder = IncidentBuilder()
    private var last: UInt64 = 0
    private var count = 0
    private var complaints: [NodeFailure] = []

    package init() {}

    package func isOpen() -> Bool { true }

    package func complain(of failure: NodeFailure) { lock.withLock { complaints.append(failure) } }

    package func take(_ records: [LogRecord]) -> Bool {
        lock.withLock {
            for record in records {
                last = max(last, record.time)
                count += 1
                let evidence = Self.evidence(record)
                if let signal = reader.signal(evidence) {
                    builder.take(signal)
                } else {
                    builder.saw(record.host, at: record.time)
                }
            }
        }
        return true
    }

    /// Also how many entries there were, and what was wrong with the journals.
    package func finish() -> (incidents: [Incident], entries: Int, complaints: [NodeFailure]) {
        lock.withLock {
            builder.finish(at: last)
            return (builder.incidents, count, complaints)
        }
    }

    package static func evidence(_ record: LogRecord) -> JournalEvidence {
        let place = record.unit.place
        var fields: [String: String] = [:]
        for field in record.fields { fields[field.name] = String(decoding: field.value, as: UTF8.self) }
        return JournalEvidence(
            time: record.time, host: record.host, role: place.role, service: place.service,
            speaker: record.speaker,
            identifier: record.identifier, message: record.message, fields: fields)
    }
}
