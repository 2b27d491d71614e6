import ClusterModel

/// What is known of a member's end when its leader key might be released.
package struct ReleaseEvidence: Equatable, Sendable {
    /// A node of ZooKeeper, as far as the rules need it.
    package struct Node: Equatable, Sendable {
        /// What it says: for the leader key, a member's name.
        package var text: String
        /// The transaction that created it.
        package var created: Int64
        package var version: Int32
        /// The session that it dies with.
        package var owner: Int64

        package init(text: String, created: Int64, version: Int32, owner: Int64) {
            self.text = text
            self.created = created
            self.version = version
            self.owner = owner
        }
    }

    /// How PostgreSQL of this member came to its end.
    package enum End: String, Equatable, Sendable {
        /// In good order, so that its replicas have all of it.
        case shutdown
        case crash
        /// It is killed because it gave no sign of life.
        case hang
        /// Its host is lost, and it has ended by its own promise (`LeaseWitness`); nobody here can look at its processes.
        case lost
    }

    package enum Patroni: Equatable, Sendable {
        /// No process of its unit is left.
        case dead
        /// It is handing over to `to`, or to anybody, and its PostgreSQL was shut down in good order.
        case demoting(to: RoleName?)
        /// Its unit is being stopped, and its PostgreSQL was shut down in good order.
        case stopping
        case alive
    }

    /// Another member.
    package struct Candidate: Equatable, Sendable {
        package var role: RoleName
        /// Patroni's /sync names it, so that it has every commit that was acknowledged.
        package var isSynchronous: Bool
        /// Its REST API answers, and says that its PostgreSQL runs.
        package var isRunning: Bool
        /// Bytes of WAL that it has; nil where it does not say.
        package var walPosition: Int64?

        package init(role: RoleName, isSynchronous: Bool, isRunning: Bool, walPosition: Int64? = nil) {
            self.role = role
            self.isSynchronous = isSynchronous
            self.isRunning = isRunning
            self.walPosition = walPosition
        }
    }

    package var member: RoleName
    package var end: End
    /// Bytes of WAL that this member had when its Patroni last said so, each loop_wait; nil if nobody knows.
    package var walPosition: Int64?
    /// The key as it was read before anything was done; nil if there was none.
    package var keyBefore: Node?
    /// The key as it is now.
    package var key: Node?
    /// The node that is changed with each mark, as it was read before `key` (see `ReleaseRules.Answer`); nil if there is none.
    package var marks: Node?
    /// Patroni's own node of this member, /members/<name>, as it is now.
    package var memberNode: Node?
    /// PostgreSQL processes in the control group of the member; nil if they could not be counted.
    package var postgresProcesses: Int?
    package var patroni: Patroni
    package var candidates: [Candidate]
    /// Patroni's maintenance mode.
    package var isPaused: Bool

    package init(
        member: RoleName, end: End, walPosition: Int64? = nil, keyBefore: Node?, marks: Node?, key: Node?,
        memberNode: Node?, postgresProcesses: Int?,
        patroni: Patroni,
        candidates: [Candidate], isPaused: Bool
    ) {
        self.member = member
        self.end = end
        self.walPosition = walPosition
        self.keyBefore = keyBefore
        self.marks = marks
        self.key = key
        self.memberNode = memberNode
        self.postgresProcesses = postgresProcesses
        self.patroni = patroni
        self.candidates = candidates
        self.isPaused = isPaused
    }
}

