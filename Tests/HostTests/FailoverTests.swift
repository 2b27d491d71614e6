import HostPorts
import Testing

extension ClusterTests.ThreeHosts {
    /// Breaks a healthy cluster and looks at what clients and operators see.
    @Suite(.serialized)
    struct Failover {
        @Test func `systemctl stop on the leader makes another one, the route follows, and the old one comes back`()
            async throws
        {
            let old = try await ClusterProbe.healthy()
            let other = try #require(Machines.others(than: old).first)
            try await Hosts.output(old, "systemctl", "stop", "pgha-patroni@\(old)")

            let new = try await eventually("a write through the new leader") { () -> String? in
                let members = try await ClusterProbe.members(seenBy: other)
                guard let leader = members.values.first(where: \.isLeader), leader.name != old else { return nil }
                return try await ClusterProbe.write(from: other) ? leader.name : nil
            }
            #expect(new != old)
            // The entry point of the host without a member leads there too.
            #expect(try await ClusterProbe.write(from: other, address: Machines.address(of: old)))
            let left = try await Hosts.shell(old, "pgrep -u postgres -c postgres || true")
            #expect(left.output == "0\n")

            try await Hosts.output(old, "systemctl", "start", "pgha-patroni@\(old)")
            #expect(try await ClusterProbe.healthy() == new)
        }

        @Test func `a lost leader's host is replaced, and streams again when it is back`() async throws {
            let old = try await ClusterProbe.healthy()
            let other = try #require(Machines.others(than: old).first)
            let rows = try #require(
                await ClusterProbe.value(from: other, "select count(*) from pgha_test").flatMap { Int($0) })
            try await Hosts.require("fault", "lose", old)

            _ = try await eventually("a write without \(old)") {
                try await ClusterProbe.write(from: other) ? true : nil
            }
            let after = try #require(
                await ClusterProbe.value(from: other, "select count(*) from pgha_test").flatMap { Int($0) })
            #expect(after == rows + 1)

            try await Hosts.require("fault", "back", old)
            #expect(try await ClusterProbe.healthy(seenBy: other) != old)
        }

        @Test func `one of three ZooKeeper servers can stop and no write fails`() async throws {
            let leader = try await ClusterProbe.healthy()
            let stopped = try #require(Machines.others(than: leader).first)
            let writer = try #require(Machines.others(than: leader).last)
            let writes = try await SteadyWrites.from(writer, patience: 5) {
                try await Hosts.output(stopped, "systemctl", "stop", "pgha-zookeeper@\(stopped)")
                try await Task.sleep(for: .seconds(10))
            }
            #expect(writes.failed == 0, "\(writes)")
            #expect(try await ClusterProbe.members(seenBy: leader).values.first(where: \.isLeader)?.name == leader)
            try await Hosts.output(stopped, "systemctl", "start", "pgha-zookeeper@\(stopped)")
            #expect(try await ClusterProbe.healthy() == leader)
        }

        @Test func `a leader cut off from the others accepts no write once another one leads`() async throws {
            let old = try await ClusterProbe.healthy()
            let other = try #require(Machines.others(than: old).first)
            #expect(try await ClusterProbe.local(old, "select pg_is_in_recovery()") == "f")
            try await Hosts.require("fault", "cut", old)
            _ = try await eventually("a write without \(old)") {
                try await ClusterProbe.write(from: other) ? true : nil
            }
            let direct = try await ClusterProbe.local(old, "select pg_is_in_recovery()")
            #expect(direct != "f")
            try await Hosts.require("fault", "heal")
            #expect(try await ClusterProbe.healthy(seenBy: other) != old)
        }

        @Test func `a replica cut off from ZooKeeper changes nothing for clients`() async throws {
            let leader = try await ClusterProbe.healthy()
            let replica = try #require(Machines.others(than: leader).first)
            try await Hosts.require("fault", "cut-zookeeper", replica)
            #expect(try await Hosts.require("fault", "status") == "\(replica) cut-zookeeper\n")
            // Longer than the lease of 30 s: whatever depends on it would have happened.
            let writes = try await SteadyWrites.from(leader, patience: 5) { try await Task.sleep(for: .seconds(35)) }
            #expect(writes.failed == 0, "\(writes)")
            try await Hosts.require("fault", "heal")
            #expect(try await Hosts.require("fault", "status").isEmpty)
            #expect(try await ClusterProbe.healthy(seenBy: leader) == leader)
        }

        @Test func `a HAProxy that starts anew routes to nobody before it has checked`() async throws {
            let leader = try await ClusterProbe.healthy()
            let host = try #require(Machines.others(than: leader).first)
            // Every answer in the moments after the restart must come from the leader, or be none at all.
            let result = try await Hosts.shell(
                host,
                """
                export PGCONNECT_TIMEOUT=1 PGSERVICEFILE=/run/test-service
                (umask 077; pgha-node dsn --format service >$PGSERVICEFILE)
                for round in 1 2 3; do
                    systemctl restart pgha-haproxy@$(hostname)
                    for try in $(seq 30); do
                        psql -XAtq "service=pgha host=127.0.0.1" -c 'select pg_is_in_recovery()' 2>/dev/null || echo none
                        sleep 0.02
                    done
                done | sort | uniq -c
                rm $PGSERVICEFILE
                """)
            #expect(!result.output.contains("t\n"), "\(result.output)")
            #expect(result.output.contains("f\n"), "\(result.output)")
        }
    }
}
