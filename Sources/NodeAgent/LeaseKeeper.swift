import ClusterModel
import Decisions
import HostOperations
import HostPorts

/// The lease of a member of this host, for all who hear of other hosts at the same time.
private actor HolderBoard {
    private var holder: LeaseHolder
    private let elapsed: () -> Duration

    init(_ context: AgentContext) {
        holder = LeaseHolder(hosts: context.cluster.hosts.count)
        elapsed = context.machine.clock.stopwatch()
    }

    var now: Duration { elapsed() }
    var isArmed: Bool { holder.isArmed }
    var key: Int64? { holder.key }
    var isInDoubt: Bool { holder.isInDoubt(at: elapsed()) }
    /// Whether Patroni is in maintenance; nil while that is not known.
    private(set) var isPaused: Bool?
    var mayArm: Bool { isPaused == false && holder.mayArm(at: elapsed()) }

    func hear(of host: String, sent: Duration) { holder.hear(of: host, sent: sent) }
    func arm() { holder.arm(at: elapsed()) }
    func disarm() { holder.disarm() }
    func pause(_ isPaused: Bool) { self.isPaused = isPaused }
    /// Whether it is another one than before.
    func follow(_ key: Int64?) -> Bool {
        defer { holder.follow(key: key) }
        return key != holder.key
    }
    func resume(_ key: Int64) { holder.resume(key: key, at: elapsed()) }
    func look() -> LeaseHolder.Verdict { holder.look(at: elapsed()) }
}

/// Keeps the promise of a short lease: a leader of this host that no other host can be heard from is killed, soon enough for the
/// others to count on it (`LeaseTimes`).
struct LeaseKeeper: Sendable {
    let context: AgentContext
    let board: LeaderBoard
    let processes: MemberProcesses

    private var role: RoleName { processes.role }
    private var question: PeerQuestion { PeerQuestion(context: context) }
    private var needed: Int { LeaseTimes.needed(hosts: context.cluster.hosts.count) }
    /// The key for which the promise stands, so that an agent that was killed goes on with it.
    private var path: String { "/run/pgha/\(role)/lease" }

    func run() async {
        let holder = HolderBoard(context)
        if let key = (try? context.machine.files.text(path)).flatMap({ Int64($0.filter(\.isNumber)) }) {
            await holder.resume(key)
        }
        await withDiscardingTaskGroup { group in
            group.addTask { await followMaintenance(holder) }
            var limit = FenceLimit()
            var isAlone = false
            var round = 0
            while await context.pause(LeaseTimes.pace) {
                await follow(await board.sight, holder)
                if case .alone(let silence) = await holder.look() {
                    await end(silence, isFirst: !isAlone)
                    if !isAlone { limit.note(at: await holder.now) }
                    isAlone = true
                } else {
                    isAlone = false
                    if await holder.mayArm, limit.allows(at: await holder.now) { await arm(holder) }
                }
                let isInDoubt = await holder.isInDoubt
                if isInDoubt || round.isMultiple(of: 2) { await ask(holder, &group) }
                round += 1
            }
            group.cancelAll()
        }
        // Not cancelled with this one: what was promised is taken back, or kept.
        await Task {
            guard await !takeBack(holder) else { return }
            await end(LeaseTimes.holderEnds, isFirst: true)
        }.value
    }

    /// While ZooKeeper is silent the key of before counts: that is when the promise matters.
    private func follow(_ sight: LeaderSight, _ holder: HolderBoard) async {
        let isNews: Bool
        switch sight {
        case .unknown: return
        case .member(let key) where key.member == role: isNews = await holder.follow(key.node.created)
        case .member, .nobody: isNews = await holder.follow(nil)
        }
        if isNews { _ = try? context.machine.files.remove(path) }
    }

    /// Questions go on by themselves: the loop may not stand still for longer than `LeaseTimes.longestGap`.
    private func ask(_ holder: HolderBoard, _ group: inout DiscardingTaskGroup) async {
        guard let key = await holder.key else { return }
        let path = LeasePath(await holder.isArmed ? .renew : .greet, role, key, serial: serial)
        for host in context.otherHosts {
            group.addTask {
                let sent = await holder.now
                if await isHeard(path, by: host, within: LeaseTimes.attempt) {
                    await holder.hear(of: host.name, sent: sent)
                }
            }
        }
    }

    /// Of the wall clock: if that goes back, renewals are overlooked for a while, and the lease is no shorter than Patroni's.
    private var serial: Int64 { Int64(context.machine.system.now() * 1_000_000) }

    /// Whether the agent there has got it, or does not run.
    private func isHeard(_ path: LeasePath, by host: ClusterHost, within limit: Duration) async -> Bool {
        if (try? await question.ask(path.text, host, within: limit))?.status == 200 { return true }
        return await question.connect(to: host, within: .milliseconds(200)) == .refused
    }

    private func arm(_ holder: HolderBoard) async {
        guard let key = await holder.key else { return }
        do throws(NodeFailure) {
            _ = try context.machine.files.makeDirectory("/run/pgha/\(role)", owner: .root, mode: 0o755)
            _ = try context.machine.files.write(Array("\(key)\n".utf8), to: path, owner: .root, mode: 0o644)
            await holder.arm()
            context.ports.events.record(AgentEvents.leaseArmed(role))
        } catch {
            context.ports.events.record(AgentEvents.complaint(error))
        }
    }

    /// Kills a PostgreSQL that might take writes; again and again while the host is alone, because Patroni starts it anew.
    func end(_ silence: Duration, isFirst: Bool) async {
        guard isFirst ? processes.postmaster() != nil : processes.takesWrites() else { return }
        context.ports.events.record(AgentEvents.leaseLost(role, silence))
        do throws(NodeFailure) {
            let group = try await context.machine.services.state(of: processes.unit).controlGroup
            try await MemberFence(context: context, processes: processes).kill(group)
        } catch {
            context.ports.events.record(AgentEvents.complaint(error))
        }
    }

    /// Tells the others that nothing is promised any more; true if so many have heard it that those which have not cannot conclude
    /// anything. One whose agent does not run will know of no promise.
    private func takeBack(_ holder: HolderBoard) async -> Bool {
        guard await holder.isArmed, let key = await holder.key else { return true }
        let path = LeasePath(.withdraw, role, key, serial: serial)
        for _ in 0..<3 {
            let count = await withTaskGroup(of: Bool.self) { group in
                for host in context.otherHosts {
                    group.addTask { await isHeard(path, by: host, within: .milliseconds(600)) }
                }
                return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            guard count < needed else {
                await holder.disarm()
                _ = try? context.machine.files.remove(self.path)
                return true
            }
        }
        return false
    }

    /// In maintenance nobody takes over, so nobody has to end.
    private func followMaintenance(_ holder: HolderBoard) async {
        repeat {
            guard let settings = try? await context.record("config", as: ConfigRecord.self, within: .seconds(2)) else {
                continue
            }
            await holder.pause(settings.pause ?? false)
            if settings.pause == true { _ = await takeBack(holder) }
        } while await context.beat(.seconds(2))
    }
}
