import AgentPeers
import AgentServer
import ClusterModel
import HostPorts
import LinuxHost
import PatroniClient
import PostgresClient
import SystemdClient
import ZooKeeperClient

extension Machine {
    /// This machine: the one place where adapters are chosen.
    static func local() -> Machine {
        Machine(
            files: LinuxFileStore(), commands: LinuxCommandRunner(), services: SystemdManager(),
            journal: SystemdJournal(), network: LinuxNetwork(), patroni: HTTPPatroniAPI(), postgres: LibPQConnector(),
            system: LinuxSystem(), clock: ContinuousClock(),
            observation: ObservationPorts(
                logs: SystemdLogs(), patterns: PerlPatterns(), replacement: LinuxProcessReplacement(),
                units: SystemdManager(),
                connections: LinuxNetwork()))
    }

    func requireRoot(to doing: String) throws(NodeFailure) {
        guard system.userID == 0 else {
            throw NodeFailure(.notPermitted, "only root can \(doing)", hint: "Run the same command with sudo.")
        }
    }
}

extension AgentEvent {
    /// Into the journal of this host, where there is one.
    func send() { SystemdNotifier.send(self, as: "pgha-node") }
}

extension PeerNetwork where Self == TLSPeerNetwork {
    static var local: TLSPeerNetwork { TLSPeerNetwork() }
}

extension Machine {
    /// What the start of a daemon needed of the program is not needed for the months that it runs.
    static func leaveProgramText() { LinuxProgramText.leave() }
}

extension AgentPorts {
    static let notifier: any ServiceNotifier & EventLog = SystemdNotifier()
    private static let peers = TLSPeerNetwork(keepsConnections: true)

    /// The agent's own ports. The session is short: what it is for is to hear of changes, and it holds no lock.
    static func local(for cluster: Cluster, on host: ClusterHost) -> AgentPorts {
        let servers = cluster.placements(of: .zookeeper).map {
            ZooKeeperSession.Server(host: $0.host.address, port: cluster.ports.zookeeperClient)
        }
        return AgentPorts(
            notifier: notifier, coordination: ZooKeeperSession(servers: servers, timeout: .seconds(6)),
            processes: LinuxProcesses(), events: notifier, server: HummingbirdStatusServer(),
            peers: peers)
    }
}
