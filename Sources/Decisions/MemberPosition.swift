/// Patroni's words for a member, in the field's standard terms.
package enum MemberPosition {
    /// `leader`, `sync replica`, `replica`, and in brackets what is wrong with it.
    package static func text(role: String, state: String, tellsStreaming: Bool) -> String {
        let name =
            switch role {
            case _ where isLeader(role): "leader"
            case "sync_standby": "sync replica"
            case "quorum_standby": "quorum replica"
            default: "replica"
            }
        if isHealthy(role: role, state: state, tellsStreaming: tellsStreaming) { return name }
        return "\(name) (\(state == "running" ? "not streaming" : state))"
    }

    /// Patroni 3.1 and newer tell a replica that streams, `streaming`, from one that only runs (patroni/utils.py); with
    /// an older one, where `tellsStreaming` is false, each is `running`.
    package static func isHealthy(role: String, state: String, tellsStreaming: Bool) -> Bool {
        state == "streaming" || (state == "running" && (isLeader(role) || !tellsStreaming))
    }

    private static func isLeader(_ role: String) -> Bool {
        ["leader", "primary", "standby_leader"].contains(role)
    }
}
