import ClusterModel

/// All files of a host, in the order in which they are written. Pure: the same cluster gives the same files.
package enum ConfigRenderer {
    /// Renders `host.roles`; a caller that wants fewer roles leaves the others out of `host`.
    ///
    /// The passwords of `secrets` stand only in files that one service user can read.
    package static func files(
        for host: ClusterHost, of cluster: Cluster, secrets: Secrets, logs: LogTarget = .journal
    ) -> [RenderedFile] {
        UnitConfig.files(for: host, of: cluster)
            + host.roles.flatMap { assignment in
                assignment.services.flatMap { service in
                    switch service {
                    case .zookeeper: ZooConfig.files(for: assignment.role, of: cluster, secrets: secrets, logs: logs)
                    case .patroni: PatroniConfig.files(for: assignment, on: host, of: cluster, secrets: secrets)
                    case .haproxy: HAProxyConfig.files(for: assignment.role, of: cluster, logs: logs)
                    }
                }
            }
    }

    /// As above for some of the host's roles; a role of another host is passed over.
    package static func files(
        forRoles roles: [RoleName], on host: ClusterHost, of cluster: Cluster, secrets: Secrets
    ) -> [RenderedFile] {
        var part = host
        part.roles = host.roles.filter { roles.contains($0.role) }
        return files(for: part, of: cluster, secrets: secrets)
    }

    /// What Patroni keeps in ZooKeeper, as JSON for `PATCH /config` of its REST API.
    ///
    /// `patroni.yml` says it too (`bootstrap.dcs`), but Patroni reads that once, when the cluster is made. A later change
    /// in `cluster.yml` reaches the running cluster only by this way.
    package static func dynamicConfiguration(of cluster: Cluster) -> String {
        PatroniConfig.dynamic(cluster).json
    }
}
