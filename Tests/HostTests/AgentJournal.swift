import Foundation
import HostPorts
import Testing

/// What the agent of a host has written into the journal.
enum AgentJournal {
    /// Of the agent's own last record: with a filter, journalctl skips the first entry that passes it, whether that is the one of
    /// the cursor or not (systemd 252, journalctl.c, "next_skip").
    static func cursor(of host: String) async throws -> String {
        try await Hosts.shell(host, "journalctl -q -u pgha-agent -n 1 --show-cursor | sed -n 's/^-- cursor: //p'")
            .output
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// The names of its records, e.g. `release`.
    static func events(of host: String, since cursor: String) async throws -> [String] {
        try await Hosts.shell(
            host, "journalctl -u pgha-agent --after-cursor=\"$1\" -o json --output-fields=PGHA_EVENT", cursor
        ).output.split(separator: "\n").compactMap { line in
            line.firstRange(of: "\"PGHA_EVENT\":\"").map { String(line[$0.upperBound...].prefix { $0 != "\"" }) }
        }
    }

    /// Everything of our units, for a person who reads why a test failed.
    static func journal(of host: String, since cursor: String) async throws -> String {
        try await Hosts.shell(host, "journalctl -u 'pgha-*' --after-cursor=\"$1\" --no-pager | head -n 80", cursor)
            .output
    }

    /// The end of what agents and Patronis said, without what they say in each round; for a person who reads why a test failed.
    static func lastWords() async -> String {
        var words: [String] = []
        for host in Machines.three {
            let said = try? await Hosts.shell(
                host,
                """
                journalctl -u pgha-agent -u 'pgha-patroni@*' -o short-precise --no-pager -n 300 |
                    grep -vE 'no action|HTTP/1|Lock owner|server signaled' | tail -n 14 | cut -c 8-240
                """, within: .seconds(20))
            if let said, said.status == 0 { words.append(said.output) }
        }
        return words.joined()
    }
}
