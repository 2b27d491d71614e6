import ClusterModel
import Foundation
import HostOperations
import HostPorts

/// What the agent's HTTP server says; each page is one reading of the same look.
struct StatusPages: Sendable {
    let context: AgentContext
    let pulse: Pulse
    let board: LeaderBoard
    let peers: PeerBoard

    func run() async {
        let everywhere = context.cluster.hasIPv6 ? "::" : "0.0.0.0"
        // A port that is taken is no reason to leave the cluster alone.
        repeat {
            do throws(NodeFailure) {
                try await context.ports.server.serve(on: everywhere, port: context.cluster.ports.agent) { path in
                    await answer(to: path)
                }
            } catch {
                context.ports.events.record(AgentEvents.complaint(error))
            }
        } while await context.beat(.seconds(10))
    }

    func answer(to path: String) async -> StatusAnswer? {
        let look = await pulse.look
        switch path {
        case "/health": return await health()
        case "/ready":
            let isReady = look?.isReady == true
            return StatusAnswer(
                status: isReady ? 200 : 503, body: (look?.text ?? "not ready: the agent has just begun") + "\n")
        case "/status": return status(look, await board.sight, await peers.all)
        case "/metrics":
            return StatusAnswer(
                status: 200, contentType: "text/plain; version=0.0.4; charset=utf-8",
                body: Metrics.text(
                    look, leader: await board.sight, host: context.host.name, disks: disks,
                    peers: await peers.all))
        default: return nil
        }
    }

    private var disks: [(path: String, space: FileSystemSpace)] {
        context.host.roles.filter { $0.services.contains(.patroni) }.compactMap { assignment in
            let path = context.cluster.directories.postgres(of: assignment.role)
            return (try? context.machine.files.space(at: path)).map { (path, $0) }
        }
    }

    /// Whether the agent itself goes on, whatever the services do.
    private func health() async -> StatusAnswer {
        guard let age = await pulse.age, age < .seconds(30) else {
            return StatusAnswer(status: 503, body: "the agent has not looked at its host for more than 30 s\n")
        }
        return StatusAnswer(status: 200, body: "ok\n")
    }

    private func status(_ look: HostLook?, _ sight: LeaderSight, _ peers: [PeerSight]) -> StatusAnswer {
        let page = StatusPage(
            host: context.host.name, isReady: look?.isReady == true, text: look?.text ?? "",
            missing: look?.missing ?? [],
            leader: sight.member?.text, services: look?.status?.services ?? [],
            peers: peers)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        guard let bytes = try? encoder.encode(page) else { return StatusAnswer(status: 500, body: "not encodable\n") }
        return StatusAnswer(
            status: 200, contentType: "application/json", body: String(decoding: bytes, as: UTF8.self) + "\n")
    }
}

/// The page `/status`.
private struct StatusPage: Codable {
    var host: String
    var isReady: Bool
    var text: String
    var missing: [String]
    /// Who holds the leader key; absent if nobody does, or ZooKeeper does not answer.
    var leader: String?
    var services: [ServiceStatus]
    /// The agents of the other hosts, as this one hears them.
    var peers: [PeerSight]
}
