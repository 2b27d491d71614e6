/// A named check of a host before anything is changed on it; the order here is the order of every report.
package enum PreflightCheck: String, CaseIterable, Codable, Hashable, Sendable {
    case root
    case systemd
    case cgroupV2 = "cgroup-v2"
    case distribution
    case architecture
    case address
    case ports
    case peers
    case clockSkew = "clock-skew"
    case timeSync = "time-sync"
    case diskSpace = "disk-space"
    case fsyncLatency = "fsync-latency"
    case memory
    case swap
    case transparentHugePages = "transparent-huge-pages"
    case overcommit
    case leftovers
    case foreignUnits = "foreign-units"
    case automaticUpgrades = "automatic-upgrades"
    case roleClaimed = "role-claimed"
    case sameCluster = "same-cluster"
    case systemIdentifier = "system-identifier"
}

extension PreflightCheck {
    /// Stable; what `--waive` takes.
    package var name: String { rawValue }

    package var title: String {
        switch self {
        case .root: "runs as root"
        case .systemd: "systemd is PID 1 and new enough"
        case .cgroupV2: "control groups version 2 with a freezer"
        case .distribution: "a distribution this is tested on"
        case .architecture: "a supported processor"
        case .address: "this host has its address of cluster.yml"
        case .ports: "the ports of the services are free or ours"
        case .peers: "the other hosts can be reached"
        case .clockSkew: "the clocks of the hosts agree"
        case .timeSync: "the clock is kept by a time service"
        case .diskSpace: "enough space for the data"
        case .fsyncLatency: "the disk confirms writes quickly"
        case .memory: "enough memory for the roles"
        case .swap: "the kernel does not swap early"
        case .transparentHugePages: "transparent huge pages are not forced"
        case .overcommit: "memory is not promised without limit"
        case .leftovers: "no data of an earlier installation"
        case .foreignUnits: "no other PostgreSQL, Patroni, HAProxy or ZooKeeper"
        case .automaticUpgrades: "no upgrade restarts the services by itself"
        case .roleClaimed: "no other host has this role"
        case .sameCluster: "the other hosts belong to the same cluster"
        case .systemIdentifier: "the data belongs to the same database system"
        }
    }

    /// Going on without one of these could only do harm.
    package var isWaivable: Bool {
        switch self {
        case .root, .address, .roleClaimed: false
        default: true
        }
    }
}

package enum PreflightVerdict: String, Codable, Sendable {
    case ok
    /// Works, but costs safety or speed.
    case warning
    /// Stops an installation unless the check is waived.
    case failed
    /// Could not be judged; the finding says why.
    case skipped
}

/// What a check found.
package struct PreflightFinding: Codable, Equatable, Sendable {
    package var check: PreflightCheck
    package var verdict: PreflightVerdict
    /// One line, lower case, without a full stop.
    package var finding: String
    /// Whole sentences; nil where there is nothing to do.
    package var hint: String?

    package init(_ check: PreflightCheck, _ verdict: PreflightVerdict, _ finding: String, hint: String? = nil) {
        self.check = check
        self.verdict = verdict
        self.finding = finding
        self.hint = hint
    }
}

extension [PreflightFinding] {
    /// The failed findings that stop an installation although these checks are waived.
    package func blocking(waived: Set<PreflightCheck> = []) -> [PreflightFinding] {
        filter { $0.verdict == .failed && !($0.check.isWaivable && waived.contains($0.check)) }
    }
}
