import Foundation
import HostPorts
import Testing

extension ClusterTests.ThreeHosts.ServiceVerbs {
    @Test func `a switchover from any host makes another leader, and is refused where nobody could take over`()
        async throws
    {
        let old = try await ClusterProbe.healthy()
        let elsewhere = try #require(Machines.others(than: old).first)
        #expect(try await Hosts.run(elsewhere, "pgha-node", "health").output.contains("healthy: \(old) leads"))

        let switched = try await Hosts.run(elsewhere, "pgha-node", "switchover")
        #expect(switched.status == 0, "\(switched.errors)")
        #expect(switched.output.contains("instead of \(old)"), "\(switched.output)")
        let new = try await ClusterProbe.healthy()
        #expect(new != old)
        let again = try await Hosts.run(elsewhere, "pgha-node", "switchover", "--to", new)
        #expect(again.output.contains("leads already"))

        let replica = try await asynchronousReplica()
        let refused = try await Hosts.run(elsewhere, "pgha-node", "switchover", "--to", replica)
        #expect(refused.status == 3)
        #expect(refused.errors.contains("is not the synchronous replica"), "\(refused.errors)")
        let failover = try await Hosts.run(elsewhere, "pgha-node", "failover", "--to", replica)
        #expect(failover.status == 3)
        #expect(failover.errors.contains("\(new) leads and runs"), "\(failover.errors)")
        #expect(try await ClusterProbe.healthy() == new)
    }

    @Test func `maintenance is seen on all hosts, forbids a switchover, and is ended by its timer`() async throws {
        try await ClusterProbe.healthy()
        let on = try await Hosts.run("pg2", "pgha-node", "maintenance", "on", "--for", "15s")
        #expect(on.status == 0, "\(on.errors)")
        let shown = try await Hosts.run("pg1", "pgha-node", "ps").output
        #expect(shown.contains("(timer on pg2)"), "\(shown)")
        #expect(try await Hosts.run("pg3", "pgha-node", "switchover").status == 3)
        let list = try await Hosts.run("pg3", "pgha-node", "list")
        #expect(list.status == 2)
        #expect(list.output.contains("maintenance is on"))

        _ = try await eventually("the end of the maintenance") {
            try await Hosts.output("pg1", "pgha-node", "maintenance") == "maintenance: off" ? true : nil
        }
        #expect(try await Hosts.run("pg3", "pgha-node", "list").status == 0)
    }

    @Test func `a replica is copied anew while it is told how far it is, and the leader is not`() async throws {
        let leader = try await ClusterProbe.healthy()
        let replica = try await asynchronousReplica()
        let mark = "/var/lib/pgha/\(replica)/postgresql/pgha_mark"
        #expect(try await Hosts.run(replica, "touch", mark).status == 0)
        let asked = try await Hosts.run(leader, "pgha-node", "reinit", replica)
        #expect(asked.status == 64)
        #expect(asked.errors.contains("Add \"--yes\""))
        #expect(try await Hosts.run(replica, "test", "-e", mark).status == 0)

        let copied = try await Hosts.run(leader, "pgha-node", "reinit", replica, "--yes")
        #expect(copied.status == 0, "\(copied.errors)")
        #expect(copied.output.contains("\(replica): copied from \(leader)"))
        #expect(try await Hosts.run(replica, "test", "-e", mark).status == 1)
        let refused = try await Hosts.run(replica, "pgha-node", "reinit", leader, "--yes")
        #expect(refused.status == 3)
        #expect(try await ClusterProbe.healthy() == leader)
    }

    @Test func `restart --all on the leader's host hands over first, and says how long that took`() async throws {
        let leader = try await ClusterProbe.healthy()
        let plan = try await Hosts.run(leader, "pgha-node", "restart", "--all", "--dry-run")
        #expect(plan.output.contains("switchover to another member"), "\(plan.output)\(plan.errors)")
        let restarted = try await Hosts.run(leader, "pgha-node", "restart", "--all")
        #expect(restarted.status == 0, "\(restarted.errors)")
        #expect(restarted.output.contains("handedOver"), "\(restarted.output)")
        #expect(try await ClusterProbe.healthy() != leader)
    }

