import ClusterModel
import Decisions
import HostPorts

/// What `pgha-node reinit` came to.
package struct ReinitReport: Codable, Equatable, Sendable {
    package enum Outcome: String, Codable, Sendable { case copied, queued, pending }

    package var member: String
    package var leader: String
    package var outcome: Outcome
    package var seconds: Double?
    package var state: String?
}

/// Throws a replica's data away and has it copied from the leader anew, through Patroni.
package struct ReplicaCopy: Sendable {
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

    /// Throws `.preflightFailed` where it makes no sense: for the leader, without a leader, in maintenance.
    package func check(_ role: RoleName) async throws(NodeFailure) -> ReinitReport {
        let sight = await reader.sight()
        guard let member = sight.member(role) else { throw cluster.unknownMember(role) }
        if member.isLeader {
            throw NodeFailure(
                .preflightFailed, "\(role) leads, so that its data is the cluster's",
                detail: "Only a replica is copied anew.",
                hint: "Run \"pgha-node switchover\" first.")
        }
        guard let leader = sight.leader, leader.answers else {
            throw NodeFailure(
                .preflightFailed, "nobody leads, so that there is nothing to copy from",
                hint: "Run \"pgha-node health\" to see why.")
        }
        guard member.answers else {
            throw NodeFailure(
                .preflightFailed, "Patroni of \(role) does not answer", detail: "It is what makes the copy.",
                hint: "Run \"pgha-node start \(role)\" on its host.")
        }
        if sight.isPaused {
            throw NodeFailure(
                .preflightFailed, "maintenance is on", hint: "Run \"pgha-node maintenance off\" first.")
        }
        return ReinitReport(member: role.text, leader: leader.role.text, outcome: .pending)
    }

    package func run(_ role: RoleName, waits: Bool, within limit: Duration) async throws(NodeFailure) -> ReinitReport {
        var report = try await check(role)
        guard let placement = cluster.placement(of: role), let port = placement.assignment.patroniPort else {
            throw NodeFailure(.internalError, "\(role) has no Patroni")
        }
        let address = placement.host.address
        let before = try? await machine.patroni.status(of: address, port: port, within: .seconds(2)).postmasterStart
        notify("asking Patroni of \(role) to copy its data from \(report.leader) anew")
        let start = machine.clock.stopwatch()
        let reply = try await machine.patroni.change(
            .reinitialise, at: address, port: port, password: secrets.restAPI, within: .seconds(30))
        guard reply.isAccepted else {
            throw NodeFailure(.commandFailed, "Patroni refused", detail: "It said: \(reply.text)")
        }
        report.outcome = .queued
        guard waits else { return report }
        report.state = try await untilStreams(role, unlessStartedAt: before, limit)
        report.seconds = start().seconds
        report.outcome = .copied
        return report
    }

    /// A replica that streams, with another postmaster than before: the old one streams for a moment longer.
    private func untilStreams(
        _ role: RoleName, unlessStartedAt before: String?, _ limit: Duration
    ) async throws(NodeFailure) -> String {
        let elapsed = machine.clock.stopwatch()
        var said = ""
        while true {
            let answers = await reader.answers()
            let sight = ClusterReader.sight(of: answers, in: cluster)
            let status = answers.first { $0.placement.role == role }?.status
            if let member = sight.member(role), let position = sight.position(of: member, in: cluster),
                position.isHealthy, let started = status?.postmasterStart, started != before
            {
                return position.text
            }
            let text = "waiting for \(role), which is \"\(status?.state ?? "silent")\"\(await progress(sight))"
            if text != said { notify(text) }
            said = text
            guard elapsed() < limit else {
                throw NodeFailure(
                    .timeout, "\(role) does not stream after \(limit.components.seconds) s",
                    detail: "It is \"\(status?.state ?? "silent")\".",
                    hint: "The copy goes on; run \"pgha-node list\", and \"pgha-node logs \(role)\" on its host.")
            }
            do {
                try await machine.clock.sleep(for: .milliseconds(500))
            } catch {
                throw NodeFailure(
                    .interrupted, "interrupted while \(text)", hint: "The copy goes on; see \"pgha-node list\".")
            }
        }
    }

    /// e.g. `, 40 % copied`, in steps of ten per cent.
    private func progress(_ sight: ClusterSight) async -> String {
        let percent = await BaseBackupProgress.percent(
            from: sight.leader?.role, of: cluster, secrets: secrets, on: machine)
        return percent.map { ", \($0 / 10 * 10) % copied" } ?? ""
    }
}
