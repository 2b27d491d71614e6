import ClusterModel
import Decisions
import HostOperations

/// A story as a drawing: for each incident a lane for each component of each host, the time from left to right.
enum StoryDrawing {
    static func svg(_ story: Story, zone: LocalTime) -> String {
        var y = 0
        var body = ""
        for incident in story.incidents {
            let drawing = IncidentDrawing(incident, zone: zone)
            body += "<g transform=\"translate(0,\(y))\">\n\(drawing.body)</g>\n"
            y += drawing.height + 40
        }
        if story.incidents.isEmpty {
            body = "<text x=\"20\" y=\"30\" class=\"head\">nothing happened in \(story.entries) entries</text>\n"
            y = 50
        }
        return """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(IncidentDrawing.width) \(y)" \
            width="\(IncidentDrawing.width)" height="\(y)" font-family="system-ui, sans-serif" font-size="13">
            <style>\(IncidentDrawing.style)</style>
            <rect width="100%" height="100%" fill="#fff"/>
            \(body)</svg>
            """
    }

    /// One file, which needs nothing else.
    static func html(_ story: Story, zone: LocalTime) -> String {
        let remarks = story.journals.remarks.map { "<p class=\"remark\">\(Markup.escape($0))</p>" }
        let parts = story.incidents.map { incident in
            let drawing = IncidentDrawing(incident, zone: zone)
            return """
                <section>
                <h2>\(Markup.escape(StoryText.time(incident.began, zone)))</h2>
                <p>\(Markup.escape(incident.sentence)).</p>
                <svg viewBox="0 0 \(IncidentDrawing.width) \(drawing.height)" font-family="system-ui, sans-serif" font-size="13">
                \(drawing.body)</svg>
                </section>
                """
        }
        let count = story.incidents.count
        return """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><title>\(count) \(count == 1 ? "incident" : "incidents")</title>
            <style>
            body { font-family: system-ui, sans-serif; max-width: \(IncidentDrawing.width)px; margin: 2em auto; color: #222; }
            h2 { font-size: 1.1em; margin: 2em 0 0; } .remark { color: #8a5a00; } svg { width: 100%; }
            \(IncidentDrawing.style)
            </style></head><body>
            <h1>\(count) \(count == 1 ? "incident" : "incidents")</h1>
            \(remarks.joined(separator: "\n"))
            \(parts.joined(separator: "\n"))
            </body></html>
            """
    }
}

enum Markup {
    /// For text and for attributes in double quotes; what would steer a terminal is shown by its number.
    static func escape(_ text: String) -> String {
        TerminalText.safe(text).replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }
}

/// One incident: its phases, its lanes around the time without writes, and what each mark is.
struct IncidentDrawing {
    static let width = 1100
    static let style = """
        .head { font-weight: 600; } .lane { fill: #555; } .rule { stroke: #ddd; } .gap { fill: #d33; fill-opacity: .13; }
        .edge { stroke: #d33; } .tick { fill: #888; font-size: 11px; } .phase { fill-opacity: .8; } .number { fill: #fff; font-size: 10px; }
        .legend { font-size: 12px; fill: #333; }
        """

    private enum Place {
        static let left = 170, right = 1080, lane = 24, phases = 46
    }

    private let incident: Incident
    private let zone: LocalTime
    private let window: ClosedRange<UInt64>
    private let lanes: [String]
    private let shown: [Signal]

    init(_ incident: Incident, zone: LocalTime) {
        self.incident = incident
        self.zone = zone
        window = Self.window(of: incident)
        let range = window
        shown = incident.signals.filter { range.contains($0.time) }
        var names: [String] = []
        for signal in shown where !names.contains(Self.lane(of: signal)) { names.append(Self.lane(of: signal)) }
        lanes = names.sorted()
    }

    /// Where there was a time without writes, it and as much before and after that it can be seen well; else everything.
    private static func window(of incident: Incident) -> ClosedRange<UInt64> {
        let all = incident.began...max(incident.ended, incident.began + 1000)
        guard let outage = incident.outage, let until = outage.until, until > outage.from else { return all }
        let length = until - outage.from
        let before = length / 3 + 20_000
        return (outage.from > before ? outage.from - before : 0)...(until + length / 2 + 20_000)
    }

    private static func lane(of signal: Signal) -> String { "\(signal.host) \(signal.speaker.rawValue)" }

    private var top: Int { Place.phases + 40 }
    private var bottom: Int { top + max(lanes.count, 1) * Place.lane }
    var height: Int { bottom + 40 + shown.count * 18 + 10 }

    private func x(_ time: UInt64) -> Double {
        let clamped = min(max(time, window.lowerBound), window.upperBound)
        let part = Double(clamped - window.lowerBound) / Double(max(1, window.upperBound - window.lowerBound))
        return Double(Place.left) + part * Double(Place.right - Place.left)
    }

    private func number(_ value: Double) -> String { String(Double(Int((value * 10).rounded())) / 10) }

    var body: String { heading + gap + phases + axis + laneRows + marks + legend }

    private var heading: String {
        "<text x=\"20\" y=\"20\" class=\"head\">\(Markup.escape("\(StoryText.time(incident.began, zone))  \(incident.sentence)."))</text>\n"
    }

    private var gap: String {
        guard let outage = incident.outage, let until = outage.until else { return "" }
        let (from, to) = (x(outage.from), x(until))
        let label = "no writes: \(StoryDrawingText.milliseconds(outage.milliseconds ?? 0))"
        return """
            <rect class="gap" x="\(number(from))" y="30" width="\(number(to - from))" height="\(bottom - 30)"/>
            <line class="edge" x1="\(number(from))" x2="\(number(from))" y1="30" y2="\(bottom)"/>
            <line class="edge" x1="\(number(to))" x2="\(number(to))" y1="30" y2="\(bottom)"/>
            <text x="\(number(to + 4))" y="42" fill="#d33">\(Markup.escape(label))</text>

            """
    }