    @Test func `freeze --for is thawed by systemd, and pause says what it means`() async throws {
        try await ClusterProbe.healthy()
        let replica = try await asynchronousReplica()
        let paused = try await Hosts.run(replica, "pgha-node", "pause", replica, "--for", "5s")
        #expect(paused.status == 0, "\(paused.errors)")
        #expect(paused.errors.contains("pause means freeze here"))
        #expect(try await Hosts.run(replica, "pgha-node", "ps").output.contains(", thaws in "))
        _ = try await eventually("the thaw by the timer", within: .seconds(20)) {
            try await Hosts.run(replica, "pgha-node", "ps").output.contains("frozen") ? nil : true
        }
        try await ClusterProbe.healthy()
    }

    @Test func `frozen services obey stop, restart and start, and one that was killed runs again`() async throws {
        try await ClusterProbe.healthy()
        let replica = try await asynchronousReplica()
        for (verb, name, outcome) in [("restart", "haproxy", "restarted"), ("stop", "zookeeper", "stopped")] {
            #expect(try await Hosts.run(replica, "pgha-node", "freeze", name).status == 0)
            let done = try await Hosts.run(replica, "pgha-node", verb, name)
            #expect(done.status == 0 && done.output.contains(outcome), "\(done.output)\(done.errors)")
        }
        #expect(try await Hosts.run(replica, "pgha-node", "freeze", replica).status == 0)
        let start = try await Hosts.run(replica, "pgha-node", "start", replica)
        #expect(start.status == 5 && start.errors.contains("Run \"pgha-node thaw\" instead."), "\(start.errors)")
        let kill = ["systemctl", "kill", "--signal=KILL", "--kill-whom=all", "pgha-patroni@\(replica)"]
        #expect(try await Hosts.script("exec", [replica, "--"] + kill).status == 0)
        let thawed = try await Hosts.run(replica, "pgha-node", "thaw", replica)
        #expect(thawed.status == 0, "\(thawed.output)\(thawed.errors)")
        let word = ["systemctl", "show", "--property=FreezerState", "--value", "pgha-patroni@\(replica)"]
        #expect(try await Hosts.script("exec", [replica, "--"] + word).output == "running\n")
        let all = try await Hosts.run(replica, "pgha-node", "start", "--all")
        #expect(all.status == 0, "\(all.output)\(all.errors)")
        try await ClusterProbe.healthy()
    }

    @Test func `an open watchdog forbids a freeze, unless its reset is expected`() async throws {
        try await ClusterProbe.healthy()
        let replica = try await asynchronousReplica()
        let group = "/sys/fs/cgroup/pgha.slice/pgha-patroni@\(replica).service/cgroup.procs"
        // A file in the place of the device, held open by a process of the unit, as Patroni would hold it.
        let hold =
            "touch /dev/watchdog; systemd-run --quiet --unit=watchdog sh -c 'echo 0 >\(group); exec sleep 60 3</dev/watchdog'; sleep 0.5"
        #expect(try await Hosts.shell(replica, hold).status == 0)
        let refused = try await Hosts.run(replica, "pgha-node", "freeze", replica)
        #expect(refused.status == 3)
        #expect(refused.errors.contains("holds \"/dev/watchdog\" open"), "\(refused.errors)")
        let frozen = try await Hosts.run(replica, "pgha-node", "freeze", replica, "--expect-reset")
        #expect(frozen.status == 0, "\(frozen.errors)")
        #expect(try await Hosts.run(replica, "pgha-node", "thaw", replica).status == 0)
        let release = "kill $(pgrep -x sleep -g 0 || pgrep -x sleep); rm -f /dev/watchdog"
        #expect(try await Hosts.shell(replica, release).status == 0)
        try await ClusterProbe.healthy()
    }

