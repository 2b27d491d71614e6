import Foundation
import HostPorts
import Testing

extension ClusterTests.ThreeHosts {
    /// What the agent makes of a leader's known death, and what it says of its host.
    @Suite(.serialized)
    struct Agent {
        @Test func `says that its host is ready, over HTTP and to systemd`() async throws {
            let leader = try await ClusterProbe.healthy()
            let ready = try await eventually("an agent that is ready") { () -> String? in
                let answer = try await Hosts.page("ready", of: leader)
                return answer.contains("200 OK") ? answer : nil
            }
            #expect(ready.contains("\(leader): leader on timeline"))
            #expect(try await Hosts.page("health", of: leader).contains("ok\n"))
            #expect(try await Hosts.page("status", of: leader).contains("\"leader\" : \"\(leader)\""))
            #expect(try await Hosts.page("metrics", of: leader).contains("\npgha_ready 1\n"))
            #expect(try await Hosts.page("else", of: leader).contains("404"))
            let status = try await Hosts.output(leader, "systemctl", "show", "-P", "StatusText", "pgha-agent")
            #expect(status.contains("\(leader): leader on timeline"))
        }

        @Test func `a service that is stopped makes the host not ready, and the status says what to do`() async throws {
            let leader = try await ClusterProbe.healthy()
            let host = try #require(Machines.others(than: leader).first)
            try await Hosts.output(host, "systemctl", "stop", "pgha-haproxy@\(host)")
            let answer = try await eventually("an agent that is not ready") { () -> String? in
                let answer = try await Hosts.page("ready", of: host)
                return answer.contains("503") ? answer : nil
            }
            #expect(answer.contains("haproxy is inactive (dead)"))
            #expect(answer.contains("next: pgha-node up"))
            try await Hosts.output(host, "systemctl", "start", "pgha-haproxy@\(host)")
            try await ClusterProbe.healthy()
        }

        enum End: String, CaseIterable {
            case postmaster, unit, freeze, stop

            /// For a shell on the leader's host; `$1` is the member.
            var command: String {
                switch self {
                case .postmaster: "kill -9 $(head -n 1 /var/lib/pgha/*/postgresql/postmaster.pid)"
                case .unit: "systemctl kill -s KILL --kill-who=all pgha-patroni@$1"
                case .freeze: "systemctl freeze pgha-patroni@$1"
                // The postmaster and all that it has started.
                case .stop: "pkill -STOP -x postgres"
                }
            }
        }

        @Test(arguments: End.allCases)
        func `a leader that is killed or hangs is replaced by its synchronous replica, and nothing is lost`(
            end: End
        ) async throws {
            let old = try await ClusterProbe.healthy()
            let other = try #require(Machines.others(than: old).first)
            let cursor = try await AgentJournal.cursor(of: old)
            let writes = try await SteadyWrites.from(other) { _ = try await Hosts.shell(old, end.command, old) }
            #expect(writes.found >= writes.acknowledged, "\(writes)")
            #expect(try await ClusterProbe.healthy(seenBy: other) != old)
            let events = try await AgentJournal.events(of: old, since: cursor)
            let journal = try await AgentJournal.journal(of: old, since: cursor)
            #expect(events.contains("release"), "\(journal)")
        }

        @Test func `a switchover lets new connections wait, and none fails`() async throws {
            let old = try await ClusterProbe.healthy()
            let other = try #require(Machines.others(than: old).first)
            let writes = try await SteadyWrites.from(other) {
                try await Hosts.output(old, "pgha-node", "switchover")
            }
            // A session that is open in the moment of the change ends with its leader; one that begins does not.
            #expect(writes.failed <= 1 && writes.found >= writes.acknowledged, "\(writes)")
            try await ClusterProbe.healthy()
        }

        @Test func `a freeze that is only to be observed is left to the lease`() async throws {
            let leader = try await ClusterProbe.healthy()
            let cursor = try await AgentJournal.cursor(of: leader)
            try await Hosts.output(leader, "pgha-node", "freeze", leader, "--observe")
            try await Task.sleep(for: .seconds(4))
            try await Hosts.output(leader, "pgha-node", "thaw", leader)
            #expect(try await ClusterProbe.healthy() == leader)
            let events = try await AgentJournal.events(of: leader, since: cursor)
            #expect(!events.contains("fence") && !events.contains("release"), "\(events)")
        }

