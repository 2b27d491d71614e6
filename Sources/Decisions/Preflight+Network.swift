import ClusterModel

// Addresses, ports and the other hosts.
extension Preflight {
    func address() -> PreflightFinding {
        if facts.localAddresses.contains(host.address) {
            return PreflightFinding(.address, .ok, "\(host.address) is an address of this host")
        }
        let isLoopback = host.address.hasPrefix("127.") || host.address == "::1"
        if isLoopback, cluster.hosts.count == 1 {
            return PreflightFinding(.address, .ok, "\(host.address) is loopback, and there is only one host")
        }
        let present = facts.localAddresses.isEmpty ? "none" : facts.localAddresses.joined(separator: ", ")
        return PreflightFinding(
            .address, .failed, "\(host.address), the address of \(host.name), is not on any interface of this host",
            hint: "The addresses here are: \(present). Correct cluster.yml, or run this on \(host.name).")
    }

    func ports() -> PreflightFinding {
        guard let listeners = facts.listeners else {
            return unknown(.ports, "the listening ports could not be read")
        }
        let wanted = wantedPorts
        var ours: [String] = []
        var taken: [String] = []
        for port in wanted {
            let holders = listeners.filter { $0.port == port }
            if let foreign = holders.first(where: { Self.ownUnit($0.controlGroup) == nil }) {
                taken.append("\(port) by \(Self.holder(foreign))")
            } else if let unit = holders.first.flatMap({ Self.ownUnit($0.controlGroup) }) {
                ours.append("\(port) in use by \(unit)")
            }
        }
        guard taken.isEmpty else {
            return PreflightFinding(
                .ports, .failed, "ports are in use: \(taken.joined(separator: ", "))",
                hint: "Stop what holds them, or give the services other ports in cluster.yml.")
        }
        let list = wanted.map(String.init).joined(separator: ", ")
        return PreflightFinding(
            .ports, .ok, ours.isEmpty ? "free: \(list)" : "free or ours: \(ours.joined(separator: ", "))")
    }

    /// Every port the services of this host listen on, each once, in ascending order.
    private var wantedPorts: [Int] {
        let ports = host.roles.flatMap { assignment in
            assignment.services.flatMap { service -> [Int] in
                switch service {
                case .zookeeper:
                    [cluster.ports.zookeeperClient, cluster.ports.zookeeperPeer, cluster.ports.zookeeperElection]
                case .patroni: [assignment.postgresPort, assignment.patroniPort].compactMap(\.self)
                case .haproxy: [cluster.ports.readWrite, cluster.ports.readOnly, cluster.ports.statistics]
                }
            }
        }
        return Set(ports + [cluster.ports.agent, cluster.ports.agentPeers]).sorted()
    }

    /// `pgha-haproxy@pg1` out of `/pgha.slice/pgha-haproxy@pg1.service`; nil if the control group is not ours.
    private static func ownUnit(_ controlGroup: String?) -> String? {
        let parts = (controlGroup ?? "").split(separator: "/")
        guard let unit = parts.first(where: { $0.hasPrefix("pgha-") && $0.hasSuffix(".service") }) else { return nil }
        return String(unit.dropLast(".service".count))
    }

    private static func holder(_ listener: PreflightFacts.Listener) -> String {
        let unit = (listener.controlGroup ?? "").split(separator: "/").last { $0.hasSuffix(".service") }
        return "\"\(listener.process ?? "an unknown process")\"" + (unit.map { " (\($0))" } ?? "")
    }

    func peers() -> PreflightFinding {
        guard !facts.peers.isEmpty else { return PreflightFinding(.peers, .ok, "there are no other hosts") }
        let silent = facts.peers.filter { peer in !peer.probes.contains { $0.outcome == .answered } }
        let filtered = facts.peers.filter { peer in
            !silent.contains(peer) && peer.probes.contains { $0.outcome != .answered }
        }
        var complaints = silent.map { peer in
            for case .noWay(let reason) in peer.probes.map(\.outcome) { return "\(Self.label(peer)): \(reason)" }
            return "\(Self.label(peer)) does not answer"
        }
        complaints += filtered.map { peer in
            let ports = peer.probes.filter { $0.outcome != .answered }.map { String($0.port) }
            return "\(Self.label(peer)) answers, but not on \(ports.joined(separator: ", "))"
        }
        guard !complaints.isEmpty else {
            return PreflightFinding(.peers, .ok, "reached \(facts.peers.map(\.name).joined(separator: ", "))")
        }
        let ports = Set(facts.peers.flatMap(\.probes).filter { $0.outcome != .answered }.map(\.port)).sorted()
        return PreflightFinding(
            .peers, .warning, complaints.joined(separator: "; "),
            hint:
                "Either the host is not up yet, or a firewall drops \(ports.map(String.init).joined(separator: ", ")); "
                + "the hosts of the cluster need these ports among themselves.")
    }

    private static func label(_ peer: PreflightFacts.Peer) -> String {
        "\(peer.name) (\(peer.address))"
    }

    func clockSkew() -> PreflightFinding {
        let offsets = facts.peers.compactMap { peer -> (name: String, offset: Double)? in
            let offsets = peer.members.compactMap(\.clockOffset)
            return offsets.max { abs($0) < abs($1) }.map { (peer.name, $0) }
        }
        guard let worst = offsets.max(by: { abs($0.offset) < abs($1.offset) }) else {
            return unknown(.clockSkew, facts.peers.isEmpty ? "there are no other hosts" : "no peer answers yet")
        }
        // Whole seconds in an HTTP date make half a second of this invisible.
        let size = abs(worst.offset)
        if size < 1.5 {
            return PreflightFinding(.clockSkew, .ok, "the clocks of \(offsets.count) other hosts agree with ours")
        }
        let direction = worst.offset > 0 ? "ahead of" : "behind"
        return PreflightFinding(
            .clockSkew, size < 5 ? .warning : .failed,
            "the clock of \(worst.name) is \(PreflightText.tenths(size)) s \(direction) ours",
            hint: "Run a time service such as chrony on every host. "
                + "With clocks that differ, logs and time stamps of a failover cannot be put in order.")
    }
}
