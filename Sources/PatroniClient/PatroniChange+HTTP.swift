import ClusterModel
import Foundation
import HostPorts
import NIOHTTP1

// How a change is asked for (Patroni documentation, "Patroni REST API").
extension PatroniChange {
    var method: HTTPMethod {
        switch self {
        case .configuration: .PATCH
        case .switchover, .failover, .reinitialise, .restart, .reload: .POST
        }
    }

    var path: String {
        switch self {
        case .switchover: "/switchover"
        case .failover: "/failover"
        case .reinitialise: "/reinitialize"
        case .configuration: "/config"
        case .restart: "/restart"
        case .reload: "/reload"
        }
    }

    /// nil where Patroni wants none.
    var body: [UInt8]? {
        get throws(NodeFailure) {
            switch self {
            case .switchover(let leader, let candidate):
                try Self.json(["leader": leader].merging(candidate.map { ["candidate": $0] } ?? [:]) { $1 })
            case .failover(let candidate): try Self.json(["candidate": candidate])
            // Patroni refuses while it is at work on a restart or another copy, unless forced (patroni/api.py).
            case .reinitialise: Array(#"{"force": true}"#.utf8)
            case .configuration(let json): Array(json.utf8)
            case .restart: Array("{}".utf8)
            case .reload: nil
            }
        }
    }

    private static func json(_ fields: [String: String]) throws(NodeFailure) -> [UInt8] {
        do {
            return try Array(JSONEncoder().encode(fields))
        } catch {
            throw NodeFailure(.internalError, "could not write JSON", detail: "\(error)")
        }
    }
}
