import ClusterModel
import Foundation
import HostPorts
import LinuxHost
import Testing

extension HostTests {
    /// The scripts of containers/ themselves: killed, repeated, removed.
    @Suite(.serialized)
    struct Containers {
        @Test(arguments: [0.3, 2.5])
        func `containers-up that is killed is repaired by the next one`(after seconds: Double) async throws {
            try await Hosts.require("down")
            try await killUp(after: seconds)
            try await Hosts.require("up", "--layout", "one", "--image", "prepared")
            #expect(try await ClusterProbe.write(from: "solo"))
            try await Hosts.require("down")
            #expect(try await Hosts.script("down", ["--check"]).status == 0)
        }

        @Test(arguments: [0.5, 1.5, 3.0, 6.0])
        func `containers-up that is killed is removed by down without a trace`(after seconds: Double) async throws {
            try await killUp(after: seconds)
            try await Hosts.require("down")
            let left = try await Hosts.script("down", ["--check"])
            #expect(left.status == 0, "\(left.output)")
            let state = try await machineState()
            #expect(state == [])
        }

        @Test func `down --check names what is left while hosts are up`() async throws {
            try await Hosts.require("up", "--layout", "one", "--image", "prepared", "--bare")
            let left = try await Hosts.script("down", ["--check"])
            #expect(left.status == 1)
            for word in ["control group", "mount", "network namespace", "directory"] {
                #expect(left.output.contains(word))
            }
            try await Hosts.require("down")
            let state = try await machineState()
            #expect(state == [])
        }

        @Test func `hosts of another layout are refused while some are up`() async throws {
            try await Hosts.require("up", "--layout", "one", "--image", "prepared", "--bare")
            let other = try await Hosts.script("up", ["--layout", "three"])
            #expect(other.status == 1)
            #expect(other.errors.contains("hosts of another kind are up"))
            let unknown = try await Hosts.script("exec", ["pg9", "--", "true"])
            #expect(unknown.errors.contains("there is no host \"pg9\""))
            try await Hosts.require("down")
        }

        @Test func `the exit status and the streams of a command in a host are the command's`() async throws {
            try await Hosts.require("up", "--layout", "one", "--image", "prepared", "--bare")
            let result = try await Hosts.script(
                "exec", ["solo", "--", "sh", "-c", "cat; echo err >&2; exit 42"], input: Array("in".utf8))
            #expect(result == CommandResult(status: 42, output: "in", errors: "err\n"))
            let net = try await Hosts.script("net", ["--", "sh", "-c", "ip -o -4 address show scope global | wc -l"])
            #expect(net.output == "1\n")
            try await Hosts.require("down")
        }

        private func killUp(after seconds: Double) async throws {
            let killer = Hosts.command(
                "/usr/bin/timeout",
                [
                    "--signal=KILL", "\(seconds)", "\(Hosts.repository)containers/up", "--layout", "one", "--image",
                    "prepared",
                ], within: .seconds(60))
            let result = try await LinuxCommandRunner().run(killer)
            #expect(result.status == 137)
        }

        /// Processes, mounts, control groups and namespaces of this machine that belong to the hosts, without asking `down`.
        /// One that has ended holds nothing any more; when it leaves the list is up to process 1 of this machine.
        private func machineState() async throws -> [String] {
            let lab = Hosts.lab
            let script = """
                pgrep --runstates D,R,S,T -a systemd-nspawn | grep -F '\(lab)-containers'
                grep -E '\(lab)-containers|/run/netns/\(lab) ' /proc/mounts
                find /sys/fs/cgroup -maxdepth 2 '(' -name '\(lab)' -o -name '\(lab)[-.]*' ')'
                ls -d /run/\(lab)-containers /run/netns/\(lab) /var/lib/\(lab)-containers/hosts 2>/dev/null
                # A machine may have one of its own.
                grep -ls 'made by containers/up' /usr/sbin/policy-rc.d
                true
                """
            let result = try await LinuxCommandRunner().run(Command("/bin/sh", ["-c", script]))
            return result.output.split(separator: "\n").map(String.init)
        }
    }
}
