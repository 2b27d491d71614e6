import ClusterModel
import HostFakes
import HostPorts

/// Answers one after another, the last one for ever; nil is no answer. Each takes two seconds of `clock`.
final class ScriptedPatroni: PatroniAPI {
    private let answers: [PatroniStatus?]
    private let clock: ImmediateClock?
    private let calls = FakePatroni()

    init(_ answers: [PatroniStatus?], clock: ImmediateClock? = nil) {
        self.answers = answers
        self.clock = clock
    }

    func status(of address: String, port: Int, within limit: Duration) async throws(NodeFailure) -> PatroniStatus {
        _ = try? await calls.status(of: address, port: port, within: limit)
        clock?.advance(by: .seconds(2))
        let next = answers.prefix(calls.calls.count).last ?? nil
        guard let next else { throw NodeFailure(.unreachable, "no answer from Patroni") }
        return next
    }

    func cluster(seenBy address: String, port: Int, within limit: Duration) async throws(NodeFailure) -> PatroniCluster
    {
        PatroniCluster(members: [])
    }

    func configuration(seenBy address: String, port: Int, within limit: Duration) async throws(NodeFailure) -> [UInt8] {
        []
    }

    func change(
        _ change: PatroniChange, at address: String, port: Int, password: String, within limit: Duration
    ) async throws(NodeFailure) -> PatroniReply {
        PatroniReply(status: 503, text: "")
    }
}
