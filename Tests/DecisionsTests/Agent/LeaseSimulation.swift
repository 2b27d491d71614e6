import ClusterModel
import Decisions
import SeededRandom

/// Hosts with their agents, a network that loses, delays and cuts, and a short lease among them; steps of 50 ms.
///
/// The first host leads. What is judged: nobody may release its key while its PostgreSQL lives.
struct LeaseSimulation {
    struct Plan {
        var hosts = 3
        var steps = 1200
        /// Of an attempt.
        var loss = 0.05
        /// Milliseconds, for the way there and back.
        var delay = 0...600
        /// Links are cut and healed at random.
        var cuts = true
        /// Agents other than the leader's stop for seconds, or are started anew.
        var witnessFaults = true
        /// The leader's agent does, and the network does not.
        var leaderFaults = false
        /// The leader's host is lost at this step.
        var lossOfHost: Int?
        /// The holder's limit; a longer one breaks what is promised.
        var limit = LeaseTimes.holderEnds
    }

    private struct Message {
        var due: Int
        var work: (inout LeaseSimulation) -> Void
    }

    let plan: Plan
    private var random: SplitMix
    private var step = 0
    private var holder: LeaseHolder
    private var witnesses: [LeaseWitness]
    /// Until when an agent does nothing.
    private var stalled: [Int]
    private var cut: Set<[Int]> = []
    private var messages: [Message] = []
    private var killAt: Int?
    private(set) var isAlive = true
    private(set) var isLost = false
    private(set) var releasedAt: Int?
    private(set) var ends = 0
    private(set) var history: [String] = []
    private(set) var violation: String?

    private static let promise = LeaseWitness.Promise(member: .member(1), host: "host0", key: 7)

    init(seed: UInt64, _ plan: Plan) {
        self.plan = plan
        random = SplitMix(state: seed)
        holder = LeaseHolder(hosts: plan.hosts, limit: plan.limit)
        holder.follow(key: 7)
        witnesses = Array(repeating: LeaseWitness(), count: plan.hosts)
        stalled = Array(repeating: 0, count: plan.hosts)
    }

    mutating func run() {
        while step < plan.steps, violation == nil, releasedAt == nil {
            breakThings()
            let due = messages.filter { $0.due <= step }
            messages.removeAll { $0.due <= step }
            for message in due { message.work(&self) }
            if let killAt, step >= killAt { isAlive = false }
            for host in 0..<plan.hosts where runs(host) && (step + host * 3).isMultiple(of: 8) { act(host) }
            step += 1
        }
    }

    private var now: Duration { .milliseconds(step * 50) }
    private func runs(_ host: Int) -> Bool { step >= stalled[host] && !(host == 0 && isLost) }
    private func isLinked(_ one: Int, _ other: Int) -> Bool {
        !cut.contains([min(one, other), max(one, other)]) && !(isLost && (one == 0 || other == 0))
    }

    private mutating func note(_ what: String) { history.append("\(now): \(what)") }

    private mutating func breakThings() {
        if step == plan.lossOfHost {
            (isLost, isAlive) = (true, false)
            note("host0 is lost")
        }
        if plan.cuts, Double.random(in: 0..<1, using: &random) < 0.02 {
            let one = Int.random(in: 0..<plan.hosts, using: &random)
            // Often all links of one host, as when its cable is pulled.
            for other in 0..<plan.hosts where other != one && Int.random(in: 0..<4, using: &random) > 0 {
                let link = [min(one, other), max(one, other)]
                if Bool.random(using: &random) { cut.insert(link) } else { cut.remove(link) }
            }
            note("cut: \(cut.sorted { $0.lexicographicallyPrecedes($1) })")
        }
        guard plan.witnessFaults || plan.leaderFaults, Double.random(in: 0..<1, using: &random) < 0.01 else { return }
        let host = plan.leaderFaults ? 0 : Int.random(in: 1..<plan.hosts, using: &random)
        stalled[host] = step + Int.random(in: 5..<200, using: &random)
        if host > 0, Bool.random(using: &random) { witnesses[host] = LeaseWitness() }
        note("agent of host\(host) stops until \(Duration.milliseconds(stalled[host] * 50))")
    }

    private mutating func act(_ host: Int) {
        if host == 0 { return lead() }
        witnesses[host].look(at: now)
        if witnesses[host].promise(of: .member(1), key: 7) != nil {
            attempt(from: host, to: 0) { if $0.runs(host) { $0.witnesses[host].hear(of: "host0", at: $0.now) } }
        }
        if witnesses[host].concludes(Self.promise, at: now) { conclude(host) }
    }

    private mutating func lead() {
        if step.isMultiple(of: 16) || holder.isInDoubt(at: now) { renew() }
        if case .alone(let silence) = holder.look(at: now), killAt == nil {
            killAt = step + Int.random(in: 0...8, using: &random)
            ends += 1
            note("host0 is alone for \(silence)")
        }
        if holder.mayArm(at: now), killAt == nil {
            holder.arm(at: now)
            note("armed")
        }
    }

    /// There with two ways and a half, for TCP and TLS, and back with half of one.
    private mutating func renew() {
        let sent = now
        let isArmed = holder.isArmed
        for host in 1..<plan.hosts {
            attempt(from: 0, to: host, ways: 2.5) {
                guard $0.runs(host) else { return }
                if isArmed { $0.witnesses[host].renew(Self.promise, serial: 1, at: $0.now) }
                $0.attempt(from: host, to: 0, ways: 0.5) {
                    if $0.runs(0), $0.now - sent <= LeaseTimes.attempt { $0.holder.hear(of: "host\(host)", sent: sent) }
                }
            }
        }
    }

    /// Reaches the other side if the link is there when it begins and when it ends. A kernel answers even if its agent does not.
    private mutating func attempt(
        from: Int, to: Int, ways: Double = 1, _ work: @escaping (inout LeaseSimulation) -> Void
    ) {
        guard isLinked(from, to) else { return }
        var delay = Int(Double(Int.random(in: plan.delay, using: &random)) * ways / 50)
        // What is lost is sent again after a second (RFC 6298, 2.1).
        while Double.random(in: 0..<1, using: &random) < plan.loss { delay += 20 }
        messages.append(Message(due: step + delay) { if $0.isLinked(from, to) { work(&$0) } })
    }

    private mutating func conclude(_ host: Int) {
        var count = 1
        for other in 1..<plan.hosts where other != host && runs(other) && isLinked(host, other) {
            count += witnesses[other].concludes(Self.promise, at: now) ? 1 : 0
        }
        guard count >= LeaseTimes.witnesses(hosts: plan.hosts) else { return }
        releasedAt = step
        note("host\(host) releases the key")
        if isAlive { violation = "PostgreSQL of host0 is alive" }
    }
}
