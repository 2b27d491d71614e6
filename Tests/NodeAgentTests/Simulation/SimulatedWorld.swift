import ClusterModel
import HostFakes
import HostPorts
import SeededRandom
import Synchronization

/// A cluster of three as the agent of pg1 meets it: ZooKeeper with its versions and sessions, three Patronis and PostgreSQLs that
/// are much simplified, and things that happen between any two calls of the agent.
///
/// Simplified to the worst: a Patroni may do each of its next steps at any moment, and any of them may come between two calls.
final class SimulatedWorld: Sendable {
    enum Postgres: Equatable { case dead, replica, primary }

    struct Member {
        /// nil: its Patroni is dead, until `returns`.
        var session: Int64?
        var returns = 0
        /// It hands over: it has stopped its PostgreSQL and will let go of its key, and does not lead again with that one
        /// (patroni/ha.py, `demote` and `release_leader_key_voluntarily`).
        var isDemoting = false
        var postgres = Postgres.replica
    }

    struct Node: Equatable {
        var text: String
        var created: Int64
        var version: Int32
        var owner: Int64
    }

    /// Rules that a test takes away, to see that the simulation finds what comes of it.
    struct Blindness {
        /// Deletes whatever key is there.
        var ignoresVersions = false
        /// The versions of keys count, marks do not, as before there were marks.
        var ignoresMarks = false
        /// A mark is written whatever has become of the member's own node.
        var ignoresMembers = false
        /// PostgreSQL's processes are not seen.
        var hidesProcesses = false
    }

    struct State {
        var random: SplitMix
        var now = 0
        var next: Int64 = 100
        var members: [String: Member] = [:]
        var key: Node?
        var marks: Node?
        var memberNodes: [String: Node] = [:]
        /// Sessions whose Patroni has died, and when they end.
        var dying: [Int64: Int] = [:]
        var request: String?
        var violations: [String] = []
        var releases = 0
        var history: [String] = []
    }

    static let names = ["pg1", "pg2", "pg3"]
    let state: Mutex<State>
    let blindness: Blindness
    private let fake: FakeMachine

    init(seed: UInt64, fake: FakeMachine, blindness: Blindness = Blindness()) {
        self.fake = fake
        self.blindness = blindness
        var state = State(random: SplitMix(state: seed))
        for name in Self.names {
            state.next += 1
            state.members[name] = Member(session: state.next)
            state.memberNodes[name] = Node(text: "{}", created: state.next, version: 7, owner: state.next)
        }
        self.state = Mutex(state)
        change { Self.take("pg1", &$0) }
        if Bool.random(using: &state.random) { change { Self.mark(&$0) } }
    }

    var violations: [String] { state.withLock { $0.violations } }
    var releases: Int { state.withLock { $0.releases } }
    var history: [String] { state.withLock { $0.history } }

    /// How PostgreSQL of pg1 ends, with which the agent begins.
    func end(cleanly isClean: Bool, patroniDies: Bool = false, isAsked: Bool = false) {
        change { state in
            state.members["pg1"]?.postgres = .dead
            state.members["pg1"]?.isDemoting = isAsked
            if isAsked { state.request = "pg1" }
            if patroniDies { Self.kill("pg1", &state) }
        }
        fake.files.put(
            "\(AgentFixture.data)/global/pg_control",
            String(decoding: [UInt8](repeating: 0, count: 16) + [isClean ? 1 : 6, 0, 0, 0], as: UTF8.self))
    }

    /// SIGKILL to the unit of pg1, by the agent; the unit as it is then.
    func fenced() -> UnitState {
        change(showsUnit: false) { state in
            state.members["pg1"]?.postgres = .dead
            Self.kill("pg1", &state)
        }
        return Self.unit(isUp: false)
    }

    /// systemd forgets the group of a unit of which nothing runs.
    private static func unit(isUp: Bool) -> UnitState {
        var unit = UnitState(
            load: "loaded", active: isUp ? "active" : "activating", sub: isUp ? "running" : "auto-restart")
        unit.controlGroup = isUp ? AgentFixture.group : ""
        return unit
    }

    /// Something, or nothing, happens; then the files of the host are as they are now.
    func step() {
        change { state in
            state.now += Int.random(in: 1...20, using: &state.random)
            // The agent is stopped, or the machine is busy, or a request hangs.
            if Int.random(in: 0..<20, using: &state.random) == 0 {
                state.now += Int.random(in: 500...40_000, using: &state.random)
                for _ in 0..<Int.random(in: 1...12, using: &state.random) { Self.happen(&state) }
            } else if Int.random(in: 0..<4, using: &state.random) == 0 {
                Self.happen(&state)
            }
        }
    }

