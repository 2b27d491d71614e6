/// Entries that come again and again while nothing happens, and hide the story.
package enum Noise {
    private enum Place { case beginning, anywhere }

    private struct Rule: Sendable {
        var speaker: Speaker
        var place: Place
        var text: StaticString

        init(_ speaker: Speaker, _ place: Place, _ text: StaticString) {
            self.speaker = speaker
            self.place = place
            self.text = text
        }
    }

    /// Texts of Patroni 3.0 to 4.1, PostgreSQL 13 to 17, ZooKeeper 3.8, HAProxy 2.6 and systemd 252.
    private static let rules = [
        // A round of Patroni that found nothing to do, and its connections for looking.
        Rule(.patroni, .anywhere, "no action. I am ("),
        Rule(.patroni, .beginning, "INFO: Lock owner: "),
        Rule(.patroni, .beginning, "INFO: establishing a new patroni "),
        Rule(.patroni, .beginning, "INFO: closed patroni connections"),
        Rule(.patroni, .beginning, "INFO: Connecting to "),
        // pg_isready, and "pg_ctl reload".
        Rule(.patroni, .anywhere, " - accepting connections"),
        Rule(.patroni, .beginning, "server signaled"),
        Rule(.postgres, .beginning, "server signaled"),
        Rule(.postgres, .anywhere, "LOG:  checkpoint "),
        Rule(.postgres, .anywhere, "LOG:  restartpoint "),
        Rule(.postgres, .anywhere, "LOG:  recovery restart point at "),
        Rule(.postgres, .anywhere, "DETAIL:  Last completed transaction was at log time "),
        // A check, or a client that does not say goodbye.
        Rule(.postgres, .anywhere, "LOG:  could not receive data from client: Connection reset by peer"),
        Rule(.postgres, .anywhere, "LOG:  connection received: "),
        Rule(.postgres, .anywhere, "LOG:  connection authenticated: "),
        Rule(.postgres, .anywhere, "LOG:  connection authorized: "),
        Rule(.postgres, .anywhere, "LOG:  disconnection: "),
        // A client that sends "srvr" and closes, and the stack trace about it.
        Rule(.zookeeper, .anywhere, "] Processing srvr command from "),
        Rule(.zookeeper, .anywhere, "] Committing global session "),
        Rule(.zookeeper, .anywhere, "] Unexpected exception"),
        Rule(.zookeeper, .beginning, "EndOfStreamException: "),
        Rule(.zookeeper, .beginning, "java.io.IOException: ZooKeeperServer not running"),
        Rule(.zookeeper, .beginning, "\tat "),
        Rule(.zookeeper, .anywhere, ":RequestPathMetricsCollector] "),
        // Its checks, and sessions that a client or a server has ended.
        Rule(.haproxy, .beginning, "Health check for server "),
        // Said on standard error as well, with its weight.
        Rule(.haproxy, .beginning, "Server "),
        Rule(.haproxy, .beginning, "backend "),
        Rule(.haproxy, .anywhere, "] read_write leader/"),
        Rule(.haproxy, .anywhere, "] read_only replicas/"),
        Rule(.systemd, .anywhere, ": Consumed "),
        // One for each process of a unit that is killed.
        Rule(.systemd, .anywhere, " on client request."),
    ]

    private static let bySpeaker = Dictionary(grouping: rules, by: \.speaker)

    package static func isNoise(_ message: [UInt8], by speaker: Speaker) -> Bool {
        guard let rules = bySpeaker[speaker] else { return false }
        return rules.contains { rule in
            switch rule.place {
            case .beginning: message[...].begins(rule.text)
            case .anywhere: message.contains(rule.text)
            }
        }
    }
}

extension [UInt8] {
    /// Within the first 400 bytes: what a rule looks for stands at the beginning, behind a time and a name.
    fileprivate func contains(_ text: StaticString) -> Bool {
        let length = text.utf8CodeUnitCount
        let end = Swift.min(count, 400)
        guard end >= length else { return false }
        return withUnsafeBufferPointer { bytes in
            let first = text.utf8Start[0]
            for start in 0...(end - length) where bytes[start] == first {
                var index = 1
                while index < length, bytes[start + index] == text.utf8Start[index] { index += 1 }
                if index == length { return true }
            }
            return false
        }
    }
}

/// Leaves noise out, and tells how much of it was left out before the next entry of the same unit.
package struct NoiseFolder {
    private var folded: [String: Int] = [:]

    package init() {}

    /// - Returns: nil for an entry that is left out, else how many were left out before it.
    package mutating func take(_ message: [UInt8], by speaker: Speaker, of unit: String) -> Int? {
        if Noise.isNoise(message, by: speaker) {
            folded[unit, default: 0] += 1
            return nil
        }
        return folded.removeValue(forKey: unit) ?? 0
    }

    /// What was left out since the last entry of each unit, by unit.
    package mutating func rest() -> [(unit: String, count: Int)] {
        defer { folded = [:] }
        return folded.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}
