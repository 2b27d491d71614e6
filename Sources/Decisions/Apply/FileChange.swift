import ClusterModel

/// A file of this host that is not as cluster.yml would have it.
package struct FileChange: Equatable, Sendable {
    package enum Kind: String, Codable, Sendable { case created, changed, removed }

    package var path: String
    /// nil where there is no such file.
    package var before: String?
    /// nil for a file that is not wanted any more.
    package var after: String?
    /// Owner and mode, e.g. `root:root 644`, where those differ as well or alone.
    package var attributes: (before: String, after: String)?
    /// Somebody has changed what we wrote, or the file is not one that we wrote.
    package var isChangedByHand: Bool

    package init(
        path: String, before: String?, after: String?, attributes: (before: String, after: String)? = nil,
        isChangedByHand: Bool = false
    ) {
        self.path = path
        self.before = before
        self.after = after
        self.attributes = attributes
        self.isChangedByHand = isChangedByHand
    }

    package var kind: Kind { before == nil ? .created : after == nil ? .removed : .changed }

    /// A short unified diff without passwords.
    package var diff: [String] {
        let owners = attributes.map { ["-(\($0.before))", "+(\($0.after))"] } ?? []
        guard let before, let after else {
            // Nobody reads a whole file to see that it comes or goes; "pgha-node render" prints it.
            let count = (before ?? after ?? "").split(separator: "\n", omittingEmptySubsequences: false).count - 1
            return owners + ["\(before == nil ? "+" : "-")\(count) lines"]
        }
        return owners + LineDiff.lines(from: before, to: after).map(PasswordMask.hide)
    }

    package static func == (left: FileChange, right: FileChange) -> Bool {
        left.path == right.path && left.before == right.before && left.after == right.after
            && left.isChangedByHand == right.isChangedByHand && left.attributes?.before == right.attributes?.before
            && left.attributes?.after == right.attributes?.after
    }
}

/// What a running service needs to take a change; more than one of them is the greatest.
package enum ServiceAction: String, Codable, CaseIterable, Comparable, Sendable {
    case none
    case reload
    /// PostgreSQL alone, by its Patroni.
    case restartPostgres = "restart of PostgreSQL"
    /// The unit.
    case restart

    package static func < (left: ServiceAction, right: ServiceAction) -> Bool {
        (allCases.firstIndex(of: left) ?? 0) < (allCases.firstIndex(of: right) ?? 0)
    }
}

extension FileChange {
    /// What a service must do about this change. `restartParameters` are PostgreSQL's parameters that only a start sets
    /// (pg_settings, context `postmaster`).
    package func action(of placed: PlacedService, restartParameters: Set<String>) -> ServiceAction {
        let units = "/etc/systemd/system/pgha-\(placed.service.rawValue)@"
        if path == "\(units).service" || path.hasPrefix("\(units)\(placed.role).service.d/") { return unitAction }
        let names = placed.service.configurationNames
        guard names.contains(where: { path == "/etc/pgha/\(placed.role)/\($0)" }) else { return .none }
        switch placed.service {
        case .zookeeper: return Self.effective(before) == Self.effective(after) ? .none : .restart
        case .haproxy: return before == after ? .none : .reload
        case .patroni: return before == after ? .none : patroniAction(restartParameters)
        }
    }

    /// systemd reads all of a unit anew on daemon-reload, but a process keeps what [Service] gave it at its start.
    private var unitAction: ServiceAction {
        Self.section("[Service]", of: before) == Self.section("[Service]", of: after) ? .none : .restart
    }

    private func patroniAction(_ restartParameters: Set<String>) -> ServiceAction {
        let paths = ConfigPaths.changed(from: before ?? "", to: after ?? "")
        // Patroni reads these once, when it starts (patroni/dcs/zookeeper.py reload_config; postgresql/__init__.py).
        let fixed = ["scope", "namespace", "name", "zookeeper.", "postgresql.data_dir", "postgresql.bin_dir"]
        if before != nil, paths.contains(where: { path in fixed.contains { path == $0 || path.hasPrefix($0) } }) {
            return .restart
        }
        let prefix = "postgresql.parameters."
        let needsPostgres = paths.contains { path in
            path == "postgresql.listen"
                || (path.hasPrefix(prefix) && restartParameters.contains(path.dropFirst(prefix.count).lowercased()))
        }
        return needsPostgres && before != nil ? .restartPostgres : .reload
    }

    /// Without comments and empty lines.
    private static func effective(_ text: String?) -> [Substring] {
        (text ?? "").split(separator: "\n").filter { !$0.hasPrefix("#") && !$0.hasPrefix("//") }
    }

    private static func section(_ name: String, of text: String?) -> [Substring] {
        var isInside = false
        return effective(text).filter { line in
            if line.hasPrefix("[") { isInside = line == name }
            return isInside
        }
    }
}
