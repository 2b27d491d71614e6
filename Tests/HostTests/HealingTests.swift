import HostPorts
import Testing

extension HostTests.ThreeHosts {
    /// What the agent makes of a replica that Patroni gives up on without a word.
    @Suite(.serialized)
    struct Healing {
        /// Patroni calls a replica whose leader has no more the WAL that it needs "running", and does nothing.
        @Test func `a replica that can never stream again is reported, started anew and copied anew`() async throws {
            let leader = try await ClusterProbe.healthy()
            let replica = try #require(Machines.others(than: leader).last)
            let cursor = try await AgentJournal.cursor(of: replica)
            try await Hosts.output(replica, "systemctl", "stop", "pgha-patroni@\(replica)")
            // Its slot would keep the WAL. Patroni makes it anew at once, from where the leader is by then.
            func asSuperuser(_ statement: String) async throws {
                try #require(await ClusterProbe.local(leader, statement) != nil, "\(statement)")
            }
            try await asSuperuser(
                "select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = '\(replica)'")
            // More than wal_keep_size, each segment with something in it.
            for _ in 0..<12 {
                try await asSuperuser("insert into pgha_test (host) values ('wal'); select pg_switch_wal()")
            }
            try await asSuperuser("checkpoint")
            try await asSuperuser("select pg_switch_wal()")
            try await asSuperuser("checkpoint")
            try await Hosts.output(replica, "systemctl", "start", "--no-block", "pgha-patroni@\(replica)")

            // 30 s until the restart, 60 s until the copy, which takes some seconds (ReplicaHealing).
            #expect(try await ClusterProbe.healthy(within: .seconds(240)) == leader)
            let events = try await AgentJournal.events(of: replica, since: cursor)
            let journal = try await AgentJournal.journal(of: replica, since: cursor)
            #expect(events.contains("replica-silent"), "\(events) \(journal)")
            #expect(events.contains("replica-copied"), "\(events) \(journal)")
        }
    }
}
