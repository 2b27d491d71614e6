import HostPorts
import Testing

extension HostTests {
    @Suite(.serialized, .hosts("five"))
    struct FiveRoles {
        @Test func `five roles on five hosts take a write through the HAProxy host`() async throws {
            let leader = try await ClusterProbe.healthy()
            #expect(try await ClusterProbe.write(from: "pg1", address: "192.0.2.15"))
            let route = try await Hosts.output("haproxy", "pgha-node", "ps")
            #expect(route.contains("leader \(leader), replicas"))
            #expect(try await Hosts.output("zookeeper", "pgha-node", "ps").contains("standalone"))
            // A member host runs its member and nothing else.
            #expect(try await Hosts.output("pg1", "pgha-node", "ps").split(separator: "\n").count == 3)
        }

        @Test func `systemctl stop on the leader makes another one`() async throws {
            let old = try await ClusterProbe.healthy()
            let other = try #require(Machines.others(than: old).first)
            try await Hosts.output(old, "systemctl", "stop", "pgha.target")
            _ = try await eventually("a write without \(old)") {
                try await ClusterProbe.write(from: other) ? true : nil
            }
            try await Hosts.output(old, "systemctl", "start", "pgha.target")
            #expect(try await ClusterProbe.healthy(seenBy: other) != old)
        }
    }

    @Suite(.serialized, .hosts("one"))
    struct OneHost {
        @Test func `one host with all roles takes a write, and stopping a member's unit is like docker stop`()
            async throws
        {
            let old = try await ClusterProbe.healthy(on: "solo")
            try await Hosts.output("solo", "systemctl", "stop", "pgha-patroni@\(old)")
            _ = try await eventually("a write without \(old)") {
                try await ClusterProbe.write(from: "solo") ? true : nil
            }
            try await Hosts.output("solo", "systemctl", "start", "pgha-patroni@\(old)")
            let other = try #require(Machines.others(than: old).first)
            #expect(try await ClusterProbe.healthy(seenBy: other, on: "solo") != old)
        }

        @Test func `stopping the target stops everything, and starting it brings it back`() async throws {
            try await ClusterProbe.healthy(on: "solo")
            // The job of a target ends before those of its services (systemd.unit(5), After=), so this returns early.
            try await Hosts.output("solo", "systemctl", "stop", "pgha.target")
            _ = try await eventually("the end of all processes") {
                try await Hosts.shell("solo", "pgrep -l 'postgres|patroni|java|haproxy' || true").output.isEmpty
                    ? true : nil
            }
            try await Hosts.output("solo", "systemctl", "start", "pgha.target")
            try await ClusterProbe.healthy(on: "solo")
        }

        @Test func `systemctl stop with a pattern returns when no process is left`() async throws {
            try await ClusterProbe.healthy(on: "solo")
            try await Hosts.output("solo", "systemctl", "stop", "pgha*")
            let left = try await Hosts.shell("solo", "pgrep -l 'postgres|patroni|java|haproxy' || true")
            #expect(left.output == "")
            try await Hosts.output("solo", "systemctl", "start", "pgha.target")
            try await ClusterProbe.healthy(on: "solo")
        }
    }

    @Suite(.serialized, .hosts(settings: "versions:\n  patroni: distribution\n"))
    struct DistributionPatroni {
        @Test func `Patroni of the distribution makes a cluster and fails over`() async throws {
            let old = try await ClusterProbe.healthy()
            #expect(try await Hosts.output("pg1", "patroni", "--version") == "patroni 3.0.2")
            let unit = try await Hosts.output("pg1", "systemctl", "show", "-P", "ExecStart", "pgha-patroni@pg1")
            #expect(unit.contains("/usr/bin/patroni"))
            let other = try #require(Machines.others(than: old).first)
            try await Hosts.output(old, "systemctl", "stop", "pgha-patroni@\(old)")
            _ = try await eventually("a write without \(old)") {
                try await ClusterProbe.write(from: other) ? true : nil
            }
            try await Hosts.output(old, "systemctl", "start", "pgha-patroni@\(old)")
            #expect(try await ClusterProbe.healthy(seenBy: other) != old)
        }
    }

    @Suite(.serialized, .hosts(settings: "profile: reference\n"))
    struct ReferenceProfile {
        @Test func `the reference profile is the compose project's behaviour`() async throws {
            try await ClusterProbe.healthy()
            let config = try await Hosts.output("pg1", "cat", "/etc/pgha/pg1/haproxy.cfg")
            #expect(config.contains("inter 3s fall 3 rise 2 on-marked-down shutdown-sessions"))
            let names = try await ClusterProbe.value(from: "pg1", "show synchronous_standby_names")
            #expect(names == "")
        }
    }
}
