import Decisions
import Testing

@Suite struct SignalReaderTests {
    private let reader = SignalReader()

    private func signal(
        _ speaker: Speaker, _ message: String, role: String = "pg1", service: String = "patroni",
        fields: [String: String] = [:]
    ) -> Signal? {
        reader.signal(
            JournalEvidence(
                time: 1, host: "db1", role: role, service: service, speaker: speaker, identifier: "x",
                message: Array(message.utf8), fields: fields))
    }

    @Test(arguments: [
        (
            Speaker.postgres, "2026-11-27 08:48:05.102 UTC [246] LOG:  received fast shutdown request",
            SignalKind.shutdownRequested, "PostgreSQL of pg1 is asked to shut down (fast)"
        ),
        (
            .postgres, "2026-11-27 08:48:05.102 UTC [246] LOG:  selected new timeline ID: 5", .newTimeline,
            "pg1 begins timeline 5"
        ),
        (
            .postgres,
            "2026-11-27 08:48:05.1 UTC [9] LOG:  started streaming WAL from primary at 0/5000000 on timeline 4",
            .streams, "pg1 streams on timeline 4 from 0/5000000"
        ),
        (
            .postgres, "x [9] LOG:  server process (PID 77) was terminated by signal 11: Segmentation fault",
            .processCrashed,
            "a process of PostgreSQL of pg1 was killed by signal 11: Segmentation fault: server process"
        ),
        (
            .postgres, "x [9] PANIC:  could not write to file \"pg_wal/xlogtemp.9\": No space left on device",
            .diskFull,
            "PostgreSQL of pg1 stops: no space is left on the disk"
        ),
        (
            .postgres, "x [9] LOG:  standby \"pg3\" is now a synchronous standby with priority 1", .standbyConfirms,
            "commits on pg1 wait for pg3 from now on"
        ),
        (
            .patroni, "INFO: Updating synchronous privilege temporarily from ['pg2'] to []", .standbyDropped,
            "Patroni of pg1 takes 'pg2' off the synchronous replicas"
        ),
        (
            .patroni, "INFO: promoted self to leader by acquiring session lock", .keyTaken, "pg1 takes the leader key"
        ),
        (
            .patroni, "INFO: received switchover request with leader=pg1 candidate=None scheduled_at=None",
            .switchoverRequested, "Patroni of pg1 is asked for a switchover from pg1 to None"
        ),
        (
            .patroni, "INFO: Software Watchdog activated with 25 second timeout, timing slack 15 seconds",
            .watchdogArmed,
            "Patroni of pg1 arms the watchdog, which resets the host when it has not been fed for 25 s"
        ),
        (
            .other, "watchdog: watchdog0: watchdog did not stop!", .watchdogLeft,
            "whoever fed the watchdog of db1 is gone, and it was not disarmed"
        ),
        (.other, "softdog: Initiating system reboot", .watchdogFired, "the watchdog resets db1"),
        (
            .haproxy, "[WARNING]  (9) : Server leader/pg2 is DOWN, changed from CLI. 0 active", .serverDown,
            "HAProxy of db1 does not lead to pg2 any more"
        ),
    ])
    func `an entry has the sentence of its rule`(
        _ speaker: Speaker, _ message: String, _ kind: SignalKind, _ meaning: String
    ) {
        let found = signal(speaker, message)
        #expect(found?.kind == kind)
        #expect(found?.meaning == meaning)
    }

    @Test func `what another component says of the same words means nothing`() {
        #expect(signal(.patroni, "LOG:  received fast shutdown request") == nil)
        #expect(signal(.postgres, "promoted self to leader by acquiring session lock") == nil)
    }

    @Test func `the agent's records are known by their field, whatever the message`() {
        let found = signal(
            .agent, "pg2 holds the leader key\u{1B}[2J", role: "", service: "agent",
            fields: ["PGHA_EVENT": "leader-key", "PGHA_MEMBER": "pg2", "PGHA_BEFORE": ""])
        #expect(found?.kind == .leaderKey)
        #expect(found?.values == ["event": "leader-key", "member": "pg2"])
        #expect(found?.meaning == "pg2 holds the leader key\\x1B[2J")
        #expect(signal(.agent, "x", fields: ["PGHA_EVENT": "of a later version"]) == nil)
    }

    @Test func `systemd's records are known by their identifier, and only those about our units`() {
        let fields = [
            "MESSAGE_ID": "98e322203f7a4ed290d09fe03c09fe15", "EXIT_CODE": "killed", "EXIT_STATUS": "KILL",
        ]
        let found = signal(.systemd, "whatever", fields: fields)
        #expect(found?.kind == .mainExited)
        #expect(found?.meaning == "the main process of patroni of pg1 has ended (killed KILL)")
        #expect(signal(.systemd, "whatever", role: "", service: "", fields: fields) == nil)
        let boot = signal(
            .other, "Journal started", role: "", service: "",
            fields: ["MESSAGE_ID": "f77379a8490b408bbe5f6940505a777b"])
        #expect(boot?.kind == .hostBegan)
        #expect(boot?.meaning == "db1 boots")
    }

    @Test func `upgrades of packages are known, by hand and by the clock`() {
        let byHand = signal(
            .other, "   alice : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/usr/bin/apt-get dist-upgrade", role: "",
            service: "")
        #expect(byHand?.kind == .packageUpgrade)
        #expect(byHand?.values["user"] == "alice")
        let daily = signal(
            .systemd, "Starting apt-daily-upgrade.service - Daily apt upgrade and clean activities...", role: "",
            service: "",
            fields: ["MESSAGE_ID": "7d4958e842da4a758f6c1cdc7b36dcc5"])
        #expect(daily?.kind == .packageUpgrade)
        let other = signal(
            .systemd, "Starting man-db.service - Daily man-db regeneration...", role: "", service: "",
            fields: ["MESSAGE_ID": "7d4958e842da4a758f6c1cdc7b36dcc5"])
        #expect(other == nil)
    }

    @Test func `sudo tells who ran what`() {
        let found = signal(
            .other,
            "   alice : TTY=pts/0 ; PWD=/home/alice ; USER=root ; COMMAND=/usr/bin/systemctl stop pgha-patroni@pg1",
            role: "", service: "")
        #expect(found?.kind == .sudo)
        #expect(found?.values["user"] == "alice")
        #expect(found?.meaning == "alice runs \"/usr/bin/systemctl stop pgha-patroni@pg1\" with sudo")
    }

    @Test func `each rule fits a message made of its own text`() {
        for rule in SignalRule.all {
            let message = rule.text.replacing("{signal}", with: "SIGKILL").replacing("{pid}", with: "7")
                .replacing("{", with: "").replacing("}", with: "")
            let found = signal(rule.speaker, message)
            #expect(found != nil, "\(rule.text)")
            #expect(found?.meaning.contains("?") == false, "\(rule.text): \(found?.meaning ?? "")")
            #expect(!rule.versions.isEmpty)
        }
    }

    @Test func `what is no text is no signal and no harm`() {
        let message: [UInt8] = [0xFF, 0x00] + [UInt8](repeating: 0x41, count: 65536)
        let evidence = JournalEvidence(
            time: 1, host: "", role: "pg1", service: "patroni", speaker: .postgres, identifier: "", message: message,
            fields: [:])
        #expect(reader.signal(evidence) == nil)
    }
}
