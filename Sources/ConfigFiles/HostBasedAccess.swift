import ClusterModel

/// pg_hba.conf: closed but for the cluster itself; `cluster.yml` opens it (PostgreSQL documentation, "Client Authentication").
enum HostBasedAccess {
    static func lines(of cluster: Cluster) -> [String] {
        let loopback = "127.0.0.1/32"
        let members = networks(cluster.placements(of: .patroni).map(\.host))
        // HAProxy's sessions come from the address of its host, and the agents of all hosts look at every member.
        let hosts = networks(cluster.hosts)
        return cluster.postgres.hbaLines
            + ["local all postgres peer", "local all all scram-sha-256"]
            // Patroni asks its own server for the timeline by a replication session over TCP.
            + ([loopback] + members.filter { $0 != loopback }).map { "host replication replicator \($0) scram-sha-256" }
            + members.map { "host postgres rewind \($0) scram-sha-256" }
            + ([loopback] + hosts.filter { $0 != loopback }).map { "host all all \($0) scram-sha-256" }
    }

    /// Each address once, in order.
    private static func networks(_ hosts: [ClusterHost]) -> [String] {
        var seen: Set<String> = []
        return hosts.map { $0.address.contains(":") ? "\($0.address)/128" : "\($0.address)/32" }
            .filter { seen.insert($0).inserted }
    }
}
