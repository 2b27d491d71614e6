import Decisions
import Testing

@Suite struct JournalDecisionTests {
    @Test(arguments: [
        (Speaker.postgres, "2026-11-27 08:48:07.576 UTC [1914] LOG:  starting", 6),
        (.postgres, "2026-11-27 08:48:07.576 UTC [1914] ERROR:  no", 4),
        (.postgres, "2026-11-27 08:48:07.576 UTC [1914] FATAL:  no", 3),
        (.postgres, "2026-11-27 08:48:07.576 UTC [1914] PANIC:  no", 2),
        (.postgres, "FATAL:  the line prefix is somebody else's", 6),
        (.patroni, "WARNING: Connection dropped", 4), (.patroni, "ERROR: get_cluster", 3),
        (.patroni, "WARNINGS are not levels", 6),
        (.zookeeper, "WARN  [main:X] x", 4), (.zookeeper, "ERROR [main:X] x", 3), (.zookeeper, "\tat java", 6),
        (.haproxy, "[ALERT]    (9) : backend 'leader' has no server available!", 1), (.haproxy, "x", 6),
    ])
    func `the weight of a message is what its writer says in it`(_ speaker: Speaker, _ text: String, _ level: Int) {
        #expect(Severity.of(Array(text.utf8), by: speaker, written: 6) == level)
    }

    @Test func `who writes to the journal itself says the weight beside the text`() {
        #expect(Severity.of(Array("ERROR: no".utf8), by: .agent, written: 5) == 5)
        #expect(Severity.of(Array("x".utf8), by: .systemd, written: nil) == 6)
        #expect(Severity.of([], by: .postgres, written: 3) == 3)
    }

    @Test(arguments: [
        ("patroni", Optional("postgres"), false, Speaker.postgres), ("patroni", "pg_rewind", false, .postgres),
        ("patroni", "patroni", false, .patroni), ("patroni", nil, false, .patroni),
        ("patroni", "bash", false, .patroni),
        ("zookeeper", "java", false, .zookeeper), ("haproxy", "haproxy", false, .haproxy),
        ("agent", "pgha-node", false, .agent), ("patroni", "systemd", true, .systemd), ("else", nil, false, .other),
    ])
    func `PostgreSQL is told from Patroni by the process, and systemd from all`(
        _ service: String, _ program: String?, _ isManager: Bool, _ expected: Speaker
    ) {
        #expect(Speaker(service: service, program: program, isManager: isManager) == expected)
    }

    @Test(arguments: [
        (Speaker.patroni, "INFO: no action. I am (pg1), the leader with the lock", true),
        (.patroni, "INFO: promoted self to leader by acquiring session lock", false),
        (.postgres, "2026-11-27 08:48:07.588 UTC [1457] LOG:  checkpoint complete: wrote 180 buffers", true),
        (.postgres, "2026-11-27 08:48:07.588 UTC [1457] LOG:  database system is ready to accept connections", false),
        (.patroni, "x LOG:  checkpoint complete", false),
        (.zookeeper, "\tat java.base/java.lang.Thread.run(Thread.java:829)", true), (.zookeeper, "at the end", false),
        (.systemd, "pgha-patroni@pg1.service: Main process exited, code=killed, status=9/KILL", false),
    ])
    func `noise is what says nothing new, and only of that speaker`(
        _ speaker: Speaker, _ text: String, _ isNoise: Bool
    ) {
        #expect(Noise.isNoise(Array(text.utf8), by: speaker) == isNoise)
    }

    @Test func `what is folded is counted by unit, and told once`() {
        var folder = NoiseFolder()
        let noise = Array("INFO: no action. I am (pg1)".utf8)
        let news = Array("INFO: demoted".utf8)
        #expect(folder.take(noise, by: .patroni, of: "a") == nil)
        #expect(folder.take(noise, by: .patroni, of: "b") == nil)
        #expect(folder.take(noise, by: .patroni, of: "a") == nil)
        #expect(folder.take(news, by: .patroni, of: "a") == 2)
        #expect(folder.take(news, by: .patroni, of: "a") == 0)
        #expect(folder.rest().map(\.count) == [1])
        #expect(folder.rest().isEmpty)
    }
}
