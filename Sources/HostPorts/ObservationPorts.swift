/// The ports of the verbs that look at a host and step into its services: `logs`, `exec`, `psql`, `inspect`, `network`.
package struct ObservationPorts: Sendable {
    package var logs: any LogReader
    package var replacement: any ProcessReplacement
    package var units: any UnitInspector
    package var connections: any ConnectionReader

    package init(
        logs: any LogReader, replacement: any ProcessReplacement, units: any UnitInspector,
        connections: any ConnectionReader
    ) {
        self.logs = logs
        self.replacement = replacement
        self.units = units
        self.connections = connections
    }
}
