import ClusterModel
import Testing

@Suite struct PostgresRefusalTests {
    private static func expect(_ setting: String, _ message: String, hint: String) {
        Refusal.after("postgresql:\n  parameters:\n    \(setting)\n", message, hint: hint).expect()
    }

    @Test(arguments: [
        ("listen_addresses", "hosts.NAME.address"),
        ("port", "\"postgres_port\" of the role"),
        ("cluster_name", "Use \"scope\"."),
        ("hot_standby", "keeps it on"),
        ("wal_log_hints", "keeps it on"),
        ("wal_keep_segments", "\"wal_keep_size\""),
        ("primary_conninfo", "for each member"),
        ("primary_slot_name", "for each member"),
        ("synchronous_standby_names", "Use \"durability\"."),
        ("Unix_Socket_Directories", "lays out a host"),
        ("data_directory", "\"directories.data\""),
        ("hba_file", "\"postgresql.pg_hba\""),
        ("ident_file", "lays out a host"),
        ("config_file", "lays out a host"),
        ("recovery_target_timeline", "Patroni decides"),
        ("recovery_target_lsn", "Patroni decides"),
        ("include_if_exists", "a directive, not a parameter"),
    ])
    func `refuses parameters that Patroni sets or we do`(name: String, hint: String) {
        Self.expect("\(name): x", "8:5: the parameter \"\(name)\" cannot be set here", hint: hint)
    }

    @Test(arguments: [
        ("wal_level: minimal", "8:16: the parameter \"wal_level\" must not be \"minimal\"", "replica or logical"),
        ("fsync: off", "8:12: the parameter \"fsync\" must not be \"off\"", "Remove the line."),
        ("FSYNC: \"f\"", "8:12: the parameter \"fsync\" must not be \"f\"", ""),
        ("full_page_writes: false", "8:23: the parameter \"full_page_writes\" must not be \"off\"", "Remove the line."),
        (
            "synchronous_commit: local", "8:25: the parameter \"synchronous_commit\" must not be \"local\"",
            "\"durability\""
        ),
        ("synchronous_commit: no", "8:25: the parameter \"synchronous_commit\" must not be \"off\"", ""),
        ("password_encryption: md5", "8:26: the parameter \"password_encryption\" must not be \"md5\"", "Remove"),
        ("max_connections: 10", "8:22: the parameter \"max_connections\" must be at least 25, not 10", ""),
        ("max-connections: 100", "8:5: \"max-connections\" is not the name of a parameter", "underscores"),
        ("\"\": 100", "8:5: this is not the name of a parameter", ""),
        ("1st: 100", "8:5: \"1st\" is not the name of a parameter", ""),
        ("work_mem: 1MB\n    Work_Mem: 2MB", "9:5: the parameter \"Work_Mem\" is there twice", "Remove one"),
        (
            "archive_command: \"cp %p x\\nrm y\"",
            "8:22: \"postgresql.parameters.archive_command\" has the control character U+000A", "in one line"
        ),
        (
            "archive_command: |\n      cp %p /x\n    jit: on",
            "8:22: \"postgresql.parameters.archive_command\" has the control character U+000A", "in one line"
        ),
    ])
    func `refuses values that would break the cluster`(setting: String, message: String, hint: String) {
        Self.expect(setting, message, hint: hint)
    }

    @Test func `says what is lost`() {
        let yaml = Refusal.threeHosts + "postgresql: { parameters: { synchronous_commit: off } }\n"
        let failure = #expect(throws: NodeFailure.self) { try ClusterFile.load(Array(yaml.utf8), file: "cluster.yml") }
        #expect(failure?.detail == "Commits that were acknowledged would be lost in a failover.")
    }

    @Test(arguments: [
        ("host all all 0.0.0.0/0 trust", "the method \"trust\" asks for no password", "SCRAM everywhere"),
        ("local all all trust", "the method \"trust\" asks for no password", "or peer"),
        ("host all all 10.0.0.0 255.0.0.0 md5", "the method \"md5\" is not safe", "SCRAM everywhere"),
        ("hostssl all all 2001:db8::/32 password", "the method \"password\" is not safe", "SCRAM everywhere"),
        ("host all \"my user\" all \"trust\"", "the method \"trust\" asks for no password", ""),
        ("host \"a\", b all all trust", "the method \"trust\" asks for no password", ""),
        (
            "hosts all all all scram-sha-256", "\"hosts all all all scram-sha-256\" is not a line of pg_hba.conf",
            "method"
        ),
        ("include x", "\"include x\" is not a line of pg_hba.conf", ""),
        ("", "\"\" is not a line of pg_hba.conf", ""),
        ("# host", "\"# host\" is not a line of pg_hba.conf", ""),
        ("local all peer", "\"local all peer\" has too few fields", "hostssl shop shop"),
        ("host all all scram-sha-256", "\"host all all scram-sha-256\" has too few fields", ""),
        ("host all all 192.0.2.1 scram-sha-256", "\"host all all 192.0.2.1 scram-sha-256\" has too few fields", ""),
        ("host all all all # scram-sha-256", "\"host all all all # scram-sha-256\" has too few fields", ""),
        ("host all all all scram", "there is no method \"scram\" in pg_hba.conf", "scram-sha-256"),
        ("host all all all peer", "the method \"peer\" is for local connections only", "scram-sha-256"),
        ("host all all all cert", "the method \"cert\" is for hostssl only", "hostssl"),
        ("local all all peer now", "\"now\" after the method is not an option of pg_hba.conf", "name=value"),
        ("host \"all all all peer", "a quote is open at the end of \"host \"all all all peer\"", "Close it."),
        ("host all all all scram-sha-256 \\", "a line of pg_hba.conf ends with a backslash", "in one line"),
    ])
    func `refuses lines of pg_hba that PostgreSQL would not take or should not`(
        line: String, message: String, hint: String
    ) {
        Refusal.after("postgresql:\n  pg_hba:\n    - '\(line)'\n", "8:7: \(message)", hint: hint).expect()
    }

    @Test func `refuses a line of pg_hba that is two lines`() {
        Refusal.after(
            "postgresql:\n  pg_hba:\n    - \"local all all peer\\nhost all all all trust\"\n",
            "8:7: a line of pg_hba.conf has the control character U+000A", hint: "an element of its own"
        ).expect()
    }
}
