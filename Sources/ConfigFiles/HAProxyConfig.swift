import ClusterModel

/// haproxy.cfg (HAProxy configuration manual, 2.6) and the state that makes a fresh HAProxy route nowhere.
enum HAProxyConfig {
    static func files(for role: RoleName, of cluster: Cluster, logs: LogTarget) -> [RenderedFile] {
        let config = RenderedFile(
            path: "/etc/pgha/\(role)/haproxy.cfg", contents: ConfigHeader.prefixing(config(role, cluster, logs)),
            owner: "root", group: "haproxy", mode: 0o640)
        // The stock HAProxy has no such thing, and `reference` is there to be compared with.
        if cluster.profile == .reference { return [config] }
        let state = RenderedFile(
            path: statePath(role), contents: HAProxyState.allDown(of: members(cluster)),
            owner: "root", group: "haproxy", mode: 0o640)
        // Before the configuration, which is checked when it is written and names this file.
        let wait = RenderedFile(
            path: luaPath(role), contents: ConfigHeader.prefixing(HAProxyWait.lua, comment: "--"),
            owner: "root", group: "haproxy", mode: 0o640)
        return [state, wait, config]
    }

    struct Member {
        var name: String
        var address: String
        var port: Int
        var checkPort: Int
    }

    private static func statePath(_ role: RoleName) -> String { "/etc/pgha/\(role)/haproxy.state" }

    private static func luaPath(_ role: RoleName) -> String { "/etc/pgha/\(role)/haproxy.lua" }

    private static func config(_ role: RoleName, _ cluster: Cluster, _ logs: LogTarget) -> String {
        [
            global(role, cluster, logs), defaults(cluster),
            frontends(cluster), backends(cluster), statistics(cluster),
        ].joined(separator: "\n")
    }

    /// The log format `short` is a priority for journald, and the text (HAProxy configuration manual, "log").
    private static func global(_ role: RoleName, _ cluster: Cluster, _ logs: LogTarget) -> String {
        """
        global
            user haproxy
            group haproxy
            chroot /var/lib/haproxy
            maxconn \(cluster.haproxy.maxConnections)
            log stdout format \(logs == .journal ? "short" : "raw") local0 info
            stats socket \(HAProxyPaths.socket(of: role)) mode 600 level admin

        """
            + (cluster.profile == .reference
                ? ""
                : """
                    # A fresh HAProxy takes every server for up until its first check fails (haproxy#918) and would send a write to
                    # a replica. This state says that all are down; the first good check opens the route.
                    server-state-file \(statePath(role))
                    # New connections wait for a leader instead of failing.
                    lua-load \(luaPath(role))

                """)
    }

    private static func defaults(_ cluster: Cluster) -> String {
        let common = """
            defaults
                mode tcp
                log global
                option tcplog
                # Sessions that ended well are not worth a line in the journal.
                option dontlog-normal

            """
        switch cluster.profile {
        case .reference:
            // As in Patroni's own sample, haproxy.cfg.
            return common
                + """
                    retries 2
                    timeout connect 4s
                    timeout client 30m
                    timeout server 30m
                    timeout check 5s

                """
        case .standard:
            return common
                + """
                    # A refused connection is refused at once; "retries 2" would hold it for 2 s.
                    retries 0
                    timeout connect 1s
                    timeout check 1s
                    # A session may be idle for long; a dead peer is found by TCP keep-alive.
                    timeout client 24h
                    timeout server 24h
                    option clitcpka
                    option srvtcpka
                    load-server-state-from-file global

                """
        }
    }

    private static func frontends(_ cluster: Cluster) -> String {
        """
        # Cluster entry point, read-write: the leader only.
        frontend read_write
            bind \(everywhere(cluster, cluster.ports.readWrite))
        \(cluster.profile == .reference ? "" : """
                tcp-request inspect-delay \(HAProxyWait.seconds + 1)s
                tcp-request content lua.wait_for_leader

            """)    default_backend leader

        # Read-only: replicas that are streaming.
        frontend read_only
            bind \(everywhere(cluster, cluster.ports.readOnly))
            default_backend replicas

        """
    }

    /// With IPv6 only where the cluster has it: a kernel without it refuses `:::`, and HAProxy would not start.
    private static func everywhere(_ cluster: Cluster, _ port: Int) -> String {
        cluster.hasIPv6 ? ":::\(port) v4v6" : "*:\(port)"
    }

    private static func backends(_ cluster: Cluster) -> String {
        let servers = members(cluster).map { member in
            "    server \(member.name) \(Cluster.endpoint(member.address, member.port)) check port \(member.checkPort)\n"
        }.joined()
        return """
            backend leader
                option httpchk GET /primary
                http-check expect status 200
            \(pace(cluster))
            \(servers)
            backend replicas
                balance leastconn
            \(replicaCheck(cluster))
            \(pace(cluster))
            \(servers)
            """
    }

    private static func pace(_ cluster: Cluster) -> String {
        switch cluster.profile {
        case .reference:
            "    default-server inter 3s fall 3 rise 2 on-marked-down shutdown-sessions"
        case .standard:
            """
                # The agent leads to a new leader at once; these checks are for when it is gone. A new leader is seen within
                # 0.5 s. A dead one only after 4 s, because a Patroni that is started anew, which takes two, must not cost
                # the sessions of a PostgreSQL that runs on. The price: one to two requests a second to each member's REST
                # API from each backend of each HAProxy, each of them a small query to PostgreSQL.
                default-server inter 1s fastinter 1s downinter 500ms fall 4 rise 1 on-marked-down shutdown-sessions
            """
        }
    }

    private static func replicaCheck(_ cluster: Cluster) -> String {
        switch (cluster.profile, cluster.patroni.source) {
        case (.reference, _):
            """
                option httpchk GET /replica
                http-check expect status 200
            """
        case (.standard, .pinned):
            #"""
                # The status says that it is a replica and running, the body that it streams (patroni/api.py of 4.1).
                option httpchk GET /replica
                http-check expect status 200
                http-check expect rstring "\"replication_state\": \"streaming\""
            """#
        case (.standard, .distribution):
            """
                # Patroni 3.0 does not say whether a replica streams; one that does not falls behind and is left out then.
                option httpchk GET /replica?lag=16MB
                http-check expect status 200
            """
        }
    }

    private static func statistics(_ cluster: Cluster) -> String {
        let port = cluster.ports.statistics
        return """
            # Without a password, so on loopback unless cluster.yml opens it.
            listen statistics
                bind \(cluster.haproxy.statisticsOpen ? everywhere(cluster, port) : "127.0.0.1:\(port)")
                mode http
                stats enable
                stats uri /
                stats refresh 5s

            """
    }

    private static func members(_ cluster: Cluster) -> [Member] {
        cluster.placements(of: .patroni).compactMap { placement in
            guard let port = placement.assignment.postgresPort, let check = placement.assignment.patroniPort else {
                return nil
            }
            return Member(name: placement.role.text, address: placement.host.address, port: port, checkPort: check)
        }
    }
}

package enum HAProxyPaths {
    /// The runtime socket, root's alone.
    package static func socket(of role: RoleName) -> String { "/run/pgha/\(role)/haproxy.sock" }
}
