import ClusterModel

/// zoo.cfg and its companions (ZooKeeper administrator's guide, "Configuration Parameters").
enum ZooConfig {
    static func files(
        for role: RoleName, of cluster: Cluster, secrets: Secrets, logs: LogTarget
    ) -> [RenderedFile] {
        let isEnsemble = cluster.placements(of: .zookeeper).count > 1
        let directory = "/etc/pgha/\(role)"
        var files = [
            RenderedFile(path: "\(directory)/zoo.cfg", contents: ConfigHeader.prefixing(config(role, cluster))),
            RenderedFile(path: "\(directory)/log4j.properties", contents: ConfigHeader.prefixing(logging(logs))),
            RenderedFile(
                path: "\(directory)/zookeeper.env",
                contents: ConfigHeader.prefixing(environment(role, cluster, isEnsemble))),
        ]
        if isEnsemble {
            files.append(
                RenderedFile(
                    path: "\(cluster.directories.zookeeper(of: role))/myid",
                    contents: "\(cluster.zookeeperID(of: role) ?? 1)\n", owner: "zookeeper", group: "zookeeper"))
            files.append(
                RenderedFile(
                    path: "\(directory)/zookeeper-jaas.conf",
                    contents: ConfigHeader.prefixing(login(secrets), comment: "//"),
                    owner: "root", group: "zookeeper", mode: 0o640))
        }
        return files
    }

    private static func config(_ role: RoleName, _ cluster: Cluster) -> String {
        let settings = cluster.zookeeper
        return """
            dataDir=\(cluster.directories.zookeeper(of: role))
            clientPort=\(cluster.ports.zookeeperClient)
            tickTime=\(settings.tickTime)
            initLimit=\(settings.initLimit)
            syncLimit=\(settings.syncLimit)
            # Explicit, because ZooKeeper clamps a session to them without a word and Patroni goes on to believe in its ttl.
            minSessionTimeout=\(settings.minSessionTimeout)
            maxSessionTimeout=\(settings.maxSessionTimeout)
            # Connections of one address; on a single host all members and agents come from the same one.
            maxClientCnxns=200
            # An acknowledged change is on disk. An empty data directory is never taken for an old release's.
            forceSync=yes
            snapshot.trust.empty=false
            autopurge.snapRetainCount=3
            autopurge.purgeInterval=1
            4lw.commands.whitelist=srvr,mntr,ruok
            # The administration server is HTTP without a password.
            admin.enableServer=false
            audit.enable=false

            """ + ensemble(cluster)
    }

    /// Nothing for a single server: without server lines ZooKeeper runs alone ("standalone").
    private static func ensemble(_ cluster: Cluster) -> String {
        let servers = cluster.placements(of: .zookeeper)
        guard servers.count > 1 else { return "" }
        let lines = servers.enumerated().map { index, server in
            let address = Cluster.endpoint(server.host.address, cluster.ports.zookeeperPeer)
            return "server.\(index + 1)=\(address):\(cluster.ports.zookeeperElection)\n"
        }
        return """
            # After 3 failures, the default, a server that starts before its address is there would never take part in an
            # election again and still look alive. 0 is for ever.
            electionPortBindRetry=0
            # Servers prove to each other that they know the cluster's password (DIGEST-MD5, zookeeper-jaas.conf).
            quorum.auth.enableSasl=true
            quorum.auth.learnerRequireSasl=true
            quorum.auth.serverRequireSasl=true

            """ + lines.joined()
    }

    /// Standard output has time stamps of its own where it goes. The levels have an appender each, because none of log4j's
    /// conversions knows syslog's numbers (org.apache.log4j.PatternLayout).
    private static func logging(_ logs: LogTarget) -> String {
        let levels = [
            ("INFORMATION", "TRACE", "INFO", 6), ("WARNINGS", "WARN", "WARN", 4), ("ERRORS", "ERROR", "FATAL", 3),
        ]
        let appenders = levels.map { name, least, most, priority in
            """
            log4j.appender.\(name)=org.apache.log4j.ConsoleAppender
            log4j.appender.\(name).layout=org.apache.log4j.PatternLayout
            log4j.appender.\(name).layout.ConversionPattern=\(logs.prefix(priority))%-5p [%t:%C{1}] %m%n
            log4j.appender.\(name).filter.1=org.apache.log4j.varia.LevelRangeFilter
            log4j.appender.\(name).filter.1.LevelMin=\(least)
            log4j.appender.\(name).filter.1.LevelMax=\(most)

            """
        }
        return "log4j.rootLogger=INFO, \(levels.map(\.0).joined(separator: ", "))\n" + appenders.joined()
    }

    private static func environment(_ role: RoleName, _ cluster: Cluster, _ isEnsemble: Bool) -> String {
        let heap = cluster.zookeeper.heapMegabytes
        var options = [
            "-Xms\(heap)m", "-Xmx\(heap)m", "-XX:+ExitOnOutOfMemoryError", "-XX:+PerfDisableSharedMem",
            "-Dlog4j.configuration=file:/etc/pgha/\(role)/log4j.properties",
        ]
        var remarks = [
            "# Out of memory a JVM limps on; it is better dead and restarted. PerfDisableSharedMem: a full /tmp disk must not",
            "# hold up a garbage collection and with it the heartbeats (java(1)).",
        ]
        if isEnsemble { options.append("-Djava.security.auth.login.config=/etc/pgha/\(role)/zookeeper-jaas.conf") }
        if isEnsemble, cluster.profile == .standard {
            options.append("-Dzookeeper.fastleader.maxNotificationInterval=2000")
            remarks += [
                "# maxNotificationInterval: a server that was cut off asks for the others again after pauses that double, to a minute",
                "# at most; so long it stays outside when it could be back (ZOOKEEPER-3218).",
            ]
        }
        return """
            \(remarks.joined(separator: "\n"))
            PGHA_JAVA_OPTIONS=\(options.joined(separator: " "))

            """
    }

    /// A JAAS login file (ZooKeeper wiki, "Server-Server mutual authentication").
    private static func login(_ secrets: Secrets) -> String {
        """
        QuorumServer {
            org.apache.zookeeper.server.auth.DigestLoginModule required
            user_pgha="\(secrets.zookeeper)";
        };
        QuorumLearner {
            org.apache.zookeeper.server.auth.DigestLoginModule required
            username="pgha"
            password="\(secrets.zookeeper)";
        };

        """
    }
}
