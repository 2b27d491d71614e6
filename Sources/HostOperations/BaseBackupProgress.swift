import ClusterModel
import HostPorts

/// How far a base backup is that is taken from the leader.
package enum BaseBackupProgress {
    /// 0 to 100; nil where none is taken, or its size is not known yet (PostgreSQL documentation, pg_stat_progress_basebackup).
    /// Of several at the same time, which is rare, the one that is least far.
    package static func percent(
        from leader: RoleName?, of cluster: Cluster, secrets: Secrets, on machine: Machine
    ) async -> Int? {
        guard let leader, let placement = cluster.placement(of: leader) else { return nil }
        let target = PostgresTarget.superuser(of: placement.assignment, on: placement.host, secrets)
        let rows = try? await machine.postgres.query(statement, at: target, within: .seconds(2))
        return rows?.compactMap { $0.first.flatMap { $0 }.flatMap { Int($0) } }.min()
    }

    package static let statement =
        "SELECT least(100, backup_streamed * 100 / backup_total) FROM pg_stat_progress_basebackup WHERE backup_total > 0"
}
