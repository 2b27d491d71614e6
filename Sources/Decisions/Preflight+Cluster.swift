import ClusterModel

// What the other hosts say about the cluster.
extension Preflight {
    private var peerMembers: [(host: String, address: String, member: PreflightFacts.PeerMember)] {
        facts.peers.flatMap { peer in peer.members.map { (peer.name, peer.address, $0) } }
    }

    private var noPeer: String {
        facts.peers.isEmpty ? "there are no other hosts" : "no peer answers yet"
    }

    func roleClaimed() -> PreflightFinding {
        let members = host.roles.map(\.role).filter(\.isMember)
        guard !members.isEmpty else { return PreflightFinding(.roleClaimed, .ok, "this host has no member role") }
        let answers = peerMembers
        guard !answers.isEmpty else { return unknown(.roleClaimed, noPeer) }
        for role in members {
            guard let owner = claimant(of: role) else { continue }
            return PreflightFinding(
                .roleClaimed, .failed, "\(role) is alive on \(owner) already",
                hint: "Two hosts with one name destroy the cluster. Give this host another role, "
                    + "or stop \"pgha-patroni@\(role).service\" on \(owner) for good first.")
        }
        return PreflightFinding(
            .roleClaimed, .ok, "no other host runs \(members.map(\.text).joined(separator: ", "))")
    }

    /// The address of another host where a member of that name is alive.
    private func claimant(of role: RoleName) -> String? {
        let own = facts.localAddresses + [host.address]
        for (_, address, member) in peerMembers {
            if member.name == role.text, !own.contains(address) { return address }
            for seen in member.sees where seen.name == role.text && ["running", "streaming"].contains(seen.state) {
                if let place = seen.host, !own.contains(place) { return place }
            }
        }
        return nil
    }

    func sameCluster() -> PreflightFinding {
        let scopes = peerMembers.compactMap { answer in answer.member.scope.map { (answer.host, $0) } }
        guard !scopes.isEmpty else { return unknown(.sameCluster, noPeer) }
        guard let other = scopes.first(where: { $0.1 != cluster.scope }) else {
            return PreflightFinding(.sameCluster, .ok, "the other hosts belong to \"\(cluster.scope)\"")
        }
        return PreflightFinding(
            .sameCluster, .failed, "\(other.0) belongs to \"\(other.1)\", and this is \"\(cluster.scope)\"",
            hint: "Compare cluster.yml of both hosts: the addresses, or the name of the cluster, are not the same.")
    }

    func systemIdentifier() -> PreflightFinding {
        let local = facts.dataDirectories.compactMap { place in place.systemIdentifier.map { (place.path, $0) } }
        guard let first = local.first else {
            let isUnknown = facts.dataDirectories.contains { $0.postgresVersion != nil }
            return unknown(
                .systemIdentifier,
                isUnknown ? "pg_controldata could not read the data directory" : "there is no PostgreSQL data here yet")
        }
        let peers = peerMembers.compactMap { answer in answer.member.systemIdentifier.map { (answer.host, $0) } }
        for (path, identifier) in local {
            if let peer = peers.first(where: { $0.1 != identifier }) {
                return mismatch(path, identifier, "\(peer.0) has", peer.1)
            }
        }
        if let other = local.first(where: { $0.1 != first.1 }) {
            return mismatch(other.0, other.1, "\(first.0) has", first.1)
        }
        guard !peers.isEmpty else { return unknown(.systemIdentifier, noPeer) }
        return PreflightFinding(.systemIdentifier, .ok, "\(first.1), the same as on the other hosts")
    }

    private func mismatch(_ path: String, _ own: String, _ other: String, _ theirs: String) -> PreflightFinding {
        PreflightFinding(
            .systemIdentifier, .failed,
            "the data in \(path) is another database system: \(own), and \(other) \(theirs)",
            hint: "Nothing was touched. Look at \(path): if nothing in it is needed, move it away, "
                + "and the member is copied from the leader again. "
                + "If it is what you want to keep, the other hosts are wrong."
        )
    }
}
