import HostPorts
import Testing

extension ClusterTests.ThreeHosts {
    /// `lease: short`: the loss of a leader's host is believed long before its session in ZooKeeper ends.
    @Suite(.serialized)
    struct ShortLease {
        @Test func `a leader's host that is lost, or cut off, is replaced long before the session ends`() async throws {
            try await Self.set("lease: short")
            for fault in ["lose", "cut"] {
                let old = try await ClusterProbe.healthy()
                let other = try #require(Machines.others(than: old).first)
                try await Self.armed(old)
                var cursors: [String: String] = [:]
                for host in Machines.three { cursors[host] = try await AgentJournal.cursor(of: host) }
                try await Hosts.require("fault", fault, old)
                // The session of 30 s would end later.
                _ = try await eventually("a write without \(old)", within: .seconds(20)) {
                    try await ClusterProbe.write(from: other) ? true : nil
                }
                if fault == "cut" {
                    let direct = try await ClusterProbe.local(old, "select pg_is_in_recovery()")
                    #expect(direct != "f")
                    #expect(try await AgentJournal.events(of: old, since: cursors[old] ?? "").contains("lease-lost"))
                }
                var released = 0
                for host in Machines.others(than: old) {
                    let events = try await AgentJournal.events(of: host, since: cursors[host] ?? "")
                    released += events.count { $0 == "release" }
                }
                #expect(released == 1)
                try await Hosts.require("fault", fault == "lose" ? "back" : "heal", old)
                #expect(try await ClusterProbe.healthy(seenBy: other) != old)
            }
            try await Self.set("")
        }

        /// Puts a line into cluster.yml in the place of the last one that was put there, and applies that.
        private static func set(_ line: String) async throws {
            for host in Machines.three {
                let result = try await Hosts.shell(
                    host,
                    """
                    sed -i '/^lease:/d' /etc/pgha/cluster.yml
                    if [ -n "$1" ]; then echo "$1" >>/etc/pgha/cluster.yml; fi
                    pgha-node apply
                    """, line)
                try #require(result.status == 0, "\(result.errors)")
                #expect(result.output.contains("pgha-agent.service"), "\(result.output)")
            }
        }

        /// Waits until the other agents know of the promise.
        private static func armed(_ leader: String) async throws {
            _ = try await eventually("the promise of \(leader)") {
                try await Hosts.run(leader, "test", "-e", "/run/pgha/\(leader)/lease").status == 0 ? true : nil
            }
            try await Task.sleep(for: .seconds(2))
        }
    }
}
