import Foundation
import HostPorts

/// The documents of Patroni's REST API; keys differ between 3.0 and 4.1, both are read.
enum PatroniJSON {
    static func status(_ body: [UInt8]) -> PatroniStatus? {
        guard let document = try? JSONDecoder().decode(StatusDocument.self, from: Data(body)) else { return nil }
        guard let patroni = document.patroni else { return nil }
        var status = PatroniStatus(state: document.state ?? "unknown", role: word(document.role ?? "unknown"))
        status.timeline = document.timeline
        status.replicationState = document.replicationState
        status.systemIdentifier = document.systemIdentifier
        status.patroniVersion = patroni.version
        status.scope = patroni.scope
        status.name = patroni.name
        status.isPaused = document.pause ?? false
        status.isPendingRestart = document.pendingRestart ?? false
        status.isFailsafeActive = document.failsafe ?? false
        status.postmasterStart = document.postmasterStart
        status.walPosition = document.xlog?.location ?? document.xlog?.replayed
        return status
    }

    static func cluster(_ body: [UInt8]) -> PatroniCluster? {
        guard let document = try? JSONDecoder().decode(ClusterDocument.self, from: Data(body)) else { return nil }
        let members = document.members.map { entry in
            var member = PatroniMember(name: entry.name, role: entry.role, state: entry.state)
            member.host = entry.host
            member.port = entry.port
            member.timeline = entry.timeline
            member.lag = entry.lag?.bytes
            member.isPendingRestart = entry.pendingRestart ?? false
            return member
        }
        return PatroniCluster(members: members, isPaused: document.pause ?? false, scope: document.scope)
    }

    /// Patroni before 4.0 says `master`.
    private static func word(_ role: String) -> String {
        role == "master" ? "primary" : role
    }
}

private struct StatusDocument: Decodable {
    struct Patroni: Decodable {
        var version: String?
        var scope: String?
        var name: String?
    }

    struct WAL: Decodable {
        var location: Int64?
        var replayed: Int64?

        enum CodingKeys: String, CodingKey {
            case location
            case replayed = "replayed_location"
        }
    }

    var state: String?
    var role: String?
    var timeline: Int?
    var replicationState: String?
    var systemIdentifier: String?
    var pause: Bool?
    var pendingRestart: Bool?
    var postmasterStart: String?
    var failsafe: Bool?
    var xlog: WAL?
    var patroni: Patroni?

    enum CodingKeys: String, CodingKey {
        case state, role, timeline, pause, xlog, patroni
        case replicationState = "replication_state"
        case systemIdentifier = "database_system_identifier"
        case pendingRestart = "pending_restart"
        case postmasterStart = "postmaster_start_time"
        case failsafe = "failsafe_mode_is_active"
    }
}

private struct ClusterDocument: Decodable {
    struct Entry: Decodable {
        var name: String
        var role: String
        var state: String
        var host: String?
        var port: Int?
        var timeline: Int?
        var lag: Lag?
        var pendingRestart: Bool?

        enum CodingKeys: String, CodingKey {
            case name, role, state, host, port, timeline, lag
            case pendingRestart = "pending_restart"
        }
    }

    /// A number of bytes, or the word `unknown`.
    struct Lag: Decodable {
        var bytes: Int64?

        init(from decoder: any Decoder) throws {
            bytes = try? decoder.singleValueContainer().decode(Int64.self)
        }
    }

    var members: [Entry]
    var pause: Bool?
    var scope: String?
}
