import Foundation
import HostPorts
import Testing

extension ClusterTests.ThreeHosts {
    /// `logs --cluster` and `timeline`: from any host, with the journals of all.
    @Suite(.serialized)
    struct Story {
        private struct Told: Decodable {
            struct Incident: Decodable {
                struct Outage: Decodable { var until: UInt64? }
                var cause: String
                var person: String?
                var leaderBefore: String?
                var leaderAfter: String?
                var outage: Outage?
                var unsettled: [String]
            }
            struct Journals: Decodable {
                var hosts: [String]
                var missing: [String: String]
            }
            var journals: Journals
            var incidents: [Incident]
        }

        private func told(by host: String, _ words: String...) async throws -> Told {
            let text = try await Hosts.shell(
                host, "pgha-node timeline --output json \(words.joined(separator: " "))"
            ).output
            return try JSONDecoder().decode(Told.self, from: Data(text.utf8))
        }

        @Test func `a switchover is told with who asked for it, a death with its cause, from another host`()
            async throws
        {
            let first = try await ClusterProbe.healthy()
            let observer = try #require(Machines.others(than: first).first)
            let began = try await Hosts.output(observer, "date", "+@%s")
            try await Hosts.output(first, "env", "SUDO_USER=alice", "pgha-node", "switchover")
            let second = try await ClusterProbe.healthy()
            _ = try await Hosts.shell(second, "sleep 4; kill -9 $(head -n 1 /var/lib/pgha/*/postgresql/postmaster.pid)")
            _ = try await eventually("another leader than \(second)") {
                let leader = try await ClusterProbe.members(seenBy: observer).values.first(where: \.isLeader)
                return leader.map { $0.name != second } == true ? true : nil
            }
            let third = try await ClusterProbe.healthy()
            // Their last entries have to come, and some time in which nothing happens.
            try await Task.sleep(for: .seconds(5))

            let story = try await told(by: observer, "--since", began)

            #expect(story.journals.hosts.sorted() == ["pg1", "pg2", "pg3"])
            #expect(story.incidents.map(\.cause) == ["switchover", "postmaster-died"])
            #expect(story.incidents.first?.person == "alice")
            #expect(story.incidents.map(\.leaderBefore) == [first, second])
            #expect(story.incidents.map(\.leaderAfter) == [second, third])
            #expect(story.incidents.allSatisfy { $0.outage?.until != nil && $0.unsettled.isEmpty })
            let last = try await Hosts.shell(observer, "pgha-node timeline --last --since \(began)")
            #expect(last.output.contains("the postmaster of \(second) died; \(third) leads instead of \(second)"))
        }

        @Test func `an agent that is stopped is named, and what the others have is shown`() async throws {
            try await Hosts.output("pg3", "systemctl", "stop", "pgha-agent")
            let logs = try await Hosts.run("pg1", "pgha-node", "logs", "--cluster", "--since", "-1h", "--all")
            try await Hosts.output("pg3", "pgha-node", "start", "agent")
            #expect(logs.status == 0)
            #expect(logs.errors.contains("the journal of pg3 is missing"), "\(logs.errors)")
            let hosts = Set(
                logs.output.split(separator: "\n").compactMap { $0.split(separator: " ").dropFirst(3).first })
            #expect(hosts.isSuperset(of: ["pg1", "pg2"]) && !hosts.contains("pg3"))
        }

        /// Cut off anywhere, and with bytes changed anywhere: what is whole is read, the rest is complained of by name.
        @Test func `a damaged journal file is read as far as it is whole, and never ends the program`() async throws {
            let script = #"""
                cp "$(ls /var/log/journal/*/system.journal | head -n 1)" /tmp/whole.journal
                size=$(stat -c %s /tmp/whole.journal)
                read_it() {
                    timeout 60 pgha-node "${@:2}" --journal /tmp/bad.journal >/tmp/out 2>/tmp/err
                    status=$?
                    case $status in
                        0) ;;
                        7) grep -q bad.journal /tmp/err || echo "$1: no name in $(cat /tmp/err)" ;;
                        *) echo "$1: $* ended with $status: $(head -c 300 /tmp/err)" ;;
                    esac
                }
                for cut in 0 1 100 264 5000 70000 $((size / 3)) $((size / 2)) $((size - 1)); do
                    head -c $cut /tmp/whole.journal >/tmp/bad.journal
                    read_it "cut at $cut" logs --all
                    read_it "cut at $cut" timeline --since 2020-01-01
                done
                for place in 0 8 88 100 176 264 300 4096 70000 200000 $((size / 3)) $((size / 2)); do
                    for byte in 000 125 377; do
                        cp /tmp/whole.journal /tmp/bad.journal
                        head -c 64 /dev/zero | tr '\\0' "\\$byte" | dd of=/tmp/bad.journal bs=1 seek=$place conv=notrunc status=none
                        read_it "noise at $place" logs --all
                        read_it "noise at $place" timeline --since 2020-01-01
                    done
                done
                rm -f /tmp/whole.journal /tmp/bad.journal
                echo done
                """#
            #expect(try await Hosts.shell("pg1", script).output == "done\n")
        }

        @Test func `a copied journal and an exported one tell what the host's own tells`() async throws {
            let script = #"""
                pgha-node logs --output export >/tmp/own.export
                for from in /var/log/journal /tmp/own.export; do
                    pgha-node logs --all --output json --journal $from pg1 | grep -o '"time":[0-9]*' | head -n 200 | md5sum
                done | sort -u | wc -l
                rm /tmp/own.export
                """#
            #expect(try await Hosts.shell("pg1", script).output == "1\n")
        }
    }
}
