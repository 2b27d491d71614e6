import Foundation
import HostPorts
import Testing

extension ClusterTests.ThreeHosts {
    /// `logs`, `exec`, `shell`, `psql`, `inspect` and `network` on a running cluster; nothing of it changes the cluster.
    @Suite(.serialized)
    struct Observe {
        @Test func `logs has the entries that journalctl has, in the same order`() async throws {
            try await ClusterProbe.healthy()
            let script = #"""
                units="-u pgha-zookeeper@pg1 -u pgha-patroni@pg1 -u pgha-haproxy@pg1 -u pgha-agent"
                before=$(date +%s)
                diff <(pgha-node logs --output json | sed 's/.*"time":\([0-9]*\).*/\1/' | awk -v t=$before '$1 < t * 1000000') \
                    <(journalctl -o json $units | sed 's/.*"__REALTIME_TIMESTAMP":"\([0-9]*\)".*/\1/' | awk -v t=$before '$1 < t * 1000000') &&
                    pgha-node logs | wc -l
                """#
            let compared = try await Hosts.shell("pg1", script)
            #expect(compared.status == 0, "\(compared.output)")
            #expect((Int(compared.output.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0) > 20)
            #expect(try await Hosts.output("pg1", "pgha-node", "logs", "-n", "3").split(separator: "\n").count >= 3)
        }

        @Test func `logs follows across a rotation, and ends with its reader and at Ctrl-C`() async throws {
            let script = #"""
                timeout -s INT 6 pgha-node logs -f -n 0 haproxy >/tmp/followed & sleep 1
                journalctl --rotate && systemctl reload pgha-haproxy@pg1 && wait $!
                echo "status $?"; grep -c 'Reloaded' /tmp/followed
                time timeout 5 pgha-node logs -f -n 2 pg1 | head -1 | wc -l
                """#
            let result = try await Hosts.shell("pg1", script, within: .seconds(30))
            #expect(result.output == "status 124\n1\n1\n", "\(result.output) \(result.errors)")
        }

        @Test func `what HAProxy and ZooKeeper write has its own priority in the journal, and no number in its text`()
            async throws
        {
            let script = #"""
                zookeeper="journalctl -q -u pgha-zookeeper@pg1 -o cat" haproxy="journalctl -q -u pgha-haproxy@pg1 -o cat"
                echo "warnings that are information: $($zookeeper -p info..info | grep -c '^WARN ')"
                echo "information that is a warning: $($zookeeper -p warning | grep -c '^INFO ')"
                echo "numbers: $( ($zookeeper; $haproxy) | grep -c '^<[0-7]>')"
                $zookeeper -p warning..warning | grep -q '^WARN ' && echo "ZooKeeper warns"
                $haproxy -p alert..notice | grep -q '^Server leader/' && echo "HAProxy tells of servers"
                """#
            let expected = """
                warnings that are information: 0
                information that is a warning: 0
                numbers: 0
                ZooKeeper warns
                HAProxy tells of servers

                """
            #expect(try await Hosts.shell("pg1", script).output == expected)
        }

        @Test func `logs follows all hosts, and ends at Ctrl-C`() async throws {
            let script = #"""
                timeout --foreground --preserve-status -s INT 9 pgha-node logs --cluster --follow --all >/tmp/followed
                echo "ended with $?"
                awk '{ print $4 }' /tmp/followed | sort -u | tr '\n' ' '
                rm /tmp/followed
                """#
            let told = try await Hosts.shell("pg1", script)
            #expect(told.output == "ended with 130\npg1 pg2 pg3 ", "\(told.output)\(told.errors)")
        }

        @Test func `logs refuses a user who may not read the journal`() async throws {
            let refused = try await Hosts.run("pg1", "runuser", "-u", "nobody", "--", "pgha-node", "logs")
            #expect(refused.status == 77)
            #expect(refused.errors.contains("this user may not read the journal"))
        }

        @Test func `exec is the service's user in the service's mounts, and its status is the command's`() async throws
        {
            #expect(try await Hosts.output("pg1", "pgha-node", "exec", "pg1", "id", "-un") == "postgres")
            let mounts = "readlink /proc/self/ns/mnt /proc/$(systemctl show -P MainPID pgha-zookeeper@pg1)/ns/mnt"
            let own = try await Hosts.output("pg1", "pgha-node", "exec", "zookeeper", "readlink", "/proc/self/ns/mnt")
            #expect(
                try await Hosts.output("pg1", "sh", "-c", mounts).split(separator: "\n").last.map(String.init) == own)
            let environment = try await Hosts.output("pg1", "pgha-node", "exec", "haproxy", "env")
            #expect(!environment.contains("NOTIFY_SOCKET") && !environment.contains("INVOCATION_ID"))
            #expect(try await Hosts.run("pg1", "pgha-node", "exec", "pg1", "--", "sh", "-c", "exit 7").status == 7)
            #expect(try await Hosts.run("pg1", "pgha-node", "exec", "pg1", "nosuch").status == 127)
            #expect(try await Hosts.run("pg1", "pgha-node", "exec", "pg1", "/etc/passwd").status == 126)
            let shell = try await Hosts.shell("pg1", "echo 'id -un; pwd' | pgha-node shell pg1 2>/dev/null")
            #expect(shell.output == "postgres\n/\n")
            let processes = try await Hosts.output("pg1", "pgha-node", "exec", "pg1", "cat", "/proc/self/cgroup")
            #expect(!processes.contains("pgha-patroni"))
        }

        @Test func `psql reaches leader, replica and each member, and its password is nowhere`() async throws {
            try await ClusterProbe.healthy()
            func ask(_ words: String...) async throws -> String {
                let sql = "select pg_is_in_recovery()"
                let result = try await Hosts.script(
                    "exec", ["pg1", "--", "pgha-node", "psql"] + words + ["--", "-XAtc", sql])
                return result.output + result.errors
            }
            #expect(try await ask() == "f\n")
            #expect(try await ask("leader") == "f\n")
            #expect(try await ask("replica") == "t\n")
            for member in Machines.three { #expect(["t\n", "f\n"].contains(try await ask(member))) }

            let script = #"""
                for name in pg1 pg2 pg3 leader ''; do
                    pgha-node psql $name -- -XAtc 'select pg_sleep(20)' >/dev/null 2>&1 &
                done
                for i in $(seq 50); do [ $(pgrep -cx psql) -lt 5 ] || break; sleep 0.1; done
                echo "$(pgrep -cx psql) sessions"
                """# + "\n" + SecretSearch.script.replacing("exit 0", with: "pkill -x psql; exit 0")
            let search = try await Hosts.shell("pg1", script, within: .seconds(120))
            #expect(search.output.contains("5 sessions\n"), "\(search.output)")
            #expect(search.output.contains("looked for 11 secrets"))
            #expect(!search.output.contains("leak"), "\(search.output)")
        }

        @Test func `inspect and network show the running services as JSON and as text, without a secret`() async throws
        {
            for words in [["inspect", "--all"], ["network"]] {
                let json = try await Hosts.script("exec", ["pg1", "--", "pgha-node"] + words + ["--output", "json"])
                #expect(json.status == 0, "\(json.errors)")
                _ = try JSONSerialization.jsonObject(with: Data(json.output.utf8))
            }
            let text = try await Hosts.output("pg1", "pgha-node", "inspect", "--all")
            #expect(text.contains("/etc/pgha/pg1/patroni.yml  as written (postgres:postgres 600)"), "\(text)")
            #expect(text.contains("Zookeeper version:") && text.contains("route:"))
            let network = try await Hosts.output("pg1", "pgha-node", "network")
            #expect(network.contains("expected") && !network.contains("foreign"), "\(network)")
            let leaks = try await Hosts.shell(
                "pg1",
                """
                sed -n 's/^[a-z_]*: *"\\{0,1\\}\\([^"]*\\)"\\{0,1\\} *$/\\1/p' /etc/pgha/secrets/secrets.yml | grep -E '.{16,}' >/root/list
                (pgha-node inspect --all; pgha-node network; pgha-node logs --all; pgha-node logs --cluster --all) | grep -cFf /root/list; rm /root/list
                """)
            #expect(leaks.output == "0\n")
        }
    }
}
