import ClusterModel

/// What the checks judge, as plain data. Nil means that it could not be found out.
package struct PreflightFacts: Equatable, Sendable {
    package var userID: UInt32 = 0
    /// The name of PID 1, e.g. `systemd`.
    package var initProcess: String?
    /// As the manager says it, e.g. `252 (252.39-1~deb12u1)`.
    package var systemdVersion: String?
    package var hasUnifiedControlGroups = false
    package var hasFreezer = false
    package var distribution: Distribution?
    /// As uname(2) has it.
    package var architecture = ""
    package var localAddresses: [String] = []
    /// TCP ports of this host that somebody listens on.
    package var listeners: [Listener]?
    package var peers: [Peer] = []
    package var isClockSynchronised = false
    package var volumes: [Volume] = []
    /// Bytes this host, or its container, may use.
    package var memory: Int64?
    package var hasSwap = false
    package var swappiness: Int?
    /// The whole line, e.g. `always [madvise] never`; nil on a kernel without them.
    package var transparentHugePages: String?
    package var overcommitMemory: Int?
    package var dataDirectories: [DataDirectory] = []
    /// The cluster this host was installed for, as its receipt has it.
    package var installedCluster: String?
    package var foreignUnits: [ForeignUnit]?
    /// Clusters of the distribution's own PostgreSQL.
    package var distributionClusters: [DistributionCluster] = []
    package var upgrades = AutomaticUpgrades()

    package init() {}
}

extension PreflightFacts {
    /// Fields of os-release(5).
    package struct Distribution: Equatable, Sendable {
        package var id: String
        package var version: String
        package var name: String

        package init(id: String, version: String, name: String) {
            self.id = id
            self.version = version
            self.name = name
        }
    }

    package struct Listener: Equatable, Sendable {
        package var port: Int
        package var process: String?
        /// e.g. `/pgha.slice/pgha-haproxy@pg1.service`.
        package var controlGroup: String?

        package init(port: Int, process: String? = nil, controlGroup: String? = nil) {
            self.port = port
            self.process = process
            self.controlGroup = controlGroup
        }
    }

    /// Another host of the cluster as seen from here.
    package struct Peer: Equatable, Sendable {
        package enum Outcome: Equatable, Sendable {
            /// Accepted or refused: somebody is there.
            case answered
            case silent
            /// The network says that there is no way.
            case noWay(String)
        }

        package struct Probe: Equatable, Sendable {
            package var port: Int
            package var outcome: Outcome

            package init(port: Int, _ outcome: Outcome) {
                self.port = port
                self.outcome = outcome
            }
        }

        package var name: String
        package var address: String
        package var probes: [Probe]
        /// Members whose Patroni answered.
        package var members: [PeerMember]

        package init(name: String, address: String, probes: [Probe] = [], members: [PeerMember] = []) {
            self.name = name
            self.address = address
            self.probes = probes
            self.members = members
        }
    }

    /// What the Patroni of a member on another host answered.
    package struct PeerMember: Equatable, Sendable {
        /// The name it gives itself, or the role cluster.yml has there.
        package var name: String
        package var scope: String?
        package var systemIdentifier: String?
        /// Seconds its clock is ahead of ours; HTTP dates are whole seconds, so it is exact to about half a second.
        package var clockOffset: Double?
        package var sees: [SeenMember]

        package init(name: String) {
            self.name = name
            self.sees = []
        }
    }

    /// A line of the member list that a Patroni shows.
    package struct SeenMember: Equatable, Sendable {
        package var name: String
        package var host: String?
        package var state: String

        package init(name: String, host: String?, state: String) {
            self.name = name
            self.host = host
            self.state = state
        }
    }

    /// The file system below a directory for data.
    package struct Volume: Equatable, Sendable {
        package var path: String
        /// Bytes an ordinary user can still write.
        package var free: Int64
        package var total: Int64
        /// Median of a small write with fdatasync; nil if it could not be measured.
        package var syncLatency: Duration?

        package init(path: String, free: Int64, total: Int64, syncLatency: Duration? = nil) {
            self.path = path
            self.free = free
            self.total = total
            self.syncLatency = syncLatency
        }
    }

    /// A data directory of a role of this host.
    package struct DataDirectory: Equatable, Sendable {
        package var role: RoleName
        package var service: ServiceKind
        package var path: String
        package var isEmpty: Bool
        /// Whether the receipt says that we made it.
        package var isOurs: Bool
        /// PostgreSQL's major version as PG_VERSION has it.
        package var postgresVersion: String?
        package var systemIdentifier: String?

        package init(role: RoleName, service: ServiceKind, path: String, isEmpty: Bool = true, isOurs: Bool = false) {
            self.role = role
            self.service = service
            self.path = path
            self.isEmpty = isEmpty
            self.isOurs = isOurs
        }
    }

    /// A unit that is not ours and runs one of our services' programs.
    package struct ForeignUnit: Equatable, Sendable {
        package var name: String
        package var isActive: Bool
        package var isEnabled: Bool

        package init(name: String, isActive: Bool, isEnabled: Bool) {
            self.name = name
            self.isActive = isActive
            self.isEnabled = isEnabled
        }
    }

    /// A cluster of postgresql-common, e.g. 15/main.
    package struct DistributionCluster: Equatable, Sendable {
        package var name: String
        package var isRunning: Bool

        package init(name: String, isRunning: Bool) {
            self.name = name
            self.isRunning = isRunning
        }
    }

    package struct AutomaticUpgrades: Equatable, Sendable {
        package var isUnattended = false
        /// Whether unattended-upgrades is told to leave our components alone.
        package var leavesComponentsAlone = false
        /// Whether needrestart(1) restarts services without asking.
        package var restartsServices = false
        /// Whether needrestart(1) is told to leave our units alone.
        package var leavesUnitsAlone = false

        package init() {}
    }
}
