import ClusterModel
import Decisions
import HostOperations
import HostPorts
import NodeInstaller

// What makes the services take the new files.
extension Applier {
    func perform(
        _ action: ApplyPlan.Action, _ plan: ApplyPlan, _ options: Options
    ) async throws(NodeFailure) {
        let unit = action.placed.unit
        switch (action.placed.service, action.action) {
        case (_, .none): break
        case (.patroni, .reload), (.patroni, .restartPostgres):
            try await reloadMember(action, plan, options)
        case (.patroni, .restart):
            try await handOver(action.placed.role, to: action.judgement.candidate, options)
            notify("restarting \(unit)")
            try await machine.services.restart(unit, within: options.limit)
        case (_, .reload), (_, .restartPostgres):
            notify("reloading \(unit)")
            try await machine.services.reload(unit, within: options.limit)
        case (_, .restart):
            notify("restarting \(unit)")
            try await machine.services.restart(unit, within: options.limit)
        }
        try done(unit)
    }

    /// It reads cluster.yml and its unit anew; nobody notices.
    func restartAgent(_ plan: ApplyPlan, _ report: inout ApplyReport) async throws(NodeFailure) {
        if plan.restartsAgent {
            notify("restarting \(UnitName.agent)")
            try await machine.services.begin(.restart, .agent)
        }
        guard var receipt = try store.load(), receipt.units.contains(UnitName.agent.text) else { return }
        let fingerprint = installed.agentFingerprint
        if receipt.applied[UnitName.agent.text] != fingerprint {
            receipt.applied[UnitName.agent.text] = fingerprint
            try store.save(receipt)
        }
        for index in report.actions.indices where report.actions[index].unit == UnitName.agent.text {
            report.actions[index].outcome = .done
        }
    }

    /// Patroni takes the file; whether PostgreSQL needs a start for it, it knows best.
    private func reloadMember(
        _ action: ApplyPlan.Action, _ plan: ApplyPlan, _ options: Options
    ) async throws(NodeFailure) {
        let placed = action.placed
        guard let assignment = installed.host.roles.first(where: { $0.role == placed.role }),
            let port = assignment.patroniPort
        else { return }
        let since = machine.system.now()
        notify("reloading \(placed.unit)")
        try await machine.services.reload(placed.unit, within: options.limit)
        guard try await isPendingRestart(placed, port, since: since, hasNewSettings: plan.settings != nil) else {
            return
        }
        if action.action != .restartPostgres {
            // It was not foreseen, so it is judged now.
            let again = try await ApplyPlan.make(for: installed)
            let judgement = again.actions.first { $0.placed == placed }?.judgement
            if let refusal = judgement?.refusal, !options.force { throw refusal }
            try await handOver(placed.role, to: judgement?.candidate, options)
        } else {
            try await handOver(placed.role, to: action.judgement.candidate, options)
        }
        // As a replica it was started anew, with everything.
        if await !isPendingRestart(port) { return }
        notify("restarting PostgreSQL of \(placed.role)")
        let reply = try await machine.patroni.change(
            .restart, at: installed.host.address, port: port, password: installed.secrets.restAPI, within: options.limit
        )
        guard reply.isAccepted else {
            throw NodeFailure(
                .serviceFailed, "Patroni did not restart PostgreSQL of \(placed.role)",
                detail: "It said: \(reply.text) (\(reply.status)).", hint: "The same command tries it again.")
        }
        try await waitUntilOthersKnow(placed.role, port)
    }

    /// A member tells of itself once in a round of its loop; until then an apply on the leader's host would be refused.
    private func waitUntilOthersKnow(_ role: RoleName, _ port: Int) async throws(NodeFailure) {
        for _ in 0..<(installed.cluster.patroni.loopWait + 3) * 4 {
            let cluster = try? await machine.patroni.cluster(
                seenBy: installed.host.address, port: port, within: .seconds(2))
            if cluster?.members.first(where: { $0.name == role.text })?.isPendingRestart == false { return }
            try? await machine.clock.sleep(for: .milliseconds(250))
        }
    }

    /// Waits for the word of Patroni that it has read its file: it does that between two rounds of its loop, which sleeps for
    /// up to loop_wait (patroni/daemon.py run), and says one of two sentences (patroni/postgresql/config.py reload_config).
    private func isPendingRestart(
        _ placed: PlacedService, _ port: Int, since: Double, hasNewSettings: Bool
    ) async throws(NodeFailure) -> Bool {
        // A flag that is older than the new file does not count: a restart then would be one without the new file.
        var hasRead = false
        var left = (installed.cluster.patroni.loopWait + 3) * 4
        while left > 0 {
            if !hasRead, try await hasReloaded(placed.unit, since: since) {
                hasRead = true
                // PostgreSQL itself is asked a second later. Settings from ZooKeeper come in the round after it.
                if !hasNewSettings { left = min(left, 8) }
            }
            if hasRead, !hasNewSettings, await isPendingRestart(port) { return true }
            left -= 1
            do {
                try await machine.clock.sleep(for: .milliseconds(250))
            } catch {
                throw NodeFailure(
                    .interrupted, "interrupted while Patroni reloads", hint: "The same command finishes what was begun."
                )
            }
        }
        return await isPendingRestart(port)
    }

    private func isPendingRestart(_ port: Int) async -> Bool {
        let status = try? await machine.patroni.status(of: installed.host.address, port: port, within: .seconds(2))
        return status?.isPendingRestart == true
    }

    private func hasReloaded(_ unit: UnitName, since: Double) async throws(NodeFailure) -> Bool {
        try await machine.journal.tail(of: unit, count: 20).contains { entry in
            Double(entry.time) / 1_000_000 >= since
                && (entry.message.contains("Reloading PostgreSQL configuration")
                    || entry.message.contains("nothing to reload"))
        }
    }

    private func handOver(_ role: RoleName, to candidate: RoleName?, _ options: Options) async throws(NodeFailure) {
        guard let candidate else { return }
        let change = LeaderSwitch(
            machine: machine, cluster: installed.cluster, secrets: installed.secrets, notify: notify)
        _ = try await change.run(.switchover(to: candidate), within: options.limit)
    }

    func change(_ settings: ClusterSettings.Difference) async throws(NodeFailure) {
        guard let endpoint = await PatroniView.look(at: installed).endpoint else {
            throw NodeFailure(
                .unreachable, "no Patroni answers that could take the cluster-wide settings",
                hint: "Nothing was changed; run the same command again.")
        }
        notify("changing \(settings.paths.count) cluster-wide settings in ZooKeeper")
        for patch in settings.patches {
            let reply = try await machine.patroni.change(
                .configuration(json: patch), at: endpoint.address, port: endpoint.port,
                password: installed.secrets.restAPI, within: .seconds(30))
            guard reply.isAccepted else {
                throw NodeFailure(
                    .serviceFailed, "Patroni did not take the cluster-wide settings",
                    detail: "It said: \(reply.text) (\(reply.status)).")
            }
        }
    }
}
