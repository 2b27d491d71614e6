/// HAProxy's server state, version 1 (HAProxy management guide, "show servers state").
///
/// HAProxy before 3.1 has no `init-state`; this file is the only way to have a server begin as down.
enum HAProxyState {
    private static let columns = """
        # be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight \
        srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state \
        bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr \
        srv_agent_addr srv_agent_port
        """

    static func allDown(of members: [HAProxyConfig.Member]) -> String {
        var lines = ["1", columns]
        for backend in ["leader", "replicas"] {
            for (index, member) in members.enumerated() {
                lines.append(line(backend, index + 1, member))
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Found again by the names of backend and server; the number of the backend is not looked at.
    private static func line(_ backend: String, _ number: Int, _ member: HAProxyConfig.Member) -> String {
        let columns = [
            "0", backend, String(number), member.name, member.address,
            // Operational state 0: stopped. Administrative state 0: as the configuration says. Weights 1.
            "0", "0", "1", "1", "0",
            // Check: status 1 (initialising), no result yet, health 0, state 6 (configured and enabled). No agent.
            "1", "0", "0", "6", "0",
            "0", "0", "-", String(member.port), "-", "0", "0", "-", "-", "0",
        ]
        return columns.joined(separator: " ")
    }
}