    /// The replica that is not the synchronous one.
    private func asynchronousReplica() async throws -> String {
        try await eventually("a replica that is not the synchronous one") {
            try await ClusterProbe.members(seenBy: "pg1").values.first { $0.role == "Replica" && $0.streams }?.name
        }
    }
}

extension ClusterTests.ThreeHosts.ServiceVerbs {
    /// Each with its message and exit status, and the service is as the message says.
    @Test func `bad moments have their message and their exit status`() async throws {
        try await ClusterProbe.healthy()
        try await expect(77, "only root can stop services", "runuser -u nobody -- pgha-node stop pg1")
        try await expect(
            69, "could not connect to the system bus",
            "DBUS_SYSTEM_BUS_ADDRESS=unix:path=/nonexistent pgha-node restart haproxy")
        try await expect(64, "name what is meant", "pgha-node stop")

        #expect(try await Hosts.run("pg1", "pgha-node", "stop", "haproxy").status == 0)
        #expect(try await Hosts.run("pg1", "systemctl", "mask", "pgha-haproxy@pg1").status == 0)
        try await expect(5, "the unit is masked", "pgha-node start haproxy")
        #expect(try await Hosts.run("pg1", "systemctl", "unmask", "pgha-haproxy@pg1").status == 0)

        try await dropIn("[Service]\nExecStart=\n")
        try await expect(5, "systemd refuses", "pgha-node start haproxy")
        try await dropIn("[Service]\nExecStartPre=/bin/sleep 60\n")
        try await expect(
            6, "could not start \"pgha-haproxy@pg1.service\" within", "pgha-node start haproxy --timeout 2")
        try await expect(
            130, "interrupted while systemd was about to start",
            "timeout --foreground --preserve-status -s INT 2 pgha-node start haproxy")
        try await expect(
            5, "its job was cancelled",
            "(sleep 2; systemctl stop pgha-haproxy@pg1) & pgha-node start haproxy; status=$?; wait; exit $status")
        try await dropIn(nil)
        #expect(try await Hosts.run("pg1", "pgha-node", "start", "haproxy").status == 0)
    }

    /// Signals come in the middle of what the verb waits for besides systemd.
    @Test func `an interrupted wait says how things stand, and they go on`() async throws {
        let leader = try await ClusterProbe.healthy()
        let replica = try #require(Machines.others(than: leader).first)
        try await Hosts.require("fault", "cut-zookeeper", replica)
        try await expect(
            130, "interrupted while waiting for",
            "timeout --foreground --preserve-status -s INT 6 pgha-node restart \(replica)",
            on: replica)
        try await expect(
            130, "It is entered in ZooKeeper and takes effect",
            "timeout --foreground --preserve-status -s INT 6 pgha-node maintenance on", on: leader)
        try await Hosts.require("fault", "heal")
        #expect(try await Hosts.run(leader, "pgha-node", "maintenance", "off").status == 0)
        #expect(try await Hosts.run(replica, "pgha-node", "start", replica).status == 0)
        try await ClusterProbe.healthy(seenBy: leader)
    }

    private func expect(
        _ status: Int32, _ words: String, _ command: String, on host: String = "pg1",
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let result = try await Hosts.shell(host, command)
        #expect(result.status == status, "\(command) said: \(result.errors)", sourceLocation: sourceLocation)
        #expect(
            result.errors.contains(words), "\(command) said: \(result.errors)", sourceLocation: sourceLocation)
    }

    /// Of HAProxy on pg1; nil removes it.
    private func dropIn(_ text: String?) async throws {
        let script = """
            d=/run/systemd/system/pgha-haproxy@pg1.service.d
            if [ -n "$1" ]; then mkdir -p $d; printf '%s' "$1" >$d/50-test.conf; else rm -rf $d; fi
            systemctl stop pgha-haproxy@pg1; systemctl daemon-reload
            """
        let result = try await Hosts.shell("pg1", script, text ?? "")
        try #require(result.status == 0, "\(result.errors)")
    }
}
