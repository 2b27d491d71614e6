import ClusterModel

// Disks, and what is on this host already.
extension Preflight {
    func diskSpace() -> PreflightFinding {
        let gibibyte = Int64(1 << 30)
        guard let tightest = facts.volumes.min(by: { $0.free < $1.free }) else {
            return unknown(.diskSpace, "the free space could not be read")
        }
        let text =
            "\(PreflightText.gibibytes(tightest.free)) of \(PreflightText.gibibytes(tightest.total)) "
            + "free for \(tightest.path)"
        if tightest.free < gibibyte {
            return PreflightFinding(
                .diskSpace, .failed, text, hint: "Free some space, or put \(cluster.directories.data) on a larger disk."
            )
        }
        if tightest.free < 5 * gibibyte || tightest.free < tightest.total / 10 {
            return PreflightFinding(
                .diskSpace, .warning, text,
                hint:
                    "A leader whose disk is full stops. Keep 5 GiB and a tenth of the disk free; "
                    + "WAL grows while a replica is away."
            )
        }
        return PreflightFinding(.diskSpace, .ok, text)
    }

    func syncLatency() -> PreflightFinding {
        guard let slowest = facts.volumes.max(by: { ($0.syncLatency ?? .zero) < ($1.syncLatency ?? .zero) }),
            let latency = slowest.syncLatency
        else { return unknown(.fsyncLatency, "the disk's latency could not be measured") }
        let text = "a synced write takes \(PreflightText.milliseconds(latency)) in \(slowest.path)"
        if latency <= .milliseconds(20) { return PreflightFinding(.fsyncLatency, .ok, text) }
        let meaning = "Every commit waits for at least one such write, and ZooKeeper for one on most of its servers"
        return latency <= .milliseconds(200)
            ? PreflightFinding(
                .fsyncLatency, .warning, text,
                hint: "\(meaning). Use a local SSD, or a controller with a protected cache.")
            : PreflightFinding(
                .fsyncLatency, .failed, text,
                hint: "\(meaning); this slow, ZooKeeper loses sessions and the cluster its leader. "
                    + "Use a local SSD, or give ZooKeeper a disk of its own.")
    }

    func leftovers() -> PreflightFinding {
        if let other = facts.installedCluster, other != cluster.name {
            return PreflightFinding(
                .leftovers, .failed, "this host was installed for the cluster \"\(other)\", not \"\(cluster.name)\"",
                hint:
                    "Nothing was touched. Name the right cluster.yml, or take this host out of the other cluster with "
                    + "\"pgha-node uninstall --purge --confirm \(other)\".")
        }
        let filled = facts.dataDirectories.filter { !$0.isEmpty }
        if let wrong = filled.first(where: { $0.postgresVersion.map { $0 != "\(cluster.postgres.version)" } ?? false })
        {
            return PreflightFinding(
                .leftovers, .failed,
                "\(wrong.path) holds data of PostgreSQL \(wrong.postgresVersion ?? ""), "
                    + "and cluster.yml says \(cluster.postgres.version)",
                hint:
                    "Nothing was touched. Set the version in cluster.yml to that of the data, "
                    + "or upgrade the data with pg_upgrade."
            )
        }
        let foreign = filled.filter { !$0.isOurs }
        guard foreign.isEmpty else {
            let moves = foreign.map { "\"mv \($0.path) \($0.path).old\"" }.joined(separator: " and ")
            return PreflightFinding(
                .leftovers, .failed,
                "data that this installation did not make: \(foreign.map(\.path).joined(separator: ", "))",
                hint: "Nothing was touched. To start afresh, move it away with \(moves). "
                    + "To take it over, add \"--waive leftovers\".")
        }
        return PreflightFinding(
            .leftovers, .ok, filled.isEmpty ? "the data directories are empty" : "the data here is ours")
    }

    func foreignUnits() -> PreflightFinding {
        guard let units = facts.foreignUnits else { return unknown(.foreignUnits, "the units could not be listed") }
        let active =
            units.filter(\.isActive).map { "\($0.name) is active" }
            + facts.distributionClusters.filter(\.isRunning).map { "PostgreSQL cluster \($0.name) runs" }
        let passive =
            units.filter { $0.isEnabled && !$0.isActive }.map { "\($0.name) is enabled" }
            + facts.distributionClusters.filter { !$0.isRunning }.map { "PostgreSQL cluster \($0.name) exists" }
        guard active.isEmpty else {
            let names =
                units.filter(\.isActive).map(\.name)
                + facts.distributionClusters.filter(\.isRunning).map { Self.unit(of: $0) }
            return PreflightFinding(
                .foreignUnits, .failed, (active + passive).joined(separator: ", "),
                hint: "If it can go, run \"systemctl disable --now \(names.joined(separator: " "))\"; "
                    + "two managers of the same service end in an outage.")
        }
        guard passive.isEmpty else {
            return PreflightFinding(
                .foreignUnits, .warning, passive.joined(separator: ", "),
                hint:
                    "The installation masks the distribution's own units; "
                    + "they do not start at the next boot."
            )
        }
        return PreflightFinding(.foreignUnits, .ok, "none is active or enabled")
    }

    /// postgresql-common's unit of `15/main` is `postgresql@15-main.service`.
    private static func unit(of cluster: PreflightFacts.DistributionCluster) -> String {
        "postgresql@\(cluster.name.split(separator: "/").joined(separator: "-")).service"
    }

    func automaticUpgrades() -> PreflightFinding {
        let upgrades = facts.upgrades
        var complaints: [String] = []
        var lines: [String] = []
        if upgrades.isUnattended, !upgrades.leavesComponentsAlone {
            complaints.append("unattended-upgrades replaces PostgreSQL and HAProxy while they run")
            lines.append(
                "Put 'Unattended-Upgrade::Package-Blacklist:: \"^(postgresql|patroni|haproxy|libzookeeper)\";' "
                    + "into /etc/apt/apt.conf.d/52pgha.")
        }
        if upgrades.restartsServices, !upgrades.leavesUnitsAlone {
            complaints.append("needrestart restarts services by itself, Patroni among them")
            lines.append("Put '$nrconf{override_rc}{qr(^pgha-)} = 0;' into /etc/needrestart/conf.d/pgha.conf.")
        }
        guard !complaints.isEmpty else {
            return PreflightFinding(.automaticUpgrades, .ok, "no upgrade restarts the services by itself")
        }
        return PreflightFinding(
            .automaticUpgrades, .warning, complaints.joined(separator: "; "), hint: lines.joined(separator: " "))
    }
}
