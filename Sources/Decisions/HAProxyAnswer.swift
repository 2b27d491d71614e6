/// What HAProxy answers to `show stat` on its runtime socket (HAProxy management guide, "CSV format").
package enum HAProxyAnswer {
    /// A server of one of our two backends.
    package struct Server: Equatable, Sendable {
        package var backend: String
        package var name: String
        package var isUp: Bool
        /// Sessions at this moment; nil where the answer does not say.
        package var sessions: Int?
    }

    /// Empty if the answer is not such a table. Columns are found by their names; versions differ in what they append.
    package static func servers(_ answer: String) -> [Server] {
        let lines = answer.split(separator: "\n")
        guard let head = lines.first, head.hasPrefix("# ") else { return [] }
        let names = head.dropFirst(2).split(separator: ",", omittingEmptySubsequences: false)
        guard let proxy = names.firstIndex(of: "pxname"), let server = names.firstIndex(of: "svname"),
            let status = names.firstIndex(of: "status")
        else { return [] }
        let sessions = names.firstIndex(of: "scur")
        // What is behind the last one that is asked for, about eighty more, is not taken apart.
        let last = max(proxy, server, status, sessions ?? 0)
        return lines.dropFirst().compactMap { line in
            let fields = line.split(separator: ",", maxSplits: last + 1, omittingEmptySubsequences: false)
            guard fields.count > max(proxy, server, status) else { return nil }
            guard fields[server] != "FRONTEND", fields[server] != "BACKEND" else { return nil }
            // "UP 1/2" is on its way down and still gets sessions; "UP" begins both.
            return Server(
                backend: String(fields[proxy]), name: String(fields[server]), isUp: fields[status].hasPrefix("UP"),
                sessions: sessions.flatMap { $0 < fields.count ? Int(fields[$0]) : nil })
        }
    }

    /// One line for people, e.g. `leader pg1, replicas pg2 pg3`; nil if there is no way to a leader.
    package static func route(_ servers: [Server]) -> String? {
        let leaders = names("leader", servers)
        guard !leaders.isEmpty else { return nil }
        let replicas = names("replicas", servers)
        let ways = replicas.isEmpty ? "no replicas" : "replicas \(replicas.joined(separator: " "))"
        return "leader \(leaders.joined(separator: " ")), \(ways)"
    }

    private static func names(_ backend: String, _ servers: [Server]) -> [String] {
        servers.filter { $0.backend == backend && $0.isUp }.map(\.name)
    }
}
