import ClusterModel
import Foundation
import HostPorts
import Testing

/// What a client and an operator see of the cluster from one of its hosts.
enum ClusterProbe {
    /// One statement as the superuser through an entry point; the password goes through a pipe, as the README says.
    ///
    /// `address` and `port` replace those of the connection string.
    static func query(
        from host: String, _ statement: String, address: String? = nil, port: Int? = nil
    ) async throws -> CommandResult {
        let overrides = [address.map { "host=\($0)" }, port.map { "port=\($0)" }].compactMap { $0 }
        return try await Hosts.shell(
            host,
            """
            PGCONNECT_TIMEOUT=2 PGSERVICEFILE=<(pgha-node dsn --format service) \
            timeout 20 psql -XAtq "service=pgha $2" -c "$1"
            """,
            statement, overrides.joined(separator: " "))
    }

    /// The only line of the answer, or nil if there is none.
    static func value(
        from host: String, _ statement: String, address: String? = nil, port: Int? = nil
    ) async throws -> String? {
        let result = try await query(from: host, statement, address: address, port: port)
        guard result.status == 0 else { return nil }
        return result.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// One statement to the member of this host itself, on its socket; nil if it does not answer.
    static func local(_ host: String, _ statement: String) async throws -> String? {
        let result = try await Hosts.shell(
            host,
            """
            cd /; PGCONNECT_TIMEOUT=2 timeout 20 runuser -u postgres -- \
            psql -XAtq -h /run/postgresql -p "$2" -d postgres -c "$1"
            """,
            statement, Machines.postgresPorts[host] ?? "")
        guard result.status == 0 else { return nil }
        return result.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Writes a row through the entry point; true if it was acknowledged.
    static func write(from host: String, address: String? = nil) async throws -> Bool {
        try await writeReturningPort(from: host, address: address) != nil
    }

    /// The port of the member that acknowledged the row; nil if none did.
    static func writeReturningPort(from host: String, address: String? = nil) async throws -> String? {
        let statement = """
            create table if not exists pgha_test (at timestamptz default now(), host text); \
            insert into pgha_test (host) values ('\(host)') returning inet_server_port()
            """
        return try await value(from: host, statement, address: address)
    }

    /// A member as `patronictl list` shows it.
    struct Member: Decodable {
        enum CodingKeys: String, CodingKey {
            case name = "Member"
            case role = "Role"
            case state = "State"
            case timeline = "TL"
        }

        var name: String
        var role: String
        var state: String
        var timeline: Int?

        var isLeader: Bool { role == "Leader" }
        /// Patroni before 3.1 says `running` of a replica that streams.
        var streams: Bool { !isLeader && ["streaming", "running"].contains(state) }
    }

    /// All members by name, as the Patroni of `role` lists them on `host`; empty if it cannot.
    static func members(seenBy role: String, on host: String? = nil) async throws -> [String: Member] {
        let result = try await Hosts.run(
            host ?? role, "timeout", "10", "patronictl", "-c", "/etc/pgha/\(role)/patroni.yml", "list", "-f", "json")
        guard let members = try? JSONDecoder().decode([Member].self, from: Data(result.output.utf8)) else { return [:] }
        return Dictionary(members.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Waits until there are a leader that takes writes, two replicas that stream and one that may be promoted; returns the
    /// leader's name.
    @discardableResult
    static func healthy(
        seenBy role: String = "pg1", on host: String? = nil, within limit: Duration = .seconds(120),
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> String {
        try await eventually("a leader and two streaming replicas", within: limit, sourceLocation: sourceLocation) {
            let members = try await members(seenBy: role, on: host)
            guard members.count == 3, members.values.count(where: \.streams) == 2,
                let leader = members.values.first(where: \.isLeader), leader.state == "running",
                Set(members.values.map(\.timeline)).count == 1, try await write(from: host ?? role),
                // The leader's own judgement: it knows whether anybody may take its place.
                try await Hosts.run(host ?? leader.name, "pgha-node", "ps").status == 0
            else { return nil }
            return leader.name
        }
    }
}
