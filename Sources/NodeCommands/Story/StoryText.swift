import ClusterModel
import Decisions
import HostOperations

/// A story for a terminal.
enum StoryText {
    static func text(_ story: Story, zone: LocalTime, details: Bool) -> String {
        guard !story.incidents.isEmpty else {
            return "nothing happened in \(story.entries) \(story.entries == 1 ? "entry" : "entries")"
        }
        return story.incidents.map { incident($0, zone, details) }.joined(separator: "\n\n")
    }

    private static func incident(_ incident: Incident, _ zone: LocalTime, _ details: Bool) -> String {
        var lines = ["\(time(incident.began, zone))  \(incident.sentence)."]
        for phase in incident.phases {
            let actor = phase.actor.isEmpty ? "" : "  (\(phase.actor))"
            lines.append("    \(padded(phase.name.rawValue, 16))  \(right(phase.milliseconds)) ms\(actor)")
        }
        if let outage = incident.outage {
            lines.append("    no writes from:   \(time(outage.from, zone)), \(outage.fromEvidence)")
            if let until = outage.until {
                lines.append("    writes again:     \(time(until, zone)), \(outage.untilEvidence ?? "")")
            }
        }
        if !incident.missing.isEmpty {
            lines.append("    not in the journals: \(incident.missing.joined(separator: "; "))")
        }
        if details {
            for signal in incident.signals {
                lines.append(
                    "    \(time(signal.time, zone)) \(signal.host) \(signal.speaker.rawValue): \(signal.meaning)")
            }
        }
        return lines.map(TerminalText.safe).joined(separator: "\n")
    }

    /// `Nov 27 09:05:07.123`.
    static func time(_ time: UInt64, _ zone: LocalTime) -> String {
        let fraction = String(time / 1000 % 1000 + 1000).dropFirst()
        return "\(zone.civil(Int64(time / 1_000_000)).syslogText).\(fraction)"
    }

    static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private static func right(_ milliseconds: Double) -> String {
        let text = String(Int(milliseconds.rounded()))
        return String(repeating: " ", count: max(0, 7 - text.count)) + text
    }
}

extension ClusterJournal.Sight {
    /// What the reader must know of the evidence: for stderr.
    var remarks: [String] {
        var lines = missing.sorted { $0.key < $1.key }.map { "the journal of \($0.key) is missing: \($0.value)" }
        for (host, clock) in clocks.sorted(by: { $0.key < $1.key }) {
            guard let certain = clock.certain, abs(certain) >= 1000 else { continue }
            lines.append(
                "the clock of \(host) is \(Self.milliseconds(abs(certain))) ms \(certain > 0 ? "ahead" : "behind"), "
                    + "give or take \(Self.milliseconds(clock.uncertainty)) ms; times are those of each host")
        }
        return lines
    }

    private static func milliseconds(_ microseconds: Int64) -> String {
        let tenths = Int((Double(microseconds) / 100).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}
