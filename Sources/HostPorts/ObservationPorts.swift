/// The ports of the verbs that look at a host and step into its services: `logs`, `exec`, `psql`, `inspect`, `network`.
package struct ObservationPorts: Sendable {
    package var logs: any LogReader
    package var patterns: any PatternMaker
    package var replacement: any ProcessReplacement
    package var units: any UnitInspector
    package var connections: any ConnectionReader

    package init(
        logs: any LogReader, patterns: any PatternMaker, replacement: any ProcessReplacement, units: any UnitInspector,
        connections: any ConnectionReader
    ) {
        self.logs = logs
        self.patterns = patterns
        self.replacement = replacement
        self.units = units
        self.connections = connections
    }
}
