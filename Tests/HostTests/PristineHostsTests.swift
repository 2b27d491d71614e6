import Foundation
import HostPorts
import Testing

extension HostTests {
    /// The product's main job, as a user sees it.
    @Suite(.serialized, .hosts("three", image: "pristine"))
    struct PristineHosts {
        @Test func `three pristine hosts installed at once are one cluster from one initdb`() async throws {
            try await ClusterProbe.healthy()
            var identifiers: Set<String> = []
            var bootstraps = 0
            for host in Machines.three {
                let data = "/var/lib/pgha/\(host)/postgresql"
                let control = try await Hosts.output(host, "/usr/lib/postgresql/15/bin/pg_controldata", data)
                let line = control.split(separator: "\n").first { $0.hasPrefix("Database system identifier") }
                identifiers.insert(String(try #require(line)))
                let journal = try await Hosts.output(host, "journalctl", "-u", "pgha-patroni@\(host)", "-o", "cat")
                bootstraps += journal.split(separator: "\n").count { $0.contains("initialized a new cluster") }
            }
            #expect(identifiers.count == 1)
            #expect(bootstraps == 1)
        }

        @Test func `a row written through the entry point of any host is read through all`() async throws {
            try await ClusterProbe.healthy()
            for (host, address) in Machines.addresses {
                #expect(try await ClusterProbe.write(from: "pg1", address: address), "through \(host)")
            }
            for (_, address) in Machines.addresses {
                let count = try await ClusterProbe.value(
                    from: "pg2", "select count(distinct host) from pgha_test", address: address)
                #expect(count == "1")
            }
        }

        @Test func `the entry point leads to the leader only and the read-only one to replicas that stream`()
            async throws
        {
            let leader = try await ClusterProbe.healthy()
            let leaderPort = try #require(Machines.postgresPorts[leader])
            for _ in 0..<10 {
                let port = try await ClusterProbe.value(from: "pg1", "select inet_server_port()", port: 5432)
                #expect(port == leaderPort)
                let reader = try await ClusterProbe.value(
                    from: "pg1", "select pg_is_in_recovery() || ' ' || inet_server_port()", port: 5442)
                #expect(reader?.hasPrefix("true ") == true)
                #expect(reader?.hasSuffix(leaderPort) == false)
            }
            let write = try await ClusterProbe.query(from: "pg1", "create table refused ()", port: 5442)
            #expect(write.errors.contains("read-only transaction"))
        }

        @Test func `a second install changes nothing and restarts nothing`() async throws {
            try await ClusterProbe.healthy()
            for host in Machines.three {
                let before = try await Machines.processes(of: host)
                let second = try await Hosts.run(
                    host, "pgha-node", "install", "--role", host, "--bundle", "/var/cache/pgha/bundle", "--output",
                    "json")
                #expect(second.status == 0, "\(second.errors)")
                let report = try JSONDecoder().decode(Report.self, from: Data(second.output.utf8))
                #expect(report.steps.count > 10)
                #expect(report.steps.allSatisfy { $0.outcome == "unchanged" }, "\(report.steps)")
                #expect(try await Machines.processes(of: host) == before)
            }
        }

        @Test func `the second containers-up does nothing`() async throws {
            let before = try await Machines.processes(of: "pg1")
            let second = try await Hosts.script("up", ["--layout", "three", "--image", "pristine"])
            #expect(second.status == 0, "\(second.errors)")
            #expect(second.errors.contains("pg1 has it"))
            #expect(try await Machines.processes(of: "pg1") == before)
        }

        @Test func `no password is in an argument, an environment, the journal or a file that others can read`()
            async throws
        {
            for host in Machines.three {
                let found = try await Hosts.shell(host, SecretSearch.script)
                #expect(found.status == 0, "\(host): \(found.errors)")
                // Five passwords, and two keys of three lines each.
                #expect(found.output.contains("looked for 11 secrets"), "\(found.output)")
                let leaks = found.output.split(separator: "\n").filter { $0.hasPrefix("leak ") }
                #expect(leaks.isEmpty)
            }
        }

        @Test func `the secret search finds what it looks for`() async throws {
            let planted = try await Hosts.shell(
                "pg1",
                """
                secret=planted-secret-$RANDOM$RANDOM
                install -m 600 /dev/null /root/planted.yml
                echo "superuser: \"$secret\"" >/root/planted.yml
                (umask 022; echo "x${secret}x" >/var/tmp/planted)
                systemd-cat echo "this has ${secret} in it"
                journalctl --sync
                sh -c 'sleep 60; :' "$secret" &
                SOME_NAME=$secret sleep 60 &
                bash -c "$1" search /root/planted.yml
                kill %1 %2
                rm /var/tmp/planted /root/planted.yml
                """, SecretSearch.script)
            for place in ["leak argument", "leak environment", "leak file /var/tmp/planted", "leak journal"] {
                #expect(planted.output.contains(place), "\(planted.output)\(planted.errors)")
            }
        }

        @Test func `the units on a host satisfy systemd-analyze`() async throws {
            let units =
                ["zookeeper", "patroni", "haproxy"].map { "pgha-\($0)@pg1.service" } + [
                    "pgha-agent.service", "pgha.target",
                ]
            let result = try await Hosts.script(
                "exec", ["pg1", "--", "systemd-analyze", "verify", "--man=no"] + units)
            #expect(result.status == 0)
            #expect(result.errors.isEmpty)
        }

        private struct Report: Decodable {
            struct Step: Decodable {
                var step: String
                var outcome: String
            }
            var steps: [Step]
        }
    }
}
