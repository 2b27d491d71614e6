/// Parameters of PostgreSQL that cluster.yml must not set, because Patroni or we do.
///
/// Patroni documentation, "PostgreSQL parameters controlled by Patroni"; recovery parameters as in its
/// `ConfigHandler._RECOVERY_PARAMETERS`.
enum ReservedParameter {
    static let names = hints.map(\.name)

    /// What to do instead; nil if the parameter is free.
    static func hint(for name: String) -> String? {
        if let hint = hints.first(where: { $0.name == name })?.hint { return hint }
        return name.hasPrefix("recovery_target") ? recovery : nil
    }

    private static let replication = "Patroni sets it for each member. Remove the line."
    private static let always = "Patroni keeps it on. Remove the line."
    private static let place = "It is a part of how pgha-node lays out a host. Remove the line."
    private static let recovery = "Patroni decides what a replica follows. Remove the line."
    private static let include = "It is a directive, not a parameter. Put the parameters themselves here."

    private static let hints: [(name: String, hint: String)] = [
        ("listen_addresses", "A member listens on the address of its host, \"hosts.NAME.address\", and on loopback."),
        ("port", "Use \"postgres_port\" of the role."),
        ("cluster_name", "Use \"scope\"."),
        ("hot_standby", always),
        ("wal_log_hints", always),
        ("wal_keep_segments", "PostgreSQL 13 and later have \"wal_keep_size\" instead."),
        ("primary_conninfo", replication),
        ("primary_slot_name", replication),
        ("synchronous_standby_names", "Use \"durability\"."),
        ("unix_socket_directories", place),
        ("data_directory", "Use \"directories.data\" or \"directories.postgresql\"."),
        ("config_file", place),
        ("hba_file", "Use \"postgresql.pg_hba\"."),
        ("ident_file", place),
        ("external_pid_file", place),
        ("recovery_target_timeline", recovery),
        ("promote_trigger_file", recovery),
        ("trigger_file", recovery),
        ("standby_mode", recovery),
        ("include", include),
        ("include_dir", include),
        ("include_if_exists", include),
    ]
}
