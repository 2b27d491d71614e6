import Foundation
import HostPorts
import Testing

extension ClusterTests {
    /// Asynchronous, so that nothing but the fence stands between an old leader and a lost commit.
    @Suite(.serialized, .hosts(settings: "durability: asynchronous\npatroni:\n  ttl: 20\n"))
    struct Freeze {
        /// How often the leader is frozen past its lease: twice in CI, and as often as one likes by PGHA_FREEZES.
        private static let rounds = ProcessInfo.processInfo.environment["PGHA_FREEZES"].flatMap { Int($0) } ?? 2

        @Test func `a leader frozen past its lease acknowledges nothing when it is thawed, and follows`() async throws {
            var before = 0
            for round in 1...Self.rounds {
                let count = try await freezePastLease(
                    thaw: round.isMultiple(of: 2) ? "systemctl thaw pgha-patroni@" : "pgha-node thaw ")
                before += count
                print("freeze \(round) of \(Self.rounds): \(count) commits before, 0 after the thaw; \(before) in all")
            }
        }

        /// Commits that were acknowledged before the freeze; fails if there is one after the thaw.
        private func freezePastLease(thaw: String) async throws -> Int {
            let old = try await ClusterProbe.healthy()
            let other = try #require(Machines.others(than: old).first)
            #expect(try await ClusterProbe.write(from: other))
            try await startWriters(on: old)
            let frozen = try await Hosts.run(old, "pgha-node", "freeze", old, "--observe")
            #expect(frozen.status == 0, "\(frozen.errors)")
            #expect(try await Hosts.run(old, "pgha-node", "ps").output.contains("frozen since"))

            _ = try await eventually("a write without \(old)") {
                try await ClusterProbe.write(from: other) ? true : nil
            }
            let thawed = try await Hosts.shell(old, "echo $EPOCHREALTIME >/tmp/thaw; \(thaw)\(old); sleep 3")
            #expect(thawed.status == 0, "\(thawed.errors)")
            // Whoever comes first, the agent or the verb, kills it while it is frozen.
            let killed = try await Hosts.shell(old, "journalctl -u pgha-agent -b PGHA_EVENT=second-leader | wc -l")
            #expect(thawed.output.contains("fenced") || killed.output != "0\n", "\(thawed.output)")
            // systemd 252 may go on calling it frozen although it runs; another thaw puts that right, once the unit is active.
            let word = ["systemctl", "show", "--property=FreezerState", "--value", "pgha-patroni@\(old)"]
            _ = try await eventually("systemd to call \(old) running") {
                _ = try await Hosts.run(old, "pgha-node", "thaw", old)
                return try await Hosts.script("exec", [old, "--"] + word).output == "running\n" ? true : nil
            }

            let count = "awk -v t=$(cat /tmp/thaw) '{ n[$1 > t]++ } END { print n[0] + 0, n[1] + 0 }' /tmp/acks.*"
            let acknowledged = try await Hosts.output(old, "sh", "-c", count)
            let counts = acknowledged.split(separator: " ").compactMap { Int($0) }
            #expect(counts.count == 2 && counts[0] > 100 && counts[1] == 0, "\(acknowledged)")
            #expect(try await ClusterProbe.healthy(seenBy: other) != old)
            return counts.first ?? 0
        }

        @Test func `a leader frozen for less than its lease stays leader, and its sessions only wait`() async throws {
            let leader = try await ClusterProbe.healthy()
            try await startWriters(on: leader)
            #expect(try await Hosts.run(leader, "pgha-node", "freeze", leader, "--observe").status == 0)
            try await Task.sleep(for: .seconds(8))
            let thawed = try await Hosts.shell(
                leader, "echo $EPOCHREALTIME >/tmp/thaw; pgha-node thaw \(leader); sleep 1")
            #expect(thawed.output.contains("thawed"), "\(thawed.output)\(thawed.errors)")
            #expect(try await ClusterProbe.healthy() == leader)
            // A writer never connects again, so one that is served after the thaw has had no error.
            let count = "awk -v t=$(cat /tmp/thaw) '$1 > t { seen[FILENAME] } END { print length(seen) }' /tmp/acks.*"
            #expect(try await Hosts.output(leader, "sh", "-c", count) == "4")
        }

        /// Four sessions on the member's own port; each notes when a commit was acknowledged.
        private func startWriters(on host: String) async throws {
            let script = #"""
                address=$(hostname -I | cut -d' ' -f1) port=$((5432 + ${HOSTNAME#pg}))
                for i in 1 2 3 4; do
                    systemd-run --quiet --setenv=HOME=/root bash -c '
                        yes "insert into pgha_test (host) values ('\''direct'\'');" |
                            PGSERVICEFILE=<(pgha-node dsn --format service) psql -XAt "service=pgha host='$address' port='$port'" |
                            while read -r line; do [ "$line" != "INSERT 0 1" ] || echo $EPOCHREALTIME; done >/tmp/acks.'$i
                done
                sleep 3
                """#
            let started = try await Hosts.shell(host, script)
            try #require(started.status == 0, "\(started.errors)")
        }
    }
}
