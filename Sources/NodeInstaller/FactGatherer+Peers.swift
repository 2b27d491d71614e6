import ClusterModel
import Decisions
import HostPorts

// The other hosts, all asked at the same time.
extension FactGatherer {
    /// In the order of cluster.yml.
    ///
    /// On a host that is installed, ports that log every probe as a fault are left in peace.
    func peers(isInstalled: Bool) async -> [PreflightFacts.Peer] {
        let others = cluster.hosts.filter { $0.name != host.name }
        return await withTaskGroup(of: (Int, PreflightFacts.Peer).self) { group in
            for (index, other) in others.enumerated() {
                group.addTask { (index, await look(at: other, isInstalled)) }
            }
            return await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private func look(at other: ClusterHost, _ isInstalled: Bool) async -> PreflightFacts.Peer {
        async let probes = probes(of: other, isInstalled)
        async let members = members(on: other)
        return await PreflightFacts.Peer(
            name: other.name, address: other.address, probes: probes, members: members)
    }

    private func probes(of other: ClusterHost, _ isInstalled: Bool) async -> [PreflightFacts.Peer.Probe] {
        await withTaskGroup(of: PreflightFacts.Peer.Probe.self) { group in
            for port in ports(of: other, isInstalled) {
                group.addTask {
                    let outcome = await machine.network.connect(to: other.address, port: port, within: limit)
                    return PreflightFacts.Peer.Probe(port: port, Self.judge(outcome))
                }
            }
            return await group.reduce(into: []) { $0.append($1) }.sorted { $0.port < $1.port }
        }
    }

    /// Ports that the hosts of a cluster need among themselves; HAProxy's where a host has nothing else.
    private func ports(of other: ClusterHost, _ isInstalled: Bool) -> Set<Int> {
        var ports: Set<Int> = []
        for assignment in other.roles {
            if assignment.services.contains(.zookeeper) {
                ports.insert(cluster.ports.zookeeperClient)
                // ZooKeeper warns in its log about whoever connects to these and says nothing.
                if !isInstalled { ports.formUnion([cluster.ports.zookeeperPeer, cluster.ports.zookeeperElection]) }
            }
            ports.formUnion([assignment.postgresPort, assignment.patroniPort].compactMap(\.self))
        }
        return ports.isEmpty ? [cluster.ports.readWrite] : ports
    }

    private static func judge(_ outcome: ConnectOutcome) -> PreflightFacts.Peer.Outcome {
        switch outcome {
        case .accepted, .refused: .answered
        case .timedOut: .silent
        case .unreachable(let reason): .noWay(reason)
        }
    }

    private func members(on other: ClusterHost) async -> [PreflightFacts.PeerMember] {
        await withTaskGroup(of: PreflightFacts.PeerMember?.self) { group in
            for assignment in other.roles {
                guard let port = assignment.patroniPort else { continue }
                group.addTask { await ask(other.address, port, expecting: assignment.role) }
            }
            return await group.reduce(into: []) { if let member = $1 { $0.append(member) } }
                .sorted { $0.name < $1.name }
        }
    }

    private func ask(_ address: String, _ port: Int, expecting role: RoleName) async -> PreflightFacts.PeerMember? {
        async let list = try? machine.patroni.members(seenBy: address, port: port, within: limit)
        let before = machine.system.now()
        guard let status = try? await machine.patroni.status(of: address, port: port, within: limit) else { return nil }
        let after = machine.system.now()
        var member = PreflightFacts.PeerMember(name: status.name ?? role.text)
        member.scope = status.scope
        member.systemIdentifier = status.systemIdentifier
        // The header has whole seconds, so the clock was on average half a second further.
        member.clockOffset = status.date.map { $0 + 0.5 - (before + after) / 2 }
        member.sees = (await list ?? []).map {
            PreflightFacts.SeenMember(name: $0.name, host: $0.host, state: $0.state)
        }
        return member
    }
}
