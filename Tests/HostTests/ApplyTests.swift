import Foundation
import HostPorts
import Testing

extension HostTests {
    /// `pgha-node up`, `apply`, `down` and `prune` on a running cluster.
    @Suite(.serialized, .hosts("three"))
    struct Apply {
        private static func configure(_ expression: String, on hosts: [String]) async throws {
            for host in hosts { try await Hosts.output(host, "sed", "-i", expression, "/etc/pgha/cluster.yml") }
        }

        @Test func `up and apply change nothing on a host that is as it should be`() async throws {
            try await ClusterProbe.healthy()
            let before = try await Machines.processes(of: "pg1")
            #expect(try await Hosts.output("pg1", "pgha-node", "up").contains("nothing was changed"))
            #expect(try await Hosts.output("pg1", "pgha-node", "apply").contains("nothing was changed"))
            #expect(try await Machines.processes(of: "pg1") == before)
        }

        @Test func `a parameter that needs a restart is applied on the replicas first, then the leader hands over`()
            async throws
        {
            let leader = try await ClusterProbe.healthy()
            try await Self.configure("s/^  #parameters: {}/  parameters: {max_connections: 123}/", on: Machines.three)
            let refused = try await Hosts.run(leader, "pgha-node", "apply")
            #expect(refused.status == 3)
            #expect(refused.errors.contains("still wait for a restart"))
            for host in Machines.others(than: leader) + [leader] {
                let applied = try await Hosts.run(host, "pgha-node", "apply")
                #expect(applied.status == 0, "\(applied.errors)")
                #expect(applied.output.contains(host == leader ? "impact switchover" : "impact restart"))
            }
            #expect(try await ClusterProbe.healthy() != leader)
            #expect(try await ClusterProbe.value(from: "pg1", "show max_connections") == "123")
            for host in Machines.three {
                #expect(try await Hosts.output(host, "pgha-node", "apply").contains("nothing was changed"))
                let rendered = try await Hosts.output(
                    host, "find", "/var/lib/pgha/rendered", "-name", "patroni.yml", "-perm", "600")
                #expect(!rendered.isEmpty)
            }
        }

        @Test func `a change by hand is not lost without a word`() async throws {
            try await ClusterProbe.healthy()
            try await Hosts.output("pg2", "sed", "-i", "s/24h/25h/", "/etc/pgha/pg2/haproxy.cfg")
            let refused = try await Hosts.run("pg2", "pgha-node", "apply")
            #expect(refused.status == 3)
            #expect(refused.errors.contains("changes that were made by hand would be lost"))
            let applied = try await Hosts.output("pg2", "pgha-node", "apply", "--overwrite")
            #expect(applied.contains("-    timeout client 25h"))
            let pruned = try await Hosts.output("pg2", "pgha-node", "prune", "--yes")
            #expect(pruned.contains("old rendered files"))
            #expect(try await Hosts.output("pg2", "ls", "/var/lib/pgha/rendered").split(separator: "\n").count == 1)
        }

        @Test func `up after down brings the same member back, and a second down keeps the quorum`() async throws {
            try await ClusterProbe.healthy()
            try await Hosts.output("pg3", "pgha-node", "down")
            #expect(try await Hosts.run("pg3", "sh", "-c", "ls /etc/systemd/system/pgha*").status != 0)
            let refused = try await Hosts.run("pg2", "pgha-node", "down")
            #expect(refused.status == 3)
            #expect(refused.errors.contains("ZooKeeper would lose its quorum"))
            let started = try await Hosts.run("pg3", "pgha-node", "up")
            #expect(started.status == 0, "\(started.errors)")
            #expect(started.output.contains("pg3: replica"))
            try await ClusterProbe.healthy()
        }

        @Test func `a frozen host is uninstalled, and its manual pages go with it`() async throws {
            try await ClusterProbe.healthy()
            let pages =
                "ls /usr/local/share/man/man1/pgha-node-apply.1 /usr/local/share/bash-completion/completions/pgha-node"
            #expect(try await Hosts.run("pg3", "sh", "-c", pages).status == 0)
            try await Hosts.output("pg3", "pgha-node", "freeze", "pg3")
            let removed = try await Hosts.run("pg3", "pgha-node", "uninstall")
            #expect(removed.status == 0, "\(removed.errors)")
            #expect(try await Hosts.run("pg3", "sh", "-c", pages).status != 0)
            #expect(try await Hosts.run("pg3", "pgha-node", "up").errors.contains("pgha-node install"))
        }
    }
}
