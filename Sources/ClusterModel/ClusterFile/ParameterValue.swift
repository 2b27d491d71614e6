/// Values of parameters with which the cluster would not be what it promises.
enum ParameterValue {
    static func problem(_ name: String, _ value: String) -> TextProblem? {
        let lower = value.lowercased()
        switch name {
        case "wal_level" where !["replica", "logical"].contains(lower):
            return refusal(name, value, "Without WAL for replicas there are no replicas.", "Use replica or logical.")
        case "fsync" where isOff(lower):
            return refusal(
                name, value, "After a crash of the host the data can be damaged beyond repair.", "Remove the line.")
        case "full_page_writes" where isOff(lower):
            return refusal(
                name, value, "After a crash of the host pages that were half written stay damaged.", "Remove the line.")
        case "synchronous_commit" where ["off", "false", "no", "0", "local"].contains(lower):
            return refusal(
                name, value, "Commits that were acknowledged would be lost in a failover.",
                "Use \"durability\" for the cluster; a session that can bear it may set synchronous_commit for itself.")
        case "password_encryption" where lower != "scram-sha-256":
            return refusal(
                name, value, "The lines of pg_hba.conf ask for SCRAM, and users with such passwords could not log in.",
                "Remove the line.")
        default: return minimumProblem(name, value)
        }
    }

    private static func refusal(_ name: String, _ value: String, _ detail: String, _ hint: String) -> TextProblem {
        TextProblem(message: "the parameter \"\(name)\" must not be \(value.quoted)", detail: detail, hint: hint)
    }

    /// A boolean may be cut short, as long as it is clear (`parse_bool_with_len` in PostgreSQL's bool.c).
    private static func isOff(_ lower: String) -> Bool {
        guard !lower.isEmpty else { return false }
        return ["off", "of", "0"].contains(lower) || "false".hasPrefix(lower) || "no".hasPrefix(lower)
    }

    // The checks of `ConfigHandler.CMDLINE_OPTIONS` in Patroni.
    private static let minima = [
        "max_connections": 25, "max_locks_per_transaction": 32, "max_replication_slots": 4, "max_wal_senders": 3,
        "max_worker_processes": 2,
    ]

    private static func minimumProblem(_ name: String, _ value: String) -> TextProblem? {
        guard let minimum = minima[name], let number = Int(value), number < minimum else { return nil }
        return TextProblem(
            message: "the parameter \"\(name)\" must be at least \(minimum), not \(number)",
            detail: "Patroni would take its own default instead.")
    }
}
