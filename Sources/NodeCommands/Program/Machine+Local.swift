import ClusterModel
import HostPorts
import LinuxHost
import PatroniClient
import PostgresClient
import SystemdClient

extension Machine {
    /// This machine: the one place where adapters are chosen.
    static func local() -> Machine {
        Machine(
            files: LinuxFileStore(), commands: LinuxCommandRunner(), services: SystemdManager(),
            journal: SystemdJournal(), network: LinuxNetwork(), patroni: HTTPPatroniAPI(), postgres: LibPQConnector(),
            system: LinuxSystem(), clock: ContinuousClock(),
            observation: ObservationPorts(
                logs: SystemdLogs(), replacement: LinuxProcessReplacement(), units: SystemdManager(),
                connections: LinuxNetwork()))
    }

    func requireRoot(to doing: String) throws(NodeFailure) {
        guard system.userID == 0 else {
            throw NodeFailure(.notPermitted, "only root can \(doing)", hint: "Run the same command with sudo.")
        }
    }
}