/// Whether Patroni's leader key may be deleted now, so that another member takes over at once (DESIGN.md, section 7).
package enum ReleaseRules {
    package enum Refusal: String, CaseIterable, Equatable, Sendable {
        case notLeader = "the leader key does not name this member"
        case unmarked = "the leader key has no mark, so that it could not be told from a later one"
        case keyChanged = "the leader key is not the one that was read before"
        case otherSession = "the leader key is of another session than Patroni's own node"
        case postgresAlive = "PostgreSQL processes of this member are left"
        case patroniAlive = "Patroni of this member is alive and is not handing over"
        case maintenance = "maintenance is on"
        case referenceProfile = "the profile is reference, which leaves everything to Patroni"
        case asynchronous = "with asynchronous durability this member may have commits that nobody else has"
        case tooFarBehind = "no other member is within maximum_lag_on_failover of what this one had"
        case noCandidate = "no other member could take over"
    }

    package enum Answer: Equatable, Sendable {
        /// The versions that both nodes must still have when the key is deleted, in one transaction.
        ///
        /// ZooKeeper checks versions only, and a key that was created anew begins with 0 again, so that the version 0 proves
        /// nothing. Hence the mark: an agent that sees its own member's key with version 0 writes the key's data again, and in
        /// the same transaction the node of marks, which is never deleted. Patroni itself never writes to a key that is there
        /// (patroni/dcs/zookeeper.py creates and deletes it). A key with version 1 or more was thus marked, and each mark
        /// changes the version of the marks: both versions together mean one key, and a deletion that arrives late finds
        /// another version of the marks, or nothing, but never the next leader's key.
        case release(keyVersion: Int32, marksVersion: Int32)
        case refuse(Refusal)
    }

    package static func answer(_ evidence: ReleaseEvidence, in cluster: Cluster) -> Answer {
        if let refusal = refusalBeforeFence(evidence, in: cluster) { return .refuse(refusal) }
        guard let key = evidence.key, key.text == evidence.member.text else { return .refuse(.notLeader) }
        guard let before = evidence.keyBefore, before.created == key.created, before.owner == key.owner else {
            return .refuse(.keyChanged)
        }
        guard let own = evidence.memberNode, own.owner == key.owner, own.owner != 0 else {
            return .refuse(.otherSession)
        }
        guard key.version > 0, let marks = evidence.marks else { return .refuse(.unmarked) }
        if evidence.end == .lost { return .release(keyVersion: key.version, marksVersion: marks.version) }
        guard evidence.postgresProcesses == 0 else { return .refuse(.postgresAlive) }
        if evidence.patroni == .alive { return .refuse(.patroniAlive) }
        return .release(keyVersion: key.version, marksVersion: marks.version)
    }

    /// What can be said before anything is done: a member that nobody could replace is not fenced.
    package static func refusalBeforeFence(_ evidence: ReleaseEvidence, in cluster: Cluster) -> Refusal? {
        if cluster.profile == .reference { return .referenceProfile }
        if evidence.isPaused { return .maintenance }
        guard evidence.keyBefore?.text == evidence.member.text else { return .notLeader }
        let running = evidence.candidates.filter { $0.isRunning && $0.role != evidence.member }
        if case .demoting(let wanted) = evidence.patroni {
            // Patroni has chosen it, and it has got all before PostgreSQL ended (PostgreSQL documentation, "Streaming
            // Replication": a shutdown waits until the connected replicas have everything).
            return running.contains { wanted == nil || $0.role == wanted } ? nil : .noCandidate
        }
        guard cluster.durability == .asynchronous else {
            return running.contains { $0.isSynchronous } ? nil : .noCandidate
        }
        // A crash leaves the disk, and with it what nobody else has, to a restart in place; and Patroni itself looks whether a
        // replica has all of a shutdown. What hangs serves nobody.
        if [.shutdown, .lost].contains(evidence.end)
            || evidence.end == .crash && cluster.agent.onCrash == .restart
        {
            return .asynchronous
        }
        guard !running.isEmpty else { return .noCandidate }
        guard let loss = possibleLoss(evidence), loss <= cluster.patroni.maximumLagOnFailover else {
            return .tooFarBehind
        }
        return nil
    }

    /// Bytes of WAL that would be lost if the other member that has the most took over; nil if that is not known.
    package static func possibleLoss(_ evidence: ReleaseEvidence) -> Int64? {
        let others = evidence.candidates.filter { $0.isRunning && $0.role != evidence.member }
        guard let own = evidence.walPosition, let best = others.compactMap(\.walPosition).max() else { return nil }
        return max(0, own - best)
    }
}
