/// How bad an entry is, as syslog(3) counts: 0 emergency, 3 error, 4 warning, 5 notice, 6 information, 7 debug.
package enum Severity {
    /// PostgreSQL, Patroni, ZooKeeper and HAProxy write to their standard output, where journald takes everything for
    /// information; what they say of the weight of a message is in its first word.
    ///
    /// - Returns: what the text says, else `written`, else information.
    package static func of(_ message: [UInt8], by speaker: Speaker, written: Int?) -> Int {
        let found: Int? =
            switch speaker {
            case .postgres: postgres(message)
            case .patroni: word(message, in: patroni, end: UInt8(ascii: ":"))
            case .zookeeper: word(message, in: zookeeper, end: UInt8(ascii: " "))
            case .haproxy: haproxy(message)
            case .agent, .systemd, .other: nil
            }
        return found ?? written ?? 6
    }

    /// Names that journalctl's `--priority` takes (journalctl(1)).
    package static let names: [String: Int] = [
        "emerg": 0, "alert": 1, "crit": 2, "err": 3, "error": 3, "warning": 4, "notice": 5, "info": 6, "debug": 7,
    ]

    /// PostgreSQL's documentation, table "Message Severity Levels", as it maps them to syslog; LOG is information there, too.
    private static let postgresLevels: [(StaticString, Int)] = [
        ("LOG:", 6), ("ERROR:", 4), ("FATAL:", 3), ("PANIC:", 2), ("WARNING:", 5), ("NOTICE:", 5), ("INFO:", 6),
        ("DEBUG", 7), ("DETAIL:", 6), ("HINT:", 6), ("STATEMENT:", 6), ("CONTEXT:", 6),
    ]

    private static let patroni: [(StaticString, Int)] = [
        ("DEBUG", 7), ("INFO", 6), ("WARNING", 4), ("ERROR", 3), ("CRITICAL", 2), ("FATAL", 2),
    ]

    private static let zookeeper: [(StaticString, Int)] = [
        ("INFO", 6), ("WARN", 4), ("ERROR", 3), ("FATAL", 2), ("DEBUG", 7), ("TRACE", 7),
    ]

    /// What HAProxy's parent process writes (HAProxy's documentation, "ha_alert" and its sisters in errors.c).
    private static let haproxyLevels: [(StaticString, Int)] = [
        ("[ALERT]", 1), ("[WARNING]", 4), ("[NOTICE]", 5), ("[DIAG]", 7),
    ]

    /// Behind the time and process of log_line_prefix: `2026-11-25 12:00:00.123 UTC [42] LOG:  …`.
    private static func postgres(_ message: [UInt8]) -> Int? {
        guard let end = message.prefix(96).firstIndex(of: UInt8(ascii: "]")) else { return nil }
        let rest = message[(end + 1)...].drop { $0 == UInt8(ascii: " ") }
        return postgresLevels.first { rest.begins($0.0) }?.1
    }

    private static func word(_ message: [UInt8], in table: [(StaticString, Int)], end: UInt8) -> Int? {
        table.first { entry in
            message[...].begins(entry.0) && message.count > entry.0.utf8CodeUnitCount
                && message[entry.0.utf8CodeUnitCount] == end
        }?.1
    }

    private static func haproxy(_ message: [UInt8]) -> Int? {
        haproxyLevels.first { message[...].begins($0.0) }?.1
    }
}

extension ArraySlice<UInt8> {
    func begins(_ text: StaticString) -> Bool {
        guard count >= text.utf8CodeUnitCount else { return false }
        for offset in 0..<text.utf8CodeUnitCount where self[startIndex + offset] != text.utf8Start[offset] {
            return false
        }
        return true
    }
}
