import HostPorts
import Testing

extension ClusterTests.ThreeHosts {
    /// `pgha-node start`, `stop` and `restart` on a running cluster.
    @Suite(.serialized)
    struct ServiceVerbs {
        @Test func `stop on the leader makes another one, and start returns when the old one streams`() async throws {
            let old = try await ClusterProbe.healthy()
            let other = try #require(Machines.others(than: old).first)
            let stopped = try await Hosts.run(old, "pgha-node", "stop", old)
            #expect(stopped.status == 0, "\(stopped.errors)")
            #expect(stopped.output.contains("stopped"))
            #expect(try await Hosts.run(old, "systemctl", "is-active", "pgha-patroni@\(old)").output == "inactive\n")
            _ = try await eventually("a write without \(old)") {
                try await ClusterProbe.write(from: other) ? true : nil
            }

            let started = try await Hosts.run(old, "pgha-node", "start", old)
            #expect(started.status == 0, "\(started.errors)")
            #expect(started.output.contains("replica, timeline"))
            #expect(try await ClusterProbe.members(seenBy: other)[old]?.streams == true)
            let again = try await Hosts.run(old, "pgha-node", "start", old)
            #expect(again.output.contains("unchanged"))
        }

        @Test func `stop keeps ZooKeeper's quorum, and restart brings each service back`() async throws {
            try await ClusterProbe.healthy()
            let first = try await Hosts.run("pg1", "pgha-node", "stop", "zookeeper")
            #expect(first.status == 0, "\(first.errors)")
            let second = try await Hosts.run("pg2", "pgha-node", "stop", "zookeeper")
            #expect(second.status == 3)
            #expect(second.errors.contains("ZooKeeper would lose its quorum"))
            #expect(try await Hosts.run("pg2", "systemctl", "is-active", "pgha-zookeeper@pg2").output == "active\n")
            #expect(try await Hosts.run("pg1", "pgha-node", "start", "--all").status == 0)

            let restarted = try await Hosts.run("pg3", "pgha-node", "restart", "--all")
            #expect(restarted.status == 0, "\(restarted.errors)")
            try await ClusterProbe.healthy()
        }

        @Test func `the agent is stopped and started like a service, and the cluster stays as it is`() async throws {
            let leader = try await ClusterProbe.healthy()
            let stopped = try await Hosts.run(leader, "pgha-node", "stop", "agent")
            #expect(stopped.status == 0, "\(stopped.errors)")
            let listed = try await Hosts.run(leader, "pgha-node", "ps")
            #expect(listed.status == 2)
            #expect(listed.output.contains("agent      inactive (dead)"), "\(listed.output)")
            #expect(try await ClusterProbe.write(from: leader))

            let started = try await Hosts.run(leader, "pgha-node", "start", "agent")
            #expect(started.status == 0, "\(started.errors)")
            #expect(started.output.contains("ready"), "\(started.output)")
            #expect(try await Hosts.run(leader, "pgha-node", "ps").status == 0)
            let logs = try await Hosts.run(leader, "pgha-node", "logs", "-n", "20", "agent")
            #expect(logs.output.contains("this host is ready"), "\(logs.output)")
            #expect(try await ClusterProbe.healthy() == leader)
        }

        @Test func `a name of another host or of none is an error that helps`() async throws {
            let elsewhere = try await Hosts.run("pg1", "pgha-node", "stop", "pg2")
            #expect(elsewhere.status == 66)
            #expect(elsewhere.errors.contains("It is on host \"pg2\" (192.0.2.12)"))
            let unknown = try await Hosts.run("pg1", "pgha-node", "restart", "haprxy")
            #expect(unknown.status == 66)
            #expect(unknown.errors.contains("Did you mean \"haproxy\"?"))
        }
    }
}