        @Test func `a Patroni that is killed costs no leader`() async throws {
            let leader = try await ClusterProbe.healthy()
            let cursor = try await AgentJournal.cursor(of: leader)
            try await Hosts.output(
                leader, "systemctl", "kill", "-s", "KILL", "--kill-who=main", "pgha-patroni@\(leader)")
            try await Task.sleep(for: .seconds(3))
            #expect(try await ClusterProbe.healthy() == leader)
            #expect(try await !AgentJournal.events(of: leader, since: cursor).contains("release"))
        }

        @Test func `a restart of PostgreSQL through Patroni costs no leader`() async throws {
            let leader = try await ClusterProbe.healthy()
            let cursor = try await AgentJournal.cursor(of: leader)
            _ = try await Hosts.shell(
                leader, "patronictl -c /etc/pgha/\(leader)/patroni.yml restart --force pg_cluster \(leader)")
            #expect(try await ClusterProbe.healthy() == leader)
            #expect(try await !AgentJournal.events(of: leader, since: cursor).contains("release"))
        }

        @Test func `in maintenance a dead leader is neither fenced nor released`() async throws {
            let leader = try await ClusterProbe.healthy()
            try await Hosts.output(leader, "pgha-node", "maintenance", "on")
            let cursor = try await AgentJournal.cursor(of: leader)
            _ = try await Hosts.shell(leader, "kill -9 $(head -n 1 /var/lib/pgha/*/postgresql/postmaster.pid)")
            try await Task.sleep(for: .seconds(3))
            let events = try await AgentJournal.events(of: leader, since: cursor)
            // Off in any case, or the suites after this one would have no failover.
            try await Hosts.output(leader, "pgha-node", "maintenance", "off")
            #expect(!events.contains("fence") && !events.contains("release"), "\(events)")
            #expect(events.contains("left-to-patroni"), "\(events)")
            try await ClusterProbe.healthy()
        }

        @Test func `the agents reach each other, and a renewed certificate counts without a restart`() async throws {
            let host = Machines.three[0]
            func reached() async throws -> Int {
                try await Hosts.page("metrics", of: host).split(separator: "\n")
                    .count { $0.hasPrefix("pgha_peer_reachable{") && $0.hasSuffix(" 1") }
            }
            _ = try await eventually("two peers") { try await reached() == 2 ? true : nil }
            let before = try await Hosts.output(host, "systemctl", "show", "-P", "MainPID", "pgha-agent")
            let other = Machines.three[1]
            let old = try await Hosts.output(other, "pgha-node", "certs", "--output", "json")
            try await Hosts.output(other, "pgha-node", "certs", "renew", "--new-key")
            #expect(try await Hosts.output(other, "pgha-node", "certs", "--output", "json") != old)
            // Long enough for either side to have taken the new one.
            try await Task.sleep(for: .seconds(13))
            _ = try await eventually("two peers again") { try await reached() == 2 ? true : nil }
            #expect(try await Hosts.output(host, "systemctl", "show", "-P", "MainPID", "pgha-agent") == before)
            // Without a certificate nobody gets a word.
            let stranger = try await Hosts.shell(
                host,
                "exec 3<>/dev/tcp/127.0.0.1/8109; printf 'GET /status HTTP/1.0\\r\\n\\r\\n' >&3; timeout 3 cat <&3")
            #expect(!stranger.output.contains("host"))
        }

        @Test func `journalctl explains the agent's records`() async throws {
            let host = Machines.three[0]
            let text = try await Hosts.shell(host, "journalctl -x -q -u pgha-agent PGHA_EVENT=ready -n 1 --no-pager")
                .output
            #expect(text.contains("Subject: This host is ready"), "\(text)")
            #expect(text.contains("Defined-By: pgha-node"))
        }
    }
}
