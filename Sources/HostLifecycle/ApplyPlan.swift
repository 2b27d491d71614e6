import ClusterModel
import ConfigFiles
import Decisions
import HostOperations
import HostPorts
import NodeInstaller

/// What an apply would do, from what is on the host and in the cluster now.
struct ApplyPlan: Sendable {
    struct Action: Sendable {
        var placed: PlacedService
        var action: ServiceAction
        var judgement: Judgement
        var isRunning: Bool
    }

    var changes: [FileChange]
    var settings: ClusterSettings.Difference?
    var actions: [Action]
    /// The agent runs, and with other settings than it would begin with.
    var restartsAgent = false
    var notes: [String]

    static func make(for installed: InstalledHost) async throws(NodeFailure) -> ApplyPlan {
        let changes = try HostFiles(machine: installed.machine, receipt: installed.receipt).changes(
            to: installed.rendered)
        var plan = ApplyPlan(changes: changes, settings: nil, actions: [], notes: try installed.notes())
        let view = await PatroniView.look(at: installed)
        let formerly = changes.first { $0.path.hasSuffix("/patroni.yml") }?.before
        if let configuration = view.configuration {
            plan.settings = try ClusterSettings.difference(
                of: installed.cluster, from: configuration, formerly: formerly)
        } else {
            plan.notes.append("no Patroni answers, so the cluster-wide settings were not compared; apply again later")
        }
        let parameters = await RestartParameters.names(for: installed)
        let members = plan.needsPostgres(parameters) ? view.members.map(\.waitingForRestart) : view.members
        let judge = ImpactJudge(
            cluster: installed.cluster, host: installed.host, members: members,
            sight: await StopGuard.look(at: installed.cluster, from: installed.machine))
        for placed in installed.host.placedServices {
            let action = try plan.action(of: placed, installed, view, parameters)
            let state = try await installed.machine.services.state(of: placed.unit)
            guard action != .none else { continue }
            plan.actions.append(
                Action(
                    placed: placed, action: action,
                    judgement: state.isActive ? judge.judge(action, of: placed) : Judgement(.none),
                    isRunning: state.isActive))
        }
        plan.restartsAgent = try await installed.isAgentBehind()
        return plan
    }

    private func action(
        of placed: PlacedService, _ installed: InstalledHost, _ view: PatroniView, _ parameters: Set<String>
    ) throws(NodeFailure) -> ServiceAction {
        var action = changes.map { $0.action(of: placed, restartParameters: parameters) }.max() ?? .none
        // What an apply that was killed has not come to.
        if let owed = installed.receipt.owed?[placed.unit.text].flatMap(ServiceAction.init(rawValue:)) {
            action = max(action, owed)
        }
        guard placed.service == .patroni else { return action }
        let isPending = view.members.first { $0.role == placed.role }?.isPendingRestart == true
        return needsPostgres(parameters) || isPending ? max(action, .restartPostgres) : action
    }

    /// Whether the cluster-wide settings have one that only a start sets; then all members will wait for a restart.
    private func needsPostgres(_ parameters: Set<String>) -> Bool {
        let prefix = "postgresql.parameters."
        return settings?.paths.contains { path in
            path.hasPrefix(prefix) && parameters.contains(path.dropFirst(prefix.count).lowercased())
        } ?? false
    }

    var isEmpty: Bool { changes.isEmpty && settings == nil && actions.isEmpty && !restartsAgent }

    /// The greatest impact; new cluster-wide settings are taken by all members by themselves, as with a reload.
    var impact: Impact {
        max(actions.map(\.judgement.impact).max() ?? .none, settings == nil ? .none : .reload)
    }
}

extension ImpactJudge.Member {
    fileprivate var waitingForRestart: Self { Self(role, position, state: state, isPendingRestart: true) }
}

/// The cluster as some member of it shows it, this host's own first.
struct PatroniView: Sendable {
    /// Who answered; nil if nobody did.
    var endpoint: (address: String, port: Int)?
    var members: [ImpactJudge.Member] = []
    var configuration: [UInt8]?

    static func look(at installed: InstalledHost) async -> PatroniView {
        let places = installed.cluster.placements(of: .patroni)
        let own = places.filter { $0.host.name == installed.host.name }
        for place in own + places.filter({ $0.host.name != installed.host.name }) {
            guard let port = place.assignment.patroniPort else { continue }
            let patroni = installed.machine.patroni
            let address = place.host.address
            guard let cluster = try? await patroni.cluster(seenBy: address, port: port, within: .seconds(3)),
                let configuration = try? await patroni.configuration(seenBy: address, port: port, within: .seconds(3))
            else { continue }
            let members = cluster.members.compactMap { member in
                RoleName(member.name).map {
                    ImpactJudge.Member(
                        $0, member.role, state: member.state, isPendingRestart: member.isPendingRestart)
                }
            }
            return PatroniView(endpoint: (address, port), members: members, configuration: configuration)
        }
        return PatroniView()
    }
}

/// PostgreSQL's parameters that only a start sets.
enum RestartParameters {
    /// PostgreSQL documentation 15, chapter "Server Configuration", those that people change; used where PostgreSQL
    /// itself cannot be asked.
    private static let known: Set<String> = [
        "archive_mode", "autovacuum_freeze_max_age", "autovacuum_max_workers", "hot_standby", "huge_pages",
        "listen_addresses", "logging_collector", "max_connections", "max_files_per_process",
        "max_locks_per_transaction", "max_prepared_transactions", "max_replication_slots", "max_wal_senders",
        "max_worker_processes", "port", "shared_buffers", "shared_memory_type", "shared_preload_libraries",
        "superuser_reserved_connections", "track_commit_timestamp", "unix_socket_directories", "wal_buffers",
        "wal_level", "wal_log_hints",
    ]

    static func names(for installed: InstalledHost) async -> Set<String> {
        guard let member = installed.host.roles.first(where: { $0.services.contains(.patroni) }) else { return known }
        let target = PostgresTarget.superuser(of: member, on: installed.host, installed.secrets)
        let rows = try? await installed.machine.postgres.query(
            "SELECT name FROM pg_settings WHERE context = 'postmaster'", at: target, within: .seconds(3))
        guard let rows, !rows.isEmpty else { return known }
        return Set(rows.compactMap { $0.first ?? nil })
    }
}
