import ClusterModel

/// Divides PostgreSQL's parameters between ZooKeeper and `patroni.yml`.
///
/// What stands in `bootstrap.dcs` is applied once, when the cluster is made; what stands in `patroni.yml` at every reload.
/// So everything goes into `patroni.yml`, except the parameters which Patroni ignores there because they must be the same
/// on all members.
enum PatroniParameters {
    // The keys of CMDLINE_OPTIONS (patroni/postgresql/config.py); `_process_postgresql_parameters` (patroni/config.py)
    // drops them from the local configuration.
    private static let sharedNames: Set<String> = [
        "wal_level", "hot_standby", "max_connections", "max_wal_senders", "wal_keep_segments", "wal_keep_size",
        "max_prepared_transactions", "max_locks_per_transaction", "track_commit_timestamp", "max_replication_slots",
        "max_worker_processes", "wal_log_hints",
    ]

    static func shared(_ settings: PostgresSettings) -> [ConfigParameter] {
        settings.parameters.filter(isShared)
    }

    static func local(_ cluster: Cluster) -> [ConfigParameter] {
        var ours = [
            ConfigParameter(name: "unix_socket_directories", value: "/run/postgresql"),
            ConfigParameter(name: "password_encryption", value: "scram-sha-256"),
        ]
        // Commits wait for a synchronous replica that is frozen, or whose host is lost, as long as its connection looks alive, which is
        // 60 s by default; when that has ended Patroni chooses another one (PostgreSQL, "Sending Servers").
        if cluster.profile == .standard { ours.append(ConfigParameter(name: "wal_sender_timeout", value: "10s")) }
        let theirs = cluster.postgres.parameters.filter { !isShared($0) }
        let names = Set(theirs.map { $0.name.lowercased() })
        return ours.filter { !names.contains($0.name) } + theirs
    }

    private static func isShared(_ parameter: ConfigParameter) -> Bool {
        sharedNames.contains(parameter.name.lowercased())
    }
}
