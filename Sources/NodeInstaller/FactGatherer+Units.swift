import ClusterModel
import Decisions
import HostPorts

// Services and upgrades that are not ours.
extension FactGatherer {
    /// Units of other origin for the services this host is to run; nil if systemd could not be asked.
    func foreignUnits() async -> [PreflightFacts.ForeignUnit]? {
        var patterns: [String] = []
        let services = Set(host.roles.flatMap(\.services))
        if services.contains(.patroni) { patterns += ["postgresql*.service", "patroni*.service"] }
        if services.contains(.haproxy) { patterns.append("haproxy*.service") }
        if services.contains(.zookeeper) { patterns.append("zookeeper*.service") }
        guard !patterns.isEmpty else { return [] }
        guard let files = try? await machine.services.unitFiles(matching: patterns) else { return nil }
        var found: [PreflightFacts.ForeignUnit] = []
        for file in files.sorted(by: { $0.unit < $1.unit }) {
            // A template cannot run; only its instances can.
            let isTemplate = file.unit.text.contains("@.")
            let state = isTemplate ? nil : try? await machine.services.state(of: file.unit)
            // Debian's postgresql.service starts nothing itself and stays "active (exited)".
            let isActive = state.map { Self.isUp($0) && $0.sub != "exited" } ?? false
            let isEnabled = file.state.hasPrefix("enabled")
            guard isActive || isEnabled else { continue }
            found.append(
                PreflightFacts.ForeignUnit(name: file.unit.text, isActive: isActive, isEnabled: isEnabled))
        }
        return found
    }

    /// Clusters of postgresql-common, whose files are below /etc/postgresql/<version>/<name>.
    func distributionClusters() async -> [PreflightFacts.DistributionCluster] {
        guard host.roles.contains(where: { $0.services.contains(.patroni) }) else { return [] }
        var found: [PreflightFacts.DistributionCluster] = []
        for version in names(in: "/etc/postgresql") {
            for name in names(in: "/etc/postgresql/\(version)") {
                let unit = UnitName("postgresql@\(version)-\(name).service")
                let state = try? await machine.services.state(of: unit)
                found.append(
                    PreflightFacts.DistributionCluster(
                        name: "\(version)/\(name)", isRunning: state.map { Self.isUp($0) } ?? false))
            }
        }
        return found
    }

    func isEnabledOrActive(_ unit: UnitName) async -> Bool {
        guard let state = try? await machine.services.state(of: unit) else { return false }
        return Self.isUp(state) || state.isEnabled
    }

    private static func isUp(_ state: UnitState) -> Bool {
        ["active", "activating", "reloading"].contains(state.active)
    }

    func automaticUpgrades(_ distribution: PreflightFacts.Distribution?) -> PreflightFacts.AutomaticUpgrades {
        var found = PreflightFacts.AutomaticUpgrades()
        let apt = settings(in: "/etc/apt/apt.conf.d", comment: "//")
        found.isUnattended = apt.contains { line in
            line.hasPrefix("APT::Periodic::Unattended-Upgrade") && line.contains("\"1\"")
        }
        found.leavesComponentsAlone = apt.contains {
            $0.hasPrefix("Unattended-Upgrade::Package-Blacklist") && $0.contains("postgresql")
        }
        guard exists("/usr/sbin/needrestart") else { return found }
        let needrestart =
            lines(of: "/etc/needrestart/needrestart.conf", comment: "#")
            + settings(in: "/etc/needrestart/conf.d", comment: "#")
        let modes = needrestart.filter { $0.hasPrefix("$nrconf{restart}") }
        // Ubuntu's package restarts without asking unless it is told otherwise; Debian's asks.
        found.restartsServices =
            modes.last.map { $0.contains("'a'") || $0.contains("\"a\"") } ?? (distribution?.id == "ubuntu")
        found.leavesUnitsAlone = needrestart.contains { $0.contains("override_rc") && $0.contains("pgha") }
        return found
    }

    private func settings(in directory: String, comment: String) -> [String] {
        names(in: directory).flatMap { lines(of: "\(directory)/\($0)", comment: comment) }
    }

    /// Lines without leading spaces; those that are empty or a comment are left out.
    private func lines(of path: String, comment: String) -> [String] {
        (text(path) ?? "").split(separator: "\n")
            .map { $0.drop { $0 == " " || $0 == "\t" } }
            .filter { !$0.isEmpty && !$0.hasPrefix(comment) }
            .map(String.init)
    }
}
