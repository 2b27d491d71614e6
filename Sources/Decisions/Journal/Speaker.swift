/// Who said an entry of the journal. PostgreSQL and Patroni speak through one unit, and systemd speaks about all of them.
package enum Speaker: String, CaseIterable, Codable, Sendable {
    case postgres
    case patroni
    case zookeeper
    case haproxy
    case agent
    case systemd
    /// Anybody else in one of our units, e.g. a shell that an operator ran in it.
    case other

    /// - Parameters:
    ///   - service: of the unit: zookeeper, patroni, haproxy or agent.
    ///   - program: the kernel's name of the process that wrote it (`_COMM=`), 15 characters at most.
    ///   - isManager: whether process 1 wrote it.
    package init(service: String, program: String?, isManager: Bool) {
        if isManager {
            self = .systemd
            return
        }
        switch (service, program) {
        case ("patroni", let program?) where Self.isPostgres(program): self = .postgres
        case ("patroni", "patroni"), ("patroni", nil), ("patroni", "python3"): self = .patroni
        case ("zookeeper", "java"), ("zookeeper", nil): self = .zookeeper
        case ("haproxy", "haproxy"), ("haproxy", nil): self = .haproxy
        case ("agent", _): self = .agent
        case ("patroni", _): self = .patroni
        default: self = Speaker(rawValue: service) ?? .other
        }
    }

    /// Of PostgreSQL's own programs, which Patroni starts, too.
    private static func isPostgres(_ program: String) -> Bool {
        switch program {
        case "postgres", "postmaster", "pg_ctl", "pg_rewind", "pg_basebackup", "initdb", "pg_controldata": true
        default: false
        }
    }
}
