import HostPorts
import Testing

extension ClusterTests.ThreeHosts {
    /// Patroni's failsafe mode: a leader that cannot reach ZooKeeper leads on while all members agree.
    @Suite(.serialized)
    struct Failsafe {
        @Test
        func `a leader that dies soon after ZooKeeper was out of its reach is replaced before its replicas forget it`()
            async throws
        {
            let old = try await ClusterProbe.healthy()
            let others = Machines.others(than: old)
            var cursors: [String: String] = [:]
            for host in others { cursors[host] = try await AgentJournal.cursor(of: host) }
            try await Hosts.require("fault", "cut-zookeeper", old)
            for host in Machines.three {
                _ = try await eventually("failsafe mode on \(host)", within: .seconds(60)) {
                    try await Self.isActive(on: host) ? true : nil
                }
            }
            try await Hosts.require("fault", "heal")
            _ = try await eventually("the end of failsafe mode on \(old)", within: .seconds(30)) {
                let metrics = try await Hosts.page("metrics", of: old)
                return try await !Self.isActive(on: old) && metrics.contains("\npgha_zookeeper_connected 1\n")
                    ? true : nil
            }
            for host in others { try #require(try await Self.isActive(on: host), "\(host) has forgotten it already") }
            try await Hosts.output(
                old, "sh", "-c", "kill -9 $(head -n 1 /var/lib/pgha/*/postgresql/postmaster.pid)")

            // They would wait for nearly 30 s. It is asked with one statement: with two busy processors patronictl takes 8 s to answer.
            let oldPort = try #require(Machines.postgresPorts[old])
            _ = try await eventually("a write without \(old)", within: .seconds(20)) {
                let port = try await ClusterProbe.writeReturningPort(from: others[0])
                return port != nil && port != oldPort ? true : nil
            }
            var restarted = 0
            for host in others {
                let events = try await AgentJournal.events(of: host, since: cursors[host] ?? "")
                restarted += events.count { $0 == "failsafe-outlived" }
            }
            #expect((1...2).contains(restarted))
            #expect(try await ClusterProbe.healthy(seenBy: others[0]) != old)
        }

        private static func isActive(on host: String) async throws -> Bool {
            try await Hosts.page(
                "patroni", of: host, at: "\(try Machines.address(of: host))/\(Machines.patroniPorts[host] ?? "")"
            )
            .contains("\"failsafe_mode_is_active\": true")
        }
    }
}
