import Foundation
import HostPorts
import Testing

extension ClusterTests.ThreeHosts {
    /// `drill`, `--measure` and `report`: what is broken on purpose, what is measured, and what is given away.
    @Suite(.serialized)
    struct Drills {
        private struct Report: Decodable {
            struct Felt: Decodable {
                var acknowledged: Int
                var cameBack: Bool
                var lost: Int?
            }
            var kind: String
            var target: String
            var person: String
            var felt: Felt
            var leaderBefore: String?
            var leaderAfter: String?
            var recovery: Double?
            var story: [String]
        }

        private static func drill(_ words: String, on host: String) async throws -> Report {
            let result = try await Hosts.shell(host, "SUDO_USER=alice pgha-node drill \(words) --yes --output json")
            // 2 is for one that took longer than its limit, which a busy machine may.
            try #require([0, 2].contains(result.status), "\(result.errors)")
            return try JSONDecoder().decode(Report.self, from: Data(result.output.utf8))
        }

        @Test func `a drill kills the leader from another host, loses nothing, and tells the story`() async throws {
            let leader = try await ClusterProbe.healthy()
            let observer = try #require(Machines.others(than: leader).first)
            let report = try await Self.drill("kill", on: observer)
            #expect(report.target == leader)
            #expect(report.person == "alice")
            #expect(report.felt.acknowledged > 100 && report.felt.cameBack && report.felt.lost == 0)
            #expect(report.leaderBefore == leader && report.leaderAfter != leader)
            #expect(report.recovery != nil)
            #expect(
                report.story.contains { $0.contains("alice ran the drill \"kill\" on \(leader)") }, "\(report.story)")
            let rest = try await ClusterProbe.value(
                from: observer, "select count(*) from pg_namespace where nspname = 'pgha_drill'")
            #expect(rest == "0")
            let history = try await Hosts.output(observer, "pgha-node", "drill", "--history")
            #expect(history.contains("kill") && history.contains(leader))
        }

        @Test func `a partition ends by its host's own timer, and HAProxy by systemd`() async throws {
            let leader = try await ClusterProbe.healthy()
            let observer = try #require(Machines.others(than: leader).first)
            let cut = try await Self.drill("partition --for 4s", on: observer)
            #expect(cut.felt.lost == 0 && cut.felt.cameBack && cut.recovery != nil)
            let rules = try await Hosts.shell(
                leader, "nft list tables; systemctl list-timers --all 'pgha-drill*' | head -n 1")
            #expect(!rules.output.contains("pgha_drill"), "\(rules.output)")
            let proxy = try await Self.drill("haproxy", on: observer)
            #expect(proxy.felt.lost == 0 && proxy.felt.cameBack)
        }

        @Test func `a cluster that is not healthy is not broken, and a host does not watch its own loss`() async throws
        {
            let leader = try await ClusterProbe.healthy()
            let host = try #require(Machines.others(than: leader).first)
            let own = try await Hosts.run(leader, "pgha-node", "drill", "host-loss", "--yes")
            #expect(own.status == 64 && own.errors.contains("Run it on"))
            try await Hosts.output(host, "systemctl", "stop", "pgha-haproxy@\(host)")
            _ = try await eventually("an agent that is not ready") { () -> Bool? in
                try await Hosts.page("ready", of: host).contains("503") ? true : nil
            }
            let refused = try await Hosts.run(leader, "pgha-node", "drill", "kill", "--yes")
            try await Hosts.output(host, "systemctl", "start", "pgha-haproxy@\(host)")
            #expect(refused.status == 3 && refused.errors.contains("\(host) is not ready"), "\(refused.errors)")
            try await ClusterProbe.healthy()
        }

        @Test func `a measured switchover prints its own result, and what clients felt beside it`() async throws {
            let leader = try await ClusterProbe.healthy()
            let result = try await Hosts.run(leader, "pgha-node", "switchover", "--measure", "--output", "json")
            #expect(result.status == 0, "\(result.errors)")
            #expect(result.output.contains("\"outcome\" : \"switched\""))
            #expect(result.errors.contains("no writes for") && result.errors.contains("lost                0"))
            try await ClusterProbe.healthy()
        }

        /// Secrets where they could be: messages, settings, configuration, what other services say.
        @Test func `a report has all three hosts and none of the secrets that were planted`() async throws {
            let leader = try await ClusterProbe.healthy()
            let script = #"""
                set -u
                secrets=$(sed -n 's/^[a-z_]*: *"\{0,1\}\([^"]*\)"\{0,1\} *$/\1/p' /etc/pgha/secrets/secrets.yml | grep -E '.{16,}')
                for secret in $secrets; do
                    systemd-run -q --unit=pgha-patroni@planted --wait echo "a password is $secret here"
                    echo "# was $secret" >>/etc/pgha/planted.conf
                done
                systemd-run -q --unit=pgha-patroni@planted --wait echo "ALTER ROLE shop PASSWORD 'hunter2-planted'"
                logger -t sudo "root : COMMAND=/usr/bin/psql postgresql://shop:hunter2-planted@pg1/shop"
                echo "password: hunter2-planted" >>/etc/pgha/planted.conf
                sed -n '/BEGIN/,/END/p' /etc/pgha/tls/agent.key >>/etc/pgha/planted.conf
                cd /tmp && rm -f report.tar.gz && pgha-node report --file report.tar.gz >/dev/null
                rm -f /etc/pgha/planted.conf
                mkdir -p report && tar xzf report.tar.gz -C report
                { echo "$secrets"; echo hunter2-planted; grep -v -- ----- /etc/pgha/tls/agent.key; } >/tmp/planted
                grep -rFlf /tmp/planted report | sed 's/^/leak /'
                grep -rFc '<scrubbed>' report | awk -F: '{ n += $2 } END { print "scrubbed " (n > 10) }'
                stat -c 'mode %a' report.tar.gz
                cat report/*/MANIFEST.json
                pgha-node timeline --journal report/*/journals/*.export >/dev/null && echo "timeline reads it"
                rm -rf report report.tar.gz /tmp/planted
                """#
            let result = try await Hosts.shell(leader, script)
            #expect(!result.output.contains("leak "), "\(result.output)")
            #expect(result.output.contains("scrubbed 1\n"), "\(result.output)\(result.errors)")
            #expect(result.output.contains("mode 600\n"))
            #expect(result.output.contains("timeline reads it"), "\(result.errors)")
            #expect(result.output.contains("\"missing\" : [\n\n  ]"), "\(result.output)")
            for host in Machines.three {
                for file in [
                    "journals/\(host).export", "hosts/\(host)/status.json", "hosts/\(host)/units.txt",
                    "postgresql/\(host).txt",
                ] {
                    #expect(result.output.contains("\"\(file)\""), "\(file)")
                }
            }
        }
    }
}
