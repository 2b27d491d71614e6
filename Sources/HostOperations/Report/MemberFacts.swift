import ClusterModel
import HostPorts

/// What PostgreSQL of each member says of itself, without the text of a query or a row of a table.
package struct MemberFacts: Sendable {
    private let machine: Machine
    private let cluster: Cluster
    private let secrets: Secrets

    package init(machine: Machine, cluster: Cluster, secrets: Secrets) {
        self.machine = machine
        self.cluster = cluster
        self.secrets = secrets
    }

    private static let questions = [
        (
            "settings",
            """
            SELECT name, setting, unit, source, pending_restart FROM pg_settings WHERE source NOT IN ('default', 'override') \
            ORDER BY name
            """
        ),
        ("replication", "SELECT * FROM pg_stat_replication"),
        (
            "replication-slots",
            "SELECT slot_name, slot_type, active, wal_status, restart_lsn, safe_wal_size FROM pg_replication_slots"
        ),
        (
            "receiver",
            """
            SELECT status, received_tli, latest_end_lsn, latest_end_time, slot_name, sender_host FROM pg_stat_wal_receiver
            """
        ),
        (
            "sessions",
            """
            SELECT state, wait_event_type, wait_event, backend_type, count(*), max(now() - xact_start) AS longest \
            FROM pg_stat_activity GROUP BY 1, 2, 3, 4 ORDER BY 5 DESC
            """
        ),
        (
            "databases",
            """
            SELECT datname, numbackends, xact_commit, xact_rollback, deadlocks, pg_database_size(datname) \
            FROM pg_stat_database WHERE datname IS NOT NULL
            """
        ),
        ("access", "SELECT line_number, type, database, user_name, address, auth_method, error FROM pg_hba_file_rules"),
        ("archiver", "SELECT * FROM pg_stat_archiver"),
        ("control", "SELECT * FROM pg_control_checkpoint()"),
    ]

    /// A row is a line of JSON.
    package func files() async -> [ReportFile] {
        var found: [ReportFile] = []
        for placement in cluster.placements(of: .patroni) {
            let target = PostgresTarget.superuser(of: placement.assignment, on: placement.host, secrets)
            var text = ""
            for (name, question) in Self.questions {
                text += "# \(name): \(question)\n"
                do throws(NodeFailure) {
                    let rows = try await machine.postgres.query(
                        "SELECT to_json(answer) FROM (\(question)) AS answer", at: target, within: .seconds(10))
                    for row in rows { text += (row.first.flatMap { $0 } ?? "") + "\n" }
                } catch {
                    text += "# \(error.message)\(error.detail.map { ": \($0)" } ?? "")\n"
                    if error.code == .unreachable { break }
                }
                text += "\n"
            }
            found.append(ReportFile("postgresql/\(placement.role).txt", text))
        }
        return found
    }
}
