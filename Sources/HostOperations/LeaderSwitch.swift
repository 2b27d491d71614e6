import ClusterModel
import Decisions
import HostPorts

/// What a change of the leader came to.
package struct LeaderReport: Codable, Equatable, Sendable {
    package enum Outcome: String, Codable, Sendable { case switched, promoted, unchanged, queued, pending }

    package var outcome: Outcome
    package var from: String?
    package var to: String
    package var timeline: Int?
    /// From the request until the new leader accepted a write, in seconds; nil where nobody waited.
    package var seconds: Double?
    /// What the old leader is now, e.g. `replica`.
    package var oldLeader: String?
}

/// Makes another member leader through Patroni, and waits until it accepts writes and the old one follows.
package struct LeaderSwitch: Sendable {
    package enum Kind: Sendable, Equatable {
        case switchover(to: RoleName?)
        case failover(to: RoleName, force: Bool)
    }

    private let machine: Machine
    private let cluster: Cluster
    private let secrets: Secrets
    private let reader: ClusterReader
    private let notify: @Sendable (String) -> Void

    package init(
        machine: Machine, cluster: Cluster, secrets: Secrets, notify: @escaping @Sendable (String) -> Void
    ) {
        self.machine = machine
        self.cluster = cluster
        self.secrets = secrets
        self.reader = ClusterReader(machine: machine, cluster: cluster)
        self.notify = notify
    }

    package func run(
        _ kind: Kind, isDryRun: Bool = false, waits: Bool = true, within limit: Duration
    ) async throws(NodeFailure) -> LeaderReport {
        var sight = await reader.sight()
        if case .switchover = kind, !isDryRun, LeaderChange.waitsForFailsafe(sight, in: cluster) {
            // Asked now, the leader would step down, and nobody take its place for that long. It goes on serving meanwhile.
            try await until(
                "a replica that does not count on failsafe mode any more, \(cluster.patroni.ttl) s at most",
                .seconds(cluster.patroni.ttl + 5)
            ) { await !LeaderChange.waitsForFailsafe(reader.sight(), in: cluster) }
            sight = await reader.sight()
        }
        let decision =
            switch kind {
            case .switchover(let wanted): try LeaderChange.switchover(to: wanted, seeing: sight, in: cluster)
            case .failover(let wanted, let force):
                try LeaderChange.failover(to: wanted, force: force, seeing: sight, in: cluster)
            }
        guard case .change(let old, let new) = decision else {
            let leader = sight.leader
            return LeaderReport(outcome: .unchanged, to: leader?.role.text ?? "", timeline: leader?.timeline)
        }
        var report = LeaderReport(outcome: .pending, from: old?.text, to: new.text)
        if isDryRun { return report }
        notify("asking Patroni to make \(new) the leader" + (old.map { " in the place of \($0)" } ?? ""))
        let start = machine.clock.stopwatch()
        try await request(kind, old, new, limit)
        report.outcome = .queued
        guard waits else { return report }
        report.timeline = try await untilLeads(new, within: limit)
        report.seconds = start().seconds
        switch kind {
        case .switchover: report.outcome = .switched
        case .failover: report.outcome = .promoted
        }
        if let old, case .switchover = kind { report.oldLeader = try await untilFollows(old, new, within: limit) }
        return report
    }

    private func request(_ kind: Kind, _ old: RoleName?, _ new: RoleName, _ limit: Duration) async throws(NodeFailure) {
        let change: PatroniChange
        let addressee: RoleName
        switch kind {
        case .switchover:
            change = .switchover(from: old?.text ?? "", to: new.text)
            addressee = old ?? new
        case .failover:
            change = .failover(to: new.text)
            addressee = new
        }
        let reply = try await ask(change, addressee, limit)
        guard reply.isAccepted else {
            throw NodeFailure(
                .commandFailed, "Patroni refused", detail: "It said: \(reply.text)",
                hint: "Run \"pgha-node list\" to see how things are.")
        }
    }

    /// Patroni answers a switchover when it has ended, which a large checkpoint delays.
    private func ask(
        _ change: PatroniChange, _ role: RoleName, _ limit: Duration
    ) async throws(NodeFailure) -> PatroniReply {
        guard let placement = cluster.placement(of: role), let port = placement.assignment.patroniPort else {
            throw NodeFailure(.internalError, "\(role) has no Patroni")
        }
        do throws(NodeFailure) {
            return try await machine.patroni.change(
                change, at: placement.host.address, port: port, password: secrets.restAPI, within: limit)
        } catch  where Task.isCancelled {
            throw interrupted("Patroni's answer", error)
        }
    }

    /// The new leader's timeline; PostgreSQL itself is asked, because Patroni says "primary" before the promotion (patroni#2972).
    private func untilLeads(_ role: RoleName, within limit: Duration) async throws(NodeFailure) -> Int? {
        guard let placement = cluster.placement(of: role), let port = placement.assignment.patroniPort else {
            return nil
        }
        let target = PostgresTarget.superuser(of: placement.assignment, on: placement.host, secrets)
        try await until("\(role) to accept writes", limit) {
            let rows = try? await machine.postgres.query("SELECT pg_is_in_recovery()", at: target, within: .seconds(2))
            return rows == [["f"]]
        }
        return try? await machine.patroni.status(of: placement.host.address, port: port, within: .seconds(2)).timeline
    }

    private func untilFollows(_ role: RoleName, _ new: RoleName, within limit: Duration) async throws(NodeFailure)
        -> String?
    {
        var found: String?
        try await until("\(role) to follow, and \(new) to have a replica that could take over", limit) {
            let sight = await reader.sight()
            guard let leader = sight.leader, sight.position(of: leader, in: cluster)?.isHealthy == true else {
                return false
            }
            guard let member = sight.member(role), !member.isLeader,
                let position = sight.position(of: member, in: cluster), position.isHealthy
            else { return false }
            found = position.text
            return true
        }
        return found
    }

    private func until(
        _ what: String, _ limit: Duration, _ isSo: () async -> Bool
    ) async throws(NodeFailure) {
        let elapsed = machine.clock.stopwatch()
        var hasSaid = false
        while await !isSo() {
            if !hasSaid { notify("waiting for \(what)") }
            hasSaid = true
            guard elapsed() < limit else {
                let judgement = await reader.sight().judgement(of: cluster)
                throw NodeFailure(
                    .timeout, "waited \(limit.components.seconds) s for \(what)", detail: "Now \(judgement.text).",
                    hint: "Run \"pgha-node list\" and \"journalctl -u 'pgha-patroni@*'\" on the members' hosts.")
            }
            do {
                try await machine.clock.sleep(for: .milliseconds(100))
            } catch {
                throw interrupted(what, nil)
            }
        }
    }

    private func interrupted(_ what: String, _ cause: NodeFailure?) -> NodeFailure {
        NodeFailure(
            .interrupted, "interrupted while waiting for \(what)", detail: cause?.detail,
            hint: "What was asked of Patroni goes on; run \"pgha-node list\" to see how far it is.")
    }
}
