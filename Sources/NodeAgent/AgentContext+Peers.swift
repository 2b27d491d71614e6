import ClusterModel
import HostOperations
import HostPorts

extension PeerQuestion {
    init(context: AgentContext) {
        self.init(machine: context.machine, peers: context.ports.peers, port: context.cluster.ports.agentPeers)
    }
}