    private func change(showsUnit: Bool = true, _ work: (inout State) -> Void) {
        let (member, _) = state.withLock { state -> (Member?, Int) in
            work(&state)
            return (state.members["pg1"], state.now)
        }
        guard let member else { return }
        let patroni = member.session != nil ? "50\n" : ""
        let postgres = member.postgres != .dead && !blindness.hidesProcesses ? "60\n" : ""
        fake.files.put(AgentFixture.processes, patroni + postgres)
        if showsUnit {
            fake.services.set(
                AgentFixture.unit, Self.unit(isUp: member.session != nil || member.postgres != .dead))
        }
        if postgres.isEmpty {
            _ = try? fake.files.remove("\(AgentFixture.data)/postmaster.pid")
        } else {
            fake.files.put("\(AgentFixture.data)/postmaster.pid", "60\n")
        }
        fake.files.put("/proc/50/stat", "50 (patroni) S 1")
        fake.files.put("/proc/60/stat", "60 (postgres) S 1")
    }
}

// What Patroni, systemd and people do.
extension SimulatedWorld {
    private static func happen(_ state: inout State) {
        let name = names.randomElement(using: &state.random) ?? "pg1"
        switch Int.random(in: 0..<10, using: &state.random) {
        case 0: expire(&state)
        case 1, 2: restart(name, &state)
        case 3, 4: race(&state)
        case 5: startPostgres(name, &state)
        case 6: demote(name, &state)
        case 7:
            mark(&state)
            state.memberNodes[name]?.version += 1
        case 8: switchOver(&state)
        default: if Int.random(in: 0..<4, using: &state.random) == 0 { kill(name, &state) }
        }
    }

    /// SIGKILL to Patroni; systemd starts it anew a second later, and its session lives on for its time.
    private static func kill(_ name: String, _ state: inout State) {
        guard let session = state.members[name]?.session else { return }
        state.members[name]?.session = nil
        state.members[name]?.isDemoting = false
        state.members[name]?.returns = state.now + 1000
        state.dying[session] = state.now + 30_000
        state.history.append("\(state.now) Patroni of \(name) dies")
    }

    private static func expire(_ state: inout State) {
        for (session, time) in state.dying where time <= state.now {
            state.dying[session] = nil
            if state.key?.owner == session {
                state.key = nil
                state.history.append("\(state.now) session of the key ends")
            }
            for (name, node) in state.memberNodes where node.owner == session { state.memberNodes[name] = nil }
        }
    }

    /// With a new session it creates its nodes anew, each with version 0 (patroni/dcs/zookeeper.py, touch_member and _update_leader).
    private static func restart(_ name: String, _ state: inout State) {
        guard let member = state.members[name], member.session == nil, member.returns <= state.now else { return }
        state.next += 1
        let session = state.next
        state.members[name]?.session = session
        state.memberNodes[name] = Node(text: "{}", created: session, version: 0, owner: session)
        state.history.append("\(state.now) Patroni of \(name) is back")
        guard state.key?.text == name else { return }
        state.key = nil
        // Between its deletion and its creation anybody may be quicker.
        if Bool.random(using: &state.random) { take(name, &state) } else { race(&state) }
    }

    private static func take(_ name: String, _ state: inout State) {
        guard state.key == nil, let session = state.members[name]?.session else { return }
        state.next += 1
        state.key = Node(text: name, created: state.next, version: 0, owner: session)
        state.members[name]?.postgres = .primary
        for each in names where state.key?.text != each || each == name { state.members[each]?.isDemoting = false }
        state.request = nil
        state.history.append("\(state.now) \(name) takes the key")
    }

    static func race(_ state: inout State) {
        guard state.key == nil else { return }
        let candidates = names.filter { state.members[$0]?.session != nil && state.members[$0]?.postgres != .dead }
        if let name = candidates.randomElement(using: &state.random) { take(name, &state) }
    }

    private static func startPostgres(_ name: String, _ state: inout State) {
        guard let member = state.members[name], let session = member.session, member.postgres == .dead,
            !member.isDemoting
        else { return }
        let leads = state.key?.text == name && state.key?.owner == session
        state.members[name]?.postgres = leads ? .primary : .replica
        state.history.append("\(state.now) PostgreSQL of \(name) starts, \(leads ? "leading" : "following")")
    }

    /// One that has lost its key, as soon as its Patroni sees it.
    private static func demote(_ name: String, _ state: inout State) {
        guard let member = state.members[name], member.session != nil, member.postgres == .primary,
            state.key?.text != name
        else { return }
        state.members[name]?.postgres = .replica
    }

    /// The agent of whoever leads; in the worst case an old agent of the same host does it as well.
    private static func mark(_ state: inout State) {
        guard state.key != nil, state.key?.version == 0 else { return }
        if state.marks == nil {
            state.next += 1
            state.marks = Node(text: "", created: state.next, version: 0, owner: 0)
        }
        state.key?.version += 1
        state.marks?.version += 1
        state.history.append("\(state.now) the key of \(state.key?.text ?? "") is marked")
    }

    /// Patroni lets go of its key itself, and its session lives on; somebody else leads, or it leads again.
    private static func switchOver(_ state: inout State) {
        guard let key = state.key, state.members[key.text]?.session == key.owner else { return }
        state.members[key.text]?.postgres = .dead
        // Its state has changed, which it writes before it lets go (patroni/ha.py, touch_member).
        state.memberNodes[key.text]?.version += 1
        state.key = nil
        state.history.append("\(state.now) \(key.text) lets go of the key")
        race(&state)
    }
}
