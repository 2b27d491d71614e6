/// Everything through which this program touches the world, in one value that is handed down.
///
/// There is no other way to a file, a process, a unit or a socket; tests hand in fakes (`Machine.unusable()` and changes to it).
package struct Machine: Sendable {
    package var files: any FileStore
    package var commands: any CommandRunner
    package var services: any ServiceManager
    package var journal: any JournalReader
    package var network: any NetworkProbe
    package var patroni: any PatroniAPI
    package var postgres: any PostgresConnector
    package var system: any SystemProbe
    package var clock: any Clock<Duration>
    package var observation: ObservationPorts

    package init(
        files: any FileStore,
        commands: any CommandRunner,
        services: any ServiceManager,
        journal: any JournalReader,
        network: any NetworkProbe,
        patroni: any PatroniAPI,
        postgres: any PostgresConnector,
        system: any SystemProbe,
        clock: any Clock<Duration>,
        observation: ObservationPorts
    ) {
        self.files = files
        self.commands = commands
        self.services = services
        self.journal = journal
        self.network = network
        self.patroni = patroni
        self.postgres = postgres
        self.system = system
        self.clock = clock
        self.observation = observation
    }
}
