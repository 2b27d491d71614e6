// The sections with settings.
extension ClusterSchema {
    static let ports: [SchemaKey] = [
        SchemaKey(
            "read_write", .integer(1...65535), default: "\(empty.ports.readWrite)",
            "HAProxy: the cluster's entry point, the leader only."),
        SchemaKey(
            "read_only", .integer(1...65535), default: "\(empty.ports.readOnly)",
            "HAProxy: replicas that are streaming."),
        SchemaKey(
            "statistics", .integer(1...65535), default: "\(empty.ports.statistics)", "HAProxy: its statistics page."),
        SchemaKey(
            "zookeeper", .integer(unprivilegedPorts), default: "\(empty.ports.zookeeperClient)", "ZooKeeper: clients."),
        SchemaKey(
            "zookeeper_peer", .integer(unprivilegedPorts), default: "\(empty.ports.zookeeperPeer)",
            "ZooKeeper: followers of the leader."),
        SchemaKey(
            "zookeeper_election", .integer(unprivilegedPorts), default: "\(empty.ports.zookeeperElection)",
            "ZooKeeper: election of a leader."),
    ]

    static let versions: [SchemaKey] = [
        SchemaKey(
            "postgresql", .integer(13...18), default: "\(empty.postgres.version)", "PostgreSQL's major version."),
        SchemaKey(
            "patroni",
            .choice(
                SchemaType.Choice(
                    noun: "Patroni version", values: ["pinned", "distribution", PatroniSource.pinnedVersion],
                    hint: "Use pinned, which is \(PatroniSource.pinnedVersion), or distribution.")),
            default: "pinned",
            "pinned: \(PatroniSource.pinnedVersion) from PyPI, checked by hash; distribution: its package."),
    ]

    static let patroni: [SchemaKey] = [
        SchemaKey(
            "ttl", .integer(3...86400), default: "\(empty.patroni.ttl)",
            "How long a leader without a sign of life stays leader; at least 20, and loop_wait + 2 * retry_timeout."),
        SchemaKey(
            "loop_wait", .integer(1...3600), default: "\(empty.patroni.loopWait)",
            "Pause between two rounds of Patroni."),
        SchemaKey(
            "retry_timeout", .integer(1...3600), default: "\(empty.patroni.retryTimeout)",
            "How long ZooKeeper and PostgreSQL are asked again before Patroni gives up; at least 3."),
        SchemaKey(
            "maximum_lag_on_failover", .size(0...1 << 50), default: "1MB",
            "WAL that a replica may lack and still be promoted: bytes, or a number with kB, MB or GB."),
        SchemaKey(
            "use_pg_rewind", .boolean, default: "\(empty.patroni.usePgRewind)",
            "A former leader is rewound, not copied anew."),
        SchemaKey(
            "failsafe_mode", .boolean, default: "\(empty.patroni.failsafeMode)",
            "Without ZooKeeper a leader that reaches all other members goes on."),
    ]

    static let postgres: [SchemaKey] = [
        SchemaKey(
            "parameters",
            .entries(
                SchemaType.Entries(key: .parameterName, value: .scalar, refused: ReservedParameter.names)),
            default: "{}", "For example { max_connections: 200, shared_buffers: 256MB }."),
        SchemaKey(
            "pg_hba", .list(.text(.accessLine)), default: "[]",
            "Lines before our own in pg_hba.conf, for example [\"hostssl shop shop 198.51.100.0/24 scram-sha-256\"]."),
    ]

    static let zookeeper: [SchemaKey] = [
        SchemaKey("tick_time", .integer(100...10000), default: "\(empty.zookeeper.tickTime)", "The length of a tick."),
        SchemaKey(
            "init_limit", .integer(1...1000), default: "\(empty.zookeeper.initLimit)",
            "Ticks that a follower may take to connect and to catch up."),
        SchemaKey(
            "sync_limit", .integer(1...1000), default: "\(empty.zookeeper.syncLimit)",
            "Ticks that a follower may be behind."),
        SchemaKey(
            "min_session_timeout", .integer(200...86_400_000), default: "\(empty.zookeeper.minSessionTimeout)",
            "No session is shorter; must not be above Patroni's ttl."),
        SchemaKey(
            "max_session_timeout", .integer(200...86_400_000), default: "\(empty.zookeeper.maxSessionTimeout)",
            "No session is longer; must not be below Patroni's ttl."),
        SchemaKey(
            "heap_megabytes", .integer(64...65536), default: "\(empty.zookeeper.heapMegabytes)",
            "Memory of its Java heap in MiB."),
    ]

    static let haproxy: [SchemaKey] = [
        SchemaKey(
            "max_connections", .integer(10...1_000_000), default: "\(empty.haproxy.maxConnections)",
            "Connections of one HAProxy."),
        SchemaKey(
            "statistics_open", .boolean, default: "\(empty.haproxy.statisticsOpen)",
            "Whether the statistics page, which has no password, is open to other hosts."),
    ]

    static let agent: [SchemaKey] = [
        SchemaKey(
            "suspicion", .integer(500...600_000), default: "\(empty.agent.suspicion)",
            "How long a leader that is stopped or frozen may give no sign of life; twice that where it only hangs."),
        SchemaKey(
            "on_crash",
            .choice(
                SchemaType.Choice(
                    noun: "answer to a crash", values: CrashPolicy.allCases.map(\.rawValue),
                    hint: "Use restart or failover.")),
            default: empty.agent.onCrash.rawValue,
            "With durability asynchronous, a crashed leader: restart, or failover, which may lose commits."),
    ]

    static let drill: [SchemaKey] = [
        SchemaKey(
            "allowed", .boolean, default: "\(empty.drill.isAllowed)",
            "Whether \"pgha-node drill\" may break something; every host's own file counts for that host."),
        SchemaKey(
            "limits",
            .section(
                DrillKind.allCases.map {
                    SchemaKey($0.rawValue, .integer(1...3_600_000), "For \"drill \($0.rawValue)\".")
                }), default: "{}",
            "For how long clients may be unable to write, in milliseconds; without, what the README promises."),
    ]

    static let directories: [SchemaKey] = [
        SchemaKey("data", .text(.directory), default: empty.directories.data, "The base of everything."),
        SchemaKey(
            "postgresql", .text(.directory), default: empty.directories.data,
            "The base of PostgreSQL's data only: <base>/<role>/postgresql."),
        SchemaKey(
            "zookeeper", .text(.directory), default: empty.directories.data,
            "The base of ZooKeeper's data only: <base>/<role>/zookeeper."),
    ]
}

extension PatroniSource {
    /// The release that is meant by `pinned`.
    package static let pinnedVersion = "4.1.5"
}
