import ClusterModel
import Decisions
import Foundation
import HostOperations
import HostPorts

/// What is known of the agent of another host.
package struct PeerSight: Codable, Equatable, Sendable {
    package var host: String
    package var isReachable: Bool
    /// What it says of its host; nil if it does not answer.
    package var isReady: Bool?
    /// How far its clock is ahead of ours, in microseconds; not finer than half of the time that the question took.
    package var clockOffsetMicroseconds: Int64?
    package var roundTripMicroseconds: Int64?
    package var error: String?
}

/// The latest of all peers.
package actor PeerBoard {
    private var sights: [String: PeerSight] = [:]

    package init() {}

    var all: [PeerSight] { sights.values.sorted { $0.host < $1.host } }

    /// The sight of before.
    @discardableResult
    func post(_ sight: PeerSight) -> PeerSight? { sights.updateValue(sight, forKey: sight.host) }
}

/// Answers the agents of the other hosts, and asks them how they are.
struct PeerKeeper: Sendable {
    let context: AgentContext
    let pages: StatusPages
    let peers: PeerBoard
    let witness: WitnessBoard
    private let journal: JournalPager

    init(context: AgentContext, pages: StatusPages, peers: PeerBoard, witness: WitnessBoard) {
        self.context = context
        self.pages = pages
        self.peers = peers
        self.witness = witness
        journal = JournalPager(logs: context.machine.observation.logs, host: context.host)
    }

    private var question: PeerQuestion { PeerQuestion(context: context) }
    private var port: Int { context.cluster.ports.agentPeers }

    func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await serve() }
            for host in context.otherHosts {
                group.addTask { await follow(host) }
            }
        }
    }

    /// With the certificates as they are on disk: a renewal counts within seconds, and without a restart.
    private func serve() async {
        let everywhere = context.cluster.hasIPv6 ? "::" : "0.0.0.0"
        var said: NodeFailure?
        repeat {
            do throws(NodeFailure) {
                let credentials = try question.credentials()
                try await serve(on: everywhere, as: credentials)
                said = nil
            } catch {
                if error != said { context.ports.events.record(AgentEvents.complaint(error)) }
                said = error
            }
            await witness.forget()
        } while await context.pause(.seconds(2))
    }

    /// Until the certificates on disk are others.
    private func serve(on address: String, as credentials: PeerCredentials) async throws(NodeFailure) {
        let result = await withTaskGroup(of: NodeFailure?.self) { group in
            group.addTask {
                do throws(NodeFailure) {
                    try await context.ports.peers.serve(on: address, port: port, as: credentials) {
                        await answer(to: $0)
                    }
                    return nil
                } catch {
                    return error
                }
            }
            group.addTask {
                while await context.beat(.seconds(5)) {
                    // One that is half written, or gone for a moment, is not taken.
                    guard let now = try? question.credentials(), now != credentials else { continue }
                    return nil
                }
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
        if let result { throw result }
    }

    /// Only to hosts of this cluster: the certificate of one that was removed is good until it expires.
    func answer(to request: PeerRequest) async -> StatusAnswer? {
        guard let asker = request.asker, context.cluster.hosts.contains(where: { $0.name == asker }) else {
            return StatusAnswer(status: 403, body: "\(request.asker ?? "nobody") is no host of this cluster\n")
        }
        if request.method == .post { return await DrillDesk(context: context).answer(to: request.path) }
        let path = request.path
        switch path {
        case "/time":
            let isReady = await pages.pulse.look?.isReady == true
            let now = Int64(context.machine.system.now() * 1_000_000)
            return StatusAnswer(status: 200, body: "\(now)\n\(isReady ? "ready" : "not ready")\n")
        case HostFacts.path:
            return HostFacts.answer(
                await HostFacts(
                    machine: context.machine, cluster: context.cluster, host: context.host, secrets: context.secrets
                ).files())
        case "/health", "/ready", "/status": return await pages.answer(to: path)
        default:
            if let request = JournalRequest(path: path) {
                return await page(request)
            } else {
                return await witness.answer(to: path)
            }
        }
    }

    private func page(_ request: JournalRequest) async -> StatusAnswer {
        do throws(NodeFailure) {
            let page = try await journal.page(request)
            return StatusAnswer(
                status: 200, contentType: "application/json", body: try page.text())
        } catch {
            return StatusAnswer(status: 503, body: "\(error)\n")
        }
    }

    private func follow(_ host: ClusterHost) async {
        var silentSince: ContinuousClock.Instant?
        var isReported = false
        repeat {
            let sight = await look(at: host)
            await peers.post(sight)
            if sight.isReachable {
                if isReported { context.ports.events.record(AgentEvents.peerBack(host.name)) }
                (silentSince, isReported) = (nil, false)
                continue
            }
            let since = silentSince ?? .now
            silentSince = since
            if !isReported, ContinuousClock.now - since > .seconds(30) {
                context.ports.events.record(AgentEvents.peerSilent(host.name, sight.error ?? ""))
                isReported = true
            }
        } while await context.beat(.seconds(5))
    }

    func look(at host: ClusterHost) async -> PeerSight {
        var sight = PeerSight(host: host.name, isReachable: false)
        do throws(NodeFailure) {
            let exchange = try await question.exchangeTime(with: host)
            (sight.clockOffsetMicroseconds, sight.roundTripMicroseconds) = (exchange?.offset, exchange?.roundTrip)
            // Each question is a handshake of TLS, so one is better than two; an agent of an earlier version tells the time only.
            if let isReady = exchange?.isReady {
                sight.isReady = isReady
            } else {
                sight.isReady = try await question.ask("/ready", host, within: .seconds(3)).status == 200
            }
            sight.isReachable = true
        } catch {
            sight.error = error.detail ?? error.message
        }
        return sight
    }
}
