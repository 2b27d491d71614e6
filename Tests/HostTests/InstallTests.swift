import Foundation
import HostPorts
import Testing

extension HostTests {
    /// Installing by hand, step by step, on hosts that have the packages already.
    @Suite(.serialized, .hosts(bare: true))
    struct Install {
        @Test func `hosts installed one after the other in any order become one cluster`() async throws {
            try await Configuration.spread()
            let first = try await Hosts.run(
                "pg3", "pgha-node", "install", "--role", "pg3", "--bundle", Configuration.bundle)
            #expect(first.status == 0, "\(first.errors)")
            #expect(first.output.contains("waits for ZooKeeper's quorum (2 servers of 3)"))
            for host in ["pg1", "pg2"] {
                let next = try await Hosts.run(
                    host, "pgha-node", "install", "--role", host, "--bundle", Configuration.bundle)
                #expect(next.status == 0, "\(next.errors)")
            }
            try await ClusterProbe.healthy()
        }

        @Test func `a second install on the same host says who holds the lock`() async throws {
            let result = try await Hosts.shell(
                "pg1",
                """
                exec 8>>/run/pgha-node.lock; flock 8; echo 'process 1 (a test)' >/run/pgha-node.lock
                pgha-node install --role pg1; echo "status $?"
                (sleep 2; flock -u 8) &
                pgha-node install --role pg1 --wait-lock 30 >/dev/null 2>&1; echo "status $?"
                """)
            #expect(result.errors.contains("detail: The lock is held by process 1 (a test)."))
            #expect(result.output == "status 75\nstatus 0\n")
        }

        @Test func `an address that is not this host's is refused and nothing is changed`() async throws {
            let result = try await Hosts.run("pg1", "pgha-node", "install", "--role", "pg2")
            #expect(result.status == 78)
            #expect(result.errors.contains("pg2"))
            #expect(result.errors.contains("192.0.2.12"))
        }

        @Test func `a damaged bundle is refused before anything is changed`() async throws {
            let result = try await Hosts.shell(
                "pg1",
                """
                set -e
                pgha-node uninstall >/dev/null 2>&1
                cp -a \(Configuration.bundle) /var/tmp/bundle
                wheel=$(ls /var/tmp/bundle/wheels/patroni-*)
                printf x | dd of="$wheel" bs=1 seek=1000 conv=notrunc status=none
                find / -xdev -newer "$wheel" -type f ! -path '/var/log/*' ! -path '/var/tmp/*' >/var/tmp/before
                status=0
                pgha-node install --role pg1 --bundle /var/tmp/bundle || status=$?
                find / -xdev -newer "$wheel" -type f ! -path '/var/log/*' ! -path '/var/tmp/*' >/var/tmp/after
                diff /var/tmp/before /var/tmp/after
                rm -rf /var/tmp/bundle /var/tmp/before /var/tmp/after
                echo "status $status"
                """)
            #expect(result.output.hasSuffix("status 65\n"), "\(result.output)")
            #expect(result.errors.contains("does not match its checksum"))
        }

        @Test func `data that was kept is taken over again, and the host streams`() async throws {
            let again = try await Hosts.run(
                "pg1", "pgha-node", "install", "--role", "pg1", "--bundle", Configuration.bundle)
            #expect(again.status == 0, "\(again.errors)")
            try await ClusterProbe.healthy()
        }
    }

    /// One host, so that the number of steps is known; each step is the last one of a run that is killed.
    @Suite(.serialized, .hosts("one", image: "pristine", bare: true))
    struct KilledInstall {
        @Test func `an install killed after every single step is finished by the next one, and undone without a trace`()
            async throws
        {
            let before = try await Traces.of("solo")
            try await Configuration.spread(hosts: ["solo=192.0.2.11:pg1,pg2,pg3,zookeeper,haproxy"])
            let plan = try await Hosts.output("solo", "pgha-node", "install", "--dry-run", "--output", "json")
            let count = try JSONDecoder().decode(Plan.self, from: Data(plan.utf8)).steps.count
            #expect(count > 30)
            let killed = try await Hosts.shell("solo", Self.killAfterEachStep, "\(count)", within: .seconds(900))
            // Steps that an earlier run has done already are not reported again, so each run ends at another one.
            #expect(killed.output.split(separator: "\n").count { $0.hasPrefix("killed") } > 30, "\(killed.output)")

            let last = try await Hosts.run("solo", "pgha-node", "install", "--bundle", Configuration.bundle)
            #expect(last.status == 0, "\(last.errors)")
            try await ClusterProbe.healthy(on: "solo")
            let second = try await Hosts.run("solo", "pgha-node", "install", "--bundle", Configuration.bundle)
            #expect(second.output.contains("0 of \(count) steps changed something"), "\(second.output)")

            let removed = try await Hosts.run("solo", "pgha-node", "uninstall", "--purge", "--confirm", "demo")
            #expect(removed.status == 0, "\(removed.errors)")
            let after = try await Traces.of("solo")
            #expect(after.subtracting(before).sorted() == [])
            #expect(before.subtracting(after).sorted() == [])
        }

        private struct Plan: Decodable {
            struct Step: Decodable {
                var step: String
            }
            var steps: [Step]
        }

        /// Starts the installer again and again and kills it, with its children, as soon as it reports a step as done.
        private static let killAfterEachStep = #"""
            for run in $(seq "$1"); do
                rm -f /tmp/said && mkfifo /tmp/said
                setsid pgha-node install --bundle /var/cache/pgha/bundle >/dev/null 2>/tmp/said &
                pid=$!
                ended=1
                while read -r line; do
                    case $line in
                        *": "created | *": "updated | *": "installed | *": "enabled | *": "started | *": "restarted | *": "reloaded)
                            kill -KILL -- -$pid; echo "killed after $line"; ended=; break ;;
                    esac
                done </tmp/said
                wait $pid 2>/dev/null
                [ -z "$ended" ] || { echo "ended"; break; }
            done
            """#
    }
}
