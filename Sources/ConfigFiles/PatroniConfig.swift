import ClusterModel

/// Where Patroni keeps what it knows in ZooKeeper.
package enum PatroniNodes {
    /// Patroni's own default.
    package static let namespace = "/service/"
}

/// patroni.yml (Patroni documentation, "YAML Configuration Settings"), for Patroni 3.0.2 and 4.1.
enum PatroniConfig {
    static func files(
        for assignment: RoleAssignment, on host: ClusterHost, of cluster: Cluster, secrets: Secrets
    ) -> [RenderedFile] {
        guard let postgresPort = assignment.postgresPort, let patroniPort = assignment.patroniPort else { return [] }
        let member = Member(
            role: assignment.role, address: host.address, postgresPort: postgresPort, patroniPort: patroniPort)
        let document = YAMLNode.map([
            YAMLEntry("scope", .string(cluster.scope)),
            YAMLEntry("namespace", .string(PatroniNodes.namespace)),
            YAMLEntry("name", .string(member.role.text)),
            YAMLEntry("log", log),
            YAMLEntry("restapi", restAPI(member, secrets)),
            YAMLEntry("zookeeper", .map([YAMLEntry("hosts", .list(cluster.zookeeperEndpoints.map(YAMLNode.string)))])),
            YAMLEntry("bootstrap", bootstrap(cluster)),
            YAMLEntry("postgresql", postgres(member, cluster, secrets)),
        ])
        return [
            RenderedFile(
                path: "/etc/pgha/\(member.role)/patroni.yml", contents: ConfigHeader.prefixing(document.yaml),
                owner: "postgres", group: "postgres", mode: 0o600)
        ]
    }

    private struct Member {
        var role: RoleName
        var address: String
        var postgresPort: Int
        var patroniPort: Int
    }

    // Standard error is the journal, which has its own time stamps.
    private static let log = YAMLNode.map([
        YAMLEntry("level", "INFO"),
        YAMLEntry("format", "%(levelname)s: %(message)s"),
    ])

    private static func restAPI(_ member: Member, _ secrets: Secrets) -> YAMLNode {
        let endpoint = YAMLNode.string(Cluster.endpoint(member.address, member.patroniPort))
        return .map([
            YAMLEntry("listen", endpoint),
            YAMLEntry("connect_address", endpoint),
            YAMLEntry(
                "authentication",
                .map([
                    YAMLEntry("username", "patroni"),
                    YAMLEntry("password", .string(secrets.restAPI)),
                ]), comments: "For what changes something: switchover, restart, configuration."),
        ])
    }

    private static func bootstrap(_ cluster: Cluster) -> YAMLNode {
        var entries = [
            YAMLEntry(
                "dcs", dynamic(cluster),
                comments: "Patroni reads this once, when the cluster is made; later it is in ZooKeeper",
                "and changed there (PATCH /config, patronictl edit-config)."),
            YAMLEntry(
                "initdb",
                .list([
                    .map([YAMLEntry("encoding", "UTF8")]),
                    .map([YAMLEntry("locale", "C.UTF-8")]),
                    "data-checksums",
                    .map([YAMLEntry("auth-host", "scram-sha-256")]),
                    .map([YAMLEntry("auth-local", "peer")]),
                ]), comments: "Checksums also are what pg_rewind needs."),
        ]
        if cluster.patroni.source == .distribution {
            entries.append(
                YAMLEntry(
                    "pg_hba", .list(HostBasedAccess.lines(of: cluster).map(YAMLNode.string)),
                    comments: "postgresql.pg_hba wins; the check of Patroni 3.0 insists on this one."))
        }
        return .map(entries)
    }

    static func dynamic(_ cluster: Cluster) -> YAMLNode {
        let settings = cluster.patroni
        var entries = [
            YAMLEntry("ttl", .integer(settings.ttl)),
            YAMLEntry("loop_wait", .integer(settings.loopWait)),
            YAMLEntry("retry_timeout", .integer(settings.retryTimeout)),
            YAMLEntry("maximum_lag_on_failover", .integer(settings.maximumLagOnFailover)),
            YAMLEntry("synchronous_mode", synchronousMode(cluster.durability)),
            YAMLEntry("synchronous_mode_strict", .boolean(cluster.durability == .strict)),
            YAMLEntry("failsafe_mode", .boolean(settings.failsafeMode)),
        ]
        if cluster.profile == .standard {
            entries.append(
                YAMLEntry("check_timeline", true, comments: "A replica on an old timeline must not win the election."))
        }
        entries.append(
            YAMLEntry(
                "postgresql",
                .map([
                    YAMLEntry("use_pg_rewind", .boolean(settings.usePgRewind)),
                    YAMLEntry("use_slots", true),
                    YAMLEntry(
                        "parameters",
                        .map(PatroniParameters.shared(cluster.postgres).map { YAMLEntry($0.name, .string($0.value)) }),
                        comments: "Those that must be the same on all members; Patroni takes them from here only."),
                ])))
        return .map(entries)
    }

    private static func synchronousMode(_ durability: Durability) -> YAMLNode {
        switch durability {
        case .asynchronous: false
        case .synchronous, .strict: true
        case .quorum: "quorum"
        }
    }

    private static func postgres(_ member: Member, _ cluster: Cluster, _ secrets: Secrets) -> YAMLNode {
        let version = cluster.postgres.version
        return .map([
            YAMLEntry("listen", .string(listen(member))),
            YAMLEntry("connect_address", .string(Cluster.endpoint(member.address, member.postgresPort))),
            YAMLEntry("data_dir", .string(cluster.directories.postgres(of: member.role))),
            YAMLEntry("bin_dir", .string("/usr/lib/postgresql/\(version)/bin")),
            YAMLEntry("pgpass", .string("/run/pgha/\(member.role)/patroni/pgpass")),
            YAMLEntry("use_unix_socket", true, comments: "Patroni's own sessions do not depend on the network."),
            YAMLEntry("authentication", authentication(secrets)),
            YAMLEntry(
                "parameters",
                .map(PatroniParameters.local(cluster).map { YAMLEntry($0.name, .string($0.value)) })),
            YAMLEntry("pg_hba", .list(HostBasedAccess.lines(of: cluster).map(YAMLNode.string))),
            YAMLEntry(
                "basebackup", .list([.map([YAMLEntry("checkpoint", "fast")])]),
                comments: "pg_basebackup would wait for a spread checkpoint, which can take minutes."),
            YAMLEntry(
                "remove_data_directory_on_rewind_failure", false,
                comments: "Data that cannot be rewound may be the only copy; who throws it away is asked first."),
            YAMLEntry("remove_data_directory_on_diverged_timelines", false),
        ])
    }

    /// The host's address and the loopback, e.g. `10.0.0.1,127.0.0.1:5433`.
    private static func listen(_ member: Member) -> String {
        let endpoint = Cluster.endpoint("127.0.0.1", member.postgresPort)
        if member.address == "127.0.0.1" { return endpoint }
        return (member.address.contains(":") ? "[\(member.address)]" : member.address) + "," + endpoint
    }

    private static func authentication(_ secrets: Secrets) -> YAMLNode {
        let users = [
            ("superuser", "postgres", secrets.superuser),
            ("replication", "replicator", secrets.replication),
            ("rewind", "rewind", secrets.rewind),
        ]
        return .map(
            users.map { purpose, name, password in
                YAMLEntry(
                    purpose, .map([YAMLEntry("username", .string(name)), YAMLEntry("password", .string(password))]))
            })
    }
}
