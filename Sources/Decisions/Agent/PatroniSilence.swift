import ClusterModel

/// How long a leader's Patroni may say nothing.
package enum PatroniSilence {
    /// A third of the lease: a Patroni that is started anew, which takes about two seconds, has the rest for itself; and a
    /// REST API that is merely slow under load is not mistaken for one that hangs.
    package static func limit(in cluster: Cluster) -> Duration {
        .seconds(max(6, cluster.patroni.ttl / 3))
    }

    package static func isHang(_ silence: Duration, in cluster: Cluster) -> Bool {
        silence >= limit(in: cluster)
    }
}
