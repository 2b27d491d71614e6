import ClusterModel
import Decisions
import Foundation
import HostPorts

/// Asks the agent of another host, with this host's certificate as it is on disk.
package struct PeerQuestion: Sendable {
    private let machine: Machine
    private let peers: any PeerNetwork
    private let port: Int

    package init(machine: Machine, peers: any PeerNetwork, port: Int) {
        self.machine = machine
        self.peers = peers
        self.port = port
    }

    package func ask(
        _ path: String, _ host: ClusterHost, within limit: Duration
    ) async throws(NodeFailure) -> StatusAnswer {
        try await peers.ask(
            PeerRequest(.get, path), of: host.address, port: port, as: try credentials(), within: limit)
    }

    /// Something is to happen there. Throws `.preflightFailed` with what the agent there says where it does not want to.
    package func order(_ path: String, _ host: ClusterHost, within limit: Duration) async throws(NodeFailure) {
        let answer = try await peers.ask(
            PeerRequest(.post, path), of: host.address, port: port, as: try credentials(), within: limit)
        guard answer.status == 200 else {
            throw NodeFailure(
                .preflightFailed, "the agent of \(host.name) refused",
                detail: answer.status == 404
                    ? "It does not know what it was asked for; it may be of an earlier version."
                    : answer.body.trimmingCharacters(in: .whitespacesAndNewlines),
                hint: "Look at \"journalctl -u pgha-agent\" on \(host.name).")
        }
    }

    package func credentials() throws(NodeFailure) -> PeerCredentials {
        let files = machine.files
        guard let authority = try files.text(AgentCertificate.authorityPath),
            let certificate = try files.text(AgentCertificate.certificatePath),
            let key = try files.text(AgentCertificate.keyPath)
        else {
            throw NodeFailure(
                .notFound, "this host has no certificate, so its agent does not talk to the others",
                hint: "Run \"pgha-node certs init\" and \"pgha-node certs renew\".")
        }
        return PeerCredentials(authority: authority, certificate: certificate, key: key)
    }

    /// Without a word to the agent there, or from it.
    package func connect(to host: ClusterHost, within limit: Duration) async -> ConnectOutcome {
        await machine.network.connect(to: host.address, port: port, within: limit)
    }

    /// Whether the other host can be reached at all: its kernel answers, whatever its agent does.
    package func reaches(_ host: ClusterHost, within limit: Duration) async -> Bool {
        switch await connect(to: host, within: limit) {
        case .accepted, .refused: true
        case .timedOut, .unreachable: false
        }
    }

    /// Asks what time it is there: how far that is ahead of ours in the middle of the exchange, and how long it took, in
    /// microseconds; nil if no time is told. And whether that host is ready, where its agent says so.
    package func exchangeTime(
        with host: ClusterHost
    ) async throws(NodeFailure) -> (offset: Int64, roundTrip: Int64, isReady: Bool?)? {
        let sent = machine.system.now()
        let answer = try await ask("/time", host, within: .seconds(3))
        let received = machine.system.now()
        let lines = answer.body.split(separator: "\n")
        return lines.first.flatMap { Double($0) }.map { theirs in
            (
                Int64(theirs - (sent + received) / 2 * 1_000_000), Int64((received - sent) * 1_000_000),
                lines.dropFirst().first.map { $0 == "ready" }
            )
        }
    }

    /// How far the clock of the other host is ahead of ours; the best of some exchanges (RFC 5905, section 8, with the least delay).
    ///
    /// Throws `.unreachable` if it does not answer, `.internalError` if it does not tell a time.
    package func clock(of host: ClusterHost, exchanges: Int = 3) async throws(NodeFailure) -> ClockOffset {
        var best: ClockOffset?
        for _ in 0..<exchanges {
            guard let exchange = try await exchangeTime(with: host) else {
                throw NodeFailure(.internalError, "the agent of \(host.name) does not tell the time")
            }
            let offset = ClockOffset(microseconds: exchange.offset, uncertainty: exchange.roundTrip / 2)
            if offset.uncertainty < best?.uncertainty ?? .max { best = offset }
        }
        return best ?? ClockOffset(microseconds: 0, uncertainty: .max)
    }
}

/// How far a clock is ahead, in microseconds, and how far that may be wrong in either direction.
package struct ClockOffset: Codable, Equatable, Sendable {
    package var microseconds: Int64
    package var uncertainty: Int64

    package init(microseconds: Int64, uncertainty: Int64) {
        self.microseconds = microseconds
        self.uncertainty = uncertainty
    }

    /// nil where it may as well be none.
    package var certain: Int64? { abs(microseconds) > uncertainty ? microseconds : nil }
}
