import ClusterModel
import Decisions
import HostOperations
import HostPorts

/// What this host knows of the short leases of leaders elsewhere, for all who ask at the same time.
actor WitnessBoard {
    private var witness = LeaseWitness()
    private let elapsed: () -> Duration
    private let cluster: Cluster

    init(_ context: AgentContext) {
        cluster = context.cluster
        elapsed = context.machine.clock.stopwatch()
    }

    /// Whose hosts are to be listened for.
    func look(at sight: LeaderSight) -> [LeaseWitness.Promise] {
        witness.look(at: elapsed())
        switch sight {
        case .unknown: break
        case .nobody: witness.forget(allBut: nil)
        case .member(let key): witness.forget(allBut: key.node.created)
        }
        return witness.all
    }

    /// While this host refuses connections a leader takes it that it knows of no promise, so it must not.
    func forget() { witness = LeaseWitness() }

    func hear(of host: String) { witness.hear(of: host, at: elapsed()) }

    func promise(of key: LeaderKey) -> LeaseWitness.Promise? {
        witness.promise(of: key.member, key: key.node.created)
    }

    /// How long the leader has been silent; nil unless that is long enough.
    func concludes(_ promise: LeaseWitness.Promise) -> Duration? {
        let now = elapsed()
        return witness.concludes(promise, at: now) ? witness.silence(of: promise.host, at: now) : nil
    }

    /// nil for a path that is none.
    func answer(to path: String) -> StatusAnswer? {
        guard cluster.lease == .short, let path = LeasePath(path),
            let host = cluster.placement(of: path.member)?.host.name
        else { return nil }
        let promise = LeaseWitness.Promise(member: path.member, host: host, key: path.key)
        switch path.verb {
        case .greet: break
        case .renew: witness.renew(promise, serial: path.serial, at: elapsed())
        case .withdraw: witness.withdraw(promise, serial: path.serial)
        case .lost:
            guard concludes(promise) != nil else { return StatusAnswer(status: 409, body: "not lost\n") }
        }
        return StatusAnswer(status: 200, body: "\(path.verb.rawValue)\n")
    }
}

/// Listens for the host of a leader that has promised to end when it is alone. When nobody hears of it any more, it has, and its
/// key is deleted as its session would be some time later.
struct WitnessKeeper: Sendable {
    let context: AgentContext
    let board: LeaderBoard
    let witness: WitnessBoard

    private var question: PeerQuestion { PeerQuestion(context: context) }

    func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await listen() }
            group.addTask { await conclude() }
        }
    }

    /// No step may take longer than `LeaseTimes.longestGap`, so attempts go on by themselves.
    private func listen() async {
        await withDiscardingTaskGroup { group in
            while await context.pause(LeaseTimes.pace) {
                for promise in await witness.look(at: board.sight) {
                    guard let host = host(promise.host) else { continue }
                    group.addTask {
                        if await question.reaches(host, within: LeaseTimes.attempt) {
                            await witness.hear(of: host.name)
                        }
                    }
                }
            }
        }
    }

    private func conclude() async {
        var said: (key: Int64, refusal: ReleaseRules.Refusal)?
        while await context.pause(LeaseTimes.pace / 2) {
            guard case .member(let key) = await board.sight, let promise = await witness.promise(of: key),
                let refusal = await release(promise), said?.key != promise.key || said?.refusal != refusal
            else { continue }
            said = (promise.key, refusal)
            context.ports.events.record(AgentEvents.leftToPatroni(promise.member, refusal))
        }
    }

    /// Why the key is left to Patroni; nil if it was deleted, or if it is not time yet.
    func release(_ promise: LeaseWitness.Promise) async -> ReleaseRules.Refusal? {
        guard let silence = await witness.concludes(promise), await othersConclude(promise) else { return nil }
        do throws(NodeFailure) {
            let evidence = try await EvidenceReader(context: context, role: promise.member).readLost()
            guard evidence.key?.created == promise.key else { return nil }
            switch ReleaseRules.answer(evidence, in: context.cluster) {
            case .refuse(let refusal): return refusal
            case .release(let key, let marks):
                let release = KeyRelease(
                    context: context, member: promise.member, keyVersion: key, marksVersion: marks)
                guard let node = evidence.memberNode?.version,
                    try await release.performWithMemberNode(version: node)
                else { return nil }
                context.ports.events.record(AgentEvents.released(promise.member, .lost, silence, loss: nil))
            }
        } catch {
            // Tried again in a moment. That ZooKeeper does not answer is on the board, and in the status of this host.
        }
        return nil
    }

    /// Whether so many other hosts have heard nothing either that those which are left could not keep the leader alive.
    private func othersConclude(_ promise: LeaseWitness.Promise) async -> Bool {
        let path = LeasePath(.lost, promise.member, promise.key, serial: 0).text
        let count = await withTaskGroup(of: Bool.self) { group in
            for host in context.otherHosts where host.name != promise.host {
                group.addTask { (try? await question.ask(path, host, within: .seconds(1)))?.status == 200 }
            }
            return await group.reduce(into: 1) { $0 += $1 ? 1 : 0 }
        }
        return count >= LeaseTimes.witnesses(hosts: context.cluster.hosts.count)
    }

    private func host(_ name: String) -> ClusterHost? { context.cluster.hosts.first { $0.name == name } }
}