    private static let colours: [IncidentPhase.Name: String] = [
        .detection: "#c77d00", .fence: "#b03060", .release: "#7a4fbf", .race: "#2f6fbf", .promotion: "#1a8f5a",
        .route: "#3a9fb5",
    ]

    private var phases: String {
        incident.phases.compactMap { phase -> String? in
            guard let colour = Self.colours[phase.name] else { return nil }
            let (from, to) = (x(phase.from), x(phase.until))
            let text = "\(phase.name.rawValue) \(StoryDrawingText.milliseconds(phase.milliseconds))"
            return """
                <g><title>\(Markup.escape(text))</title><rect class="phase" fill="\(colour)" x="\(number(from))" y="\(Place.phases)" \
                width="\(number(max(2, to - from)))" height="12" rx="2"/></g>

                """
        }.joined()
            + "<text x=\"20\" y=\"\(Place.phases + 11)\" class=\"lane\">phases</text>\n" + phaseNames
    }

    /// Their names and lengths in their colours, since most of them are too short to be written on.
    private var phaseNames: String {
        let names = incident.phases.compactMap { phase in
            Self.colours[phase.name].map { colour in
                "<tspan fill=\"\(colour)\">\(phase.name.rawValue) \(StoryDrawingText.milliseconds(phase.milliseconds))</tspan>"
            }
        }
        guard !names.isEmpty else { return "" }
        return
            "<text x=\"\(Place.left)\" y=\"\(Place.phases + 26)\" class=\"legend\">\(names.joined(separator: "  "))</text>\n"
    }

    /// About eight ticks at round numbers of milliseconds since the beginning of the outage.
    private var axis: String {
        let zero = incident.outage?.from ?? incident.began
        let span = Double(window.upperBound - window.lowerBound) / 1000
        let step = StoryDrawingText.roundStep(span / 8)
        var result = ""
        var tick = -(Double(zero - min(zero, window.lowerBound)) / 1000 / step).rounded(.down) * step
        while true {
            let time = Double(zero) + tick * 1000
            guard time <= Double(window.upperBound) else { break }
            let position = number(x(UInt64(max(0, time))))
            result += "<line class=\"rule\" x1=\"\(position)\" x2=\"\(position)\" y1=\"\(top - 8)\" y2=\"\(bottom)\"/>"
            result += "<text class=\"tick\" x=\"\(position)\" y=\"\(bottom + 16)\" text-anchor=\"middle\">"
            result += "\(StoryDrawingText.milliseconds(tick))</text>\n"
            tick += step
        }
        return result
    }

    private var laneRows: String {
        lanes.enumerated().map { index, name in
            let y = top + index * Place.lane + Place.lane / 2
            return """
                <text x="20" y="\(y + 4)" class="lane">\(Markup.escape(name))</text>
                <line class="rule" x1="\(Place.left)" x2="\(Place.right)" y1="\(y)" y2="\(y)"/>

                """
        }.joined()
    }

    private static func colour(of signal: Signal) -> String {
        switch signal.kind {
        case .fence, .hung, .mainExited, .postmasterGone, .panicked, .outOfMemory, .secondLeader, .leaseLost, .noServer,
            .watchdogFired:
            "#b03060"
        case .leaderKey, .keyTaken, .acceptsConnections, .routeOpened, .serverUp, .streams, .ready: "#1a8f5a"
        case .operatorVerb, .sudo, .switchoverRequested, .unitSignalled: "#7a4fbf"
        default: "#44617b"
        }
    }

    private var marks: String {
        shown.enumerated().map { index, signal in
            let lane = lanes.firstIndex(of: Self.lane(of: signal)) ?? 0
            let y = top + lane * Place.lane + Place.lane / 2
            return """
                <g><title>\(Markup.escape(signal.meaning))</title><circle cx="\(number(x(signal.time)))" cy="\(y)" r="8" \
                fill="\(Self.colour(of: signal))"/><text class="number" x="\(number(x(signal.time)))" y="\(y + 3)" \
                text-anchor="middle">\(index + 1)</text></g>

                """
        }.joined()
    }

    private var legend: String {
        let zero = incident.outage?.from ?? incident.began
        return shown.enumerated().map { index, signal in
            let offset = Double(Int64(signal.time) - Int64(zero)) / 1000
            let text =
                "\(index + 1)  \(StoryDrawingText.milliseconds(offset))  \(Self.lane(of: signal)): \(signal.meaning)"
            let cut = text.count > 170 ? text.prefix(169) + "…" : text[...]
            return
                "<text class=\"legend\" x=\"20\" y=\"\(bottom + 46 + index * 18)\">\(Markup.escape(String(cut)))</text>\n"
        }.joined()
    }
}

enum StoryDrawingText {
    /// `312 ms` or `6.2 s`.
    static func milliseconds(_ value: Double) -> String {
        guard abs(value) >= 10_000 else { return "\(Int(value.rounded())) ms" }
        let tenths = Int((value / 100).rounded())
        return "\(tenths / 10).\(abs(tenths % 10)) s"
    }

    /// 1, 2 or 5 times a power of ten, at least as large.
    static func roundStep(_ value: Double) -> Double {
        var power = 1.0
        while power * 10 <= value { power *= 10 }
        for factor in [1.0, 2, 5, 10] where power * factor >= value { return power * factor }
        return power * 10
    }
}
