/// Patroni's words for a member, in the field's standard terms.
package enum MemberPosition {
    /// `leader`, `sync replica`, `replica`, and the state in brackets where it is not the normal one.
    package static func text(role: String, state: String) -> String {
        let name =
            switch role {
            case "leader", "primary", "standby_leader": "leader"
            case "sync_standby": "sync replica"
            case "quorum_standby": "quorum replica"
            default: "replica"
            }
        return state == "running" || state == "streaming" ? name : "\(name) (\(state))"
    }

    /// Patroni 3.1 and newer say `streaming` of a replica that streams; older ones only `running` (patroni/utils.py).
    package static func isHealthy(role: String?, state: String) -> Bool {
        state == "streaming" || state == "running"
    }
}
