import ClusterModel

/// Judges the facts of a host. Pure: the same facts give the same findings.
///
/// There is one finding for each check, in the order of the checks.
package struct Preflight: Sendable {
    let facts: PreflightFacts
    let cluster: Cluster
    /// Holds only the roles to judge.
    let host: ClusterHost

    /// `roles` are those of `host` to judge; none means all.
    package static func judge(
        _ facts: PreflightFacts, cluster: Cluster, host: ClusterHost, roles: [RoleName] = []
    ) -> [PreflightFinding] {
        var wanted = host
        if !roles.isEmpty { wanted.roles = host.roles.filter { roles.contains($0.role) } }
        let preflight = Preflight(facts: facts, cluster: cluster, host: wanted)
        return PreflightCheck.allCases.map { preflight.finding(of: $0) }
    }

    private func finding(of check: PreflightCheck) -> PreflightFinding {
        switch check {
        case .root: root()
        case .systemd: systemd()
        case .cgroupV2: controlGroups()
        case .distribution: distribution()
        case .architecture: architecture()
        case .address: address()
        case .ports: ports()
        case .peers: peers()
        case .clockSkew: clockSkew()
        case .timeSync: timeSync()
        case .diskSpace: diskSpace()
        case .fsyncLatency: syncLatency()
        case .memory: memory()
        case .swap: swap()
        case .transparentHugePages: transparentHugePages()
        case .overcommit: overcommit()
        case .leftovers: leftovers()
        case .foreignUnits: foreignUnits()
        case .automaticUpgrades: automaticUpgrades()
        case .roleClaimed: roleClaimed()
        case .sameCluster: sameCluster()
        case .systemIdentifier: systemIdentifier()
        }
    }

    var services: Set<ServiceKind> { Set(host.roles.flatMap(\.services)) }
}

/// Numbers as a finding shows them.
enum PreflightText {
    /// e.g. `3.2 GiB`; one digit after the point, rounded down, so that it never shows more than there is.
    static func gibibytes(_ bytes: Int64) -> String {
        "\(tenths(Double(bytes) / Double(1 << 30))) GiB"
    }

    /// e.g. `1.5 ms`.
    static func milliseconds(_ duration: Duration) -> String {
        "\(tenths(duration / .milliseconds(1))) ms"
    }

    /// With one digit after the point, without Foundation's formatters.
    static func tenths(_ number: Double) -> String {
        let whole = Int((number * 10).rounded(.towardZero))
        return "\(whole / 10).\(abs(whole % 10))"
    }
}
