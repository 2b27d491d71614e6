import ClusterModel
import Decisions
import Testing

@Suite struct ObservationTests {
    @Test(arguments: [
        ("plain\ttext\nmore", "plain\ttext\nmore"), ("\u{1B}[31mred", "\\x1B[31mred"), ("a\u{7}b\rc", "a\\x07b\\x0Dc"),
        ("\u{9B}2J", "\\x9B2J"), ("\u{202E}gnp", "\\u{202E}gnp"), ("grün ✓", "grün ✓"),
    ])
    func `shows what would steer a terminal by its number`(text: String, wanted: String) {
        #expect(TerminalText.safe(text) == wanted)
    }

    @Test func `replaces bytes that are no text`() {
        #expect(TerminalText.safe([0x61, 0xFF, 0x62, 0]) == "a\u{FFFD}b\\x00")
    }

    @Test func `escapes in JSON what JSON lets through`() {
        #expect(TerminalText.safeJSON("{\"m\":\"\u{9B}\u{7F}\"}") == "{\"m\":\"\\u009b\\u007f\"}")
    }

    @Test func `takes the environment of the main process without what is between it and systemd`() {
        let environ = [
            "USER=postgres", "NOTIFY_SOCKET=/run/x", "WATCHDOG_PID=1", "WATCHDOG_USEC=1", "LISTEN_FDS=1",
            "INVOCATION_ID=a", "JOURNAL_STREAM=8:1", "MAINPID=7", "TERM=dumb", "LANG=C.UTF-8",
        ].joined(separator: "\0")

        let variables = ServiceEnvironment.variables(Array(environ.utf8), terminal: "xterm")

        #expect(
            variables == [
                "USER=postgres", "LANG=C.UTF-8",
                "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm",
            ])
    }

    @Test func `reads whose a process is`() {
        let status = """
            Name:\tpatroni
            Umask:\t0077
            Uid:\t102\t102\t102\t102
            Gid:\t104\t104\t104\t104
            Groups:\t102 104 \nNoNewPrivs:\t1
            """

        let identity = ServiceEnvironment.identity(status)

        #expect(identity?.user == 102)
        #expect(identity?.group == 104)
        #expect(identity?.groups == [102, 104])
        #expect(identity?.fileCreationMask == 0o77)
        #expect(identity?.forbidsNewPrivileges == true)
        #expect(ServiceEnvironment.identity("Name:\tx\n") == nil)
    }
}
