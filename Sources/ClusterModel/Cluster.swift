/// The whole of a validated `cluster.yml`. Whoever holds one need not check it again.
package struct Cluster: Equatable, Sendable {
    package var name: String
    /// Patroni's scope, `pg_cluster` unless named otherwise.
    package var scope: String
    /// In the order of the file.
    package var hosts: [ClusterHost]
    package var ports: ClusterPorts
    package var patroni: PatroniSettings
    package var postgres: PostgresSettings
    package var zookeeper: ZooKeeperSettings
    package var haproxy: HAProxySettings
    package var agent: AgentSettings
    package var drill: DrillSettings
    package var durability: Durability
    package var lease: LeaseLength
    package var profile: Profile
    package var directories: Directories

    package init(name: String, hosts: [ClusterHost]) {
        self.name = name
        self.scope = "pg_cluster"
        self.hosts = hosts
        self.ports = ClusterPorts()
        self.patroni = PatroniSettings()
        self.postgres = PostgresSettings()
        self.zookeeper = ZooKeeperSettings()
        self.haproxy = HAProxySettings()
        self.agent = AgentSettings()
        self.drill = DrillSettings()
        self.durability = .synchronous
        self.lease = .standard
        self.profile = .standard
        self.directories = Directories()
    }
}

/// A machine of the cluster and the roles it holds.
package struct ClusterHost: Equatable, Sendable {
    package var name: String
    /// An IPv4 or IPv6 address in its canonical text form; one address is one machine.
    package var address: String
    package var roles: [RoleAssignment]

    package init(name: String, address: String, roles: [RoleAssignment]) {
        self.name = name
        self.address = address
        self.roles = roles
    }
}

/// A role on a host, with the services it runs there and, for a member, its own ports.
package struct RoleAssignment: Equatable, Sendable {
    package var role: RoleName
    /// In start order: zookeeper, patroni, haproxy.
    package var services: [ServiceKind]
    /// PostgreSQL's port; nil unless the role runs Patroni.
    package var postgresPort: Int?
    /// The port of Patroni's REST API; nil unless the role runs Patroni.
    package var patroniPort: Int?

    package init(role: RoleName, services: [ServiceKind], postgresPort: Int? = nil, patroniPort: Int? = nil) {
        self.role = role
        self.services = services
        self.postgresPort = postgresPort ?? (services.contains(.patroni) ? role.defaultPostgresPort : nil)
        self.patroniPort = patroniPort ?? (services.contains(.patroni) ? role.defaultPatroniPort : nil)
    }
}

/// Ports that are the same on every host (DESIGN: layouts).
package struct ClusterPorts: Equatable, Sendable {
    /// Cluster entry point, read-write, the leader only.
    package var readWrite = 5432
    /// Read-only, replicas that are streaming.
    package var readOnly = 5442
    /// HAProxy's statistics page, on loopback.
    package var statistics = 7000
    package var zookeeperClient = 2181
    package var zookeeperPeer = 2888
    package var zookeeperElection = 3888
    /// The agent: health, readiness, metrics.
    package var agent = 8108
    /// The agents among themselves.
    package var agentPeers = 8109

    package init() {}
}

/// What an acknowledged commit survives.
package enum Durability: String, CaseIterable, Codable, Sendable {
    /// Patroni's `synchronous_mode: true`: falls back to asynchronous when no replica is left.
    case synchronous
    case asynchronous
    /// `synchronous_mode_strict`: without a replica, writes wait.
    case strict
    /// `synchronous_mode: quorum`; needs Patroni 4.
    case quorum
}

/// After how long the loss of a leader's host is believed.
package enum LeaseLength: String, CaseIterable, Codable, Sendable {
    /// When its session in ZooKeeper ends: Patroni's `ttl`.
    case standard
    /// When no other host has heard of it for 4 s; it has then killed its PostgreSQL by itself (`LeaseTimes`).
    case short
}

package enum Profile: String, CaseIterable, Codable, Sendable {
    case standard
    /// The behaviour of the stock compose project, to be measured against.
    case reference
}

/// Where Patroni comes from.
package enum PatroniSource: Equatable, Sendable {
    /// A release from PyPI, pinned with hashes, in a virtual environment of its own.
    case pinned
    /// The distribution's package (Debian 12: 3.0.2).
    case distribution
}

/// The agent's settings.
package struct AgentSettings: Equatable, Sendable {
    /// Milliseconds that a leader whose processes are stopped or frozen may give no sign of life. The default outlasts what a
    /// debugger or a snapshot of a virtual machine takes, and is small beside any lease.
    package var suspicion = 1500
    package var onCrash = CrashPolicy.restart

    package init() {}
}

/// What drills may do, and what they are judged by.
package struct DrillSettings: Equatable, Sendable {
    /// Whether the agent of a host breaks something there when another host of the cluster asks for it.
    package var isAllowed = true
    /// Milliseconds for which clients may be unable to write, by the kind of the drill.
    package var limits: [String: Int] = [:]

    package init() {}
}

/// What becomes of a leader that crashed while its disk may hold commits that nobody else has.
package enum CrashPolicy: String, CaseIterable, Codable, Sendable {
    /// Patroni starts it anew in place.
    case restart
    /// Another member takes over at once.
    case failover
}

/// Patroni's settings; times in seconds.
package struct PatroniSettings: Equatable, Sendable {
    package var source = PatroniSource.pinned
    package var ttl = 30
    package var loopWait = 5
    package var retryTimeout = 5
    /// Bytes of WAL a replica may lack and still be promoted.
    package var maximumLagOnFailover = 1_048_576
    package var usePgRewind = true
    package var failsafeMode = true

    package init() {}
}

package struct PostgresSettings: Equatable, Sendable {
    /// The major version, e.g. 15.
    package var version = 15
    /// Parameters in the order of the file, as PostgreSQL would be told them.
    package var parameters: [ConfigParameter] = []
    /// Lines put before our own in pg_hba.conf.
    package var hbaLines: [String] = []

    package init() {}
}

/// A name and a value as they stand in a configuration file.
package struct ConfigParameter: Equatable, Sendable {
    package var name: String
    package var value: String

    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

/// ZooKeeper's settings; times in milliseconds, as in zoo.cfg.
package struct ZooKeeperSettings: Equatable, Sendable {
    package var tickTime = 1000
    /// Ticks a follower may take to connect and sync.
    package var initLimit = 20
    /// Ticks a follower may be behind.
    package var syncLimit = 5
    package var minSessionTimeout = 2000
    /// ZooKeeper clamps a session to this, silently; it must not be below Patroni's `ttl`.
    package var maxSessionTimeout = 60000
    /// Java heap in MiB.
    package var heapMegabytes = 192

    package init() {}
}

package struct HAProxySettings: Equatable, Sendable {
    package var maxConnections = 1000
    /// Whether the statistics page listens on all addresses instead of loopback.
    package var statisticsOpen = false

    package init() {}
}

/// Where a host keeps our data; the names of roles are appended.
package struct Directories: Equatable, Sendable {
    /// PGDATA is `<data>/<role>/postgresql`, ZooKeeper's `<data>/<role>/zookeeper`.
    package var data = "/var/lib/pgha"
    /// In the place of `data` for PostgreSQL; nil where it has no base of its own.
    package var postgresql: String?
    /// In the place of `data` for ZooKeeper; nil where it has no base of its own.
    package var zookeeper: String?

    package init() {}
}
