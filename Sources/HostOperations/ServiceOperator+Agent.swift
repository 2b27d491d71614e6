import ClusterModel
import Decisions
import HostPorts

extension ServiceOperator {
    /// The services of the selection, then the agent: it calls itself ready when they serve, and it is of use to them until
    /// they have stopped.
    package func run(
        _ verb: Verb, _ selection: ServiceSelection, _ options: Options
    ) async throws(NodeFailure) -> [ServiceOutcome] {
        let isFreeze = verb == .freeze || verb == .thaw
        if isFreeze, selection.includesAgent, !options.isWholeHost {
            throw NodeFailure(
                .usage, "the agent is neither frozen nor thawed",
                detail: "systemd would end it after the time of its watchdog (WatchdogSec=).",
                hint: "\"pgha-node stop agent\" takes it out; the cluster then is as fast as Patroni and HAProxy alone."
            )
        }
        var outcomes = selection.placed.isEmpty ? [] : try await run(verb, selection.placed, options)
        if selection.includesAgent, !isFreeze { outcomes.append(try await runOnAgent(verb, options)) }
        return outcomes
    }

    private func runOnAgent(_ verb: Verb, _ options: Options) async throws(NodeFailure) -> ServiceOutcome {
        let state = try await machine.services.state(of: .agent)
        guard state.load != "not-found" else {
            throw NodeFailure(
                .notFound, "\"\(UnitName.agent)\" is not installed", hint: "Run \"pgha-node install\" first.")
        }
        var outcome = ServiceOutcome(
            role: "", service: ServiceSelection.agentName, unit: UnitName.agent.text, outcome: .unchanged)
        if try verb.isDone(by: .agent, in: state) { return outcome }
        outcome.outcome = options.isDryRun ? .pending : try await job(verb, .agent, options)
        // Type=notify: the job of a start ends with READY=1 (systemd.service(5)).
        if verb != .stop, !options.isDryRun, options.waits { outcome.state = "ready" }
        return outcome
    }
}
