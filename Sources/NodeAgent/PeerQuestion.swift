import ClusterModel
import Decisions
import HostPorts

/// Asks the agent of another host, with this host's certificate as it is on disk.
struct PeerQuestion: Sendable {
    let context: AgentContext

    func ask(
        _ path: String, _ host: ClusterHost, within limit: Duration
    ) async throws(NodeFailure) -> StatusAnswer {
        try await context.ports.peers.get(
            path, from: host.address, port: context.cluster.ports.agentPeers, as: try credentials(), within: limit)
    }

    func credentials() throws(NodeFailure) -> PeerCredentials {
        let files = context.machine.files
        guard let authority = try files.text(AgentCertificate.authorityPath),
            let certificate = try files.text(AgentCertificate.certificatePath),
            let key = try files.text(AgentCertificate.keyPath)
        else {
            throw NodeFailure(
                .notFound, "this host has no certificate, so its agent does not talk to the others",
                hint: "Run \"pgha-node certs init\" and \"pgha-node certs renew\".")
        }
        return PeerCredentials(authority: authority, certificate: certificate, key: key)
    }

    /// Without a word to the agent there, or from it.
    func connect(to host: ClusterHost, within limit: Duration) async -> ConnectOutcome {
        await context.machine.network.connect(
            to: host.address, port: context.cluster.ports.agentPeers, within: limit)
    }

    /// Whether the other host can be reached at all: its kernel answers, whatever its agent does.
    func reaches(_ host: ClusterHost, within limit: Duration) async -> Bool {
        switch await connect(to: host, within: limit) {
        case .accepted, .refused: true
        case .timedOut, .unreachable: false
        }
    }
}
