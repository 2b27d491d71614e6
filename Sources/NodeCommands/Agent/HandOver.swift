import ArgumentParser
import ClusterModel
import Decisions
import HostOperations
import HostPorts

struct HandOver: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hand-over",
        abstract: "Make another member leader before this one is stopped; its unit runs that.",
        discussion: """
            Does nothing, and says so, where the member does not lead, where nobody could take over, and in maintenance. To
            move the leader by hand, use "pgha-node switchover".

            Examples:
              pgha-node hand-over pg1
            """
    )

    @OptionGroup var cluster: ClusterOptions
    @Argument(help: "The member that is about to be stopped.") var member: RoleName

    func run() async throws {
        try await run(on: .local())
    }

    func run(on machine: Machine) async throws(NodeFailure) {
        let model = try cluster.load(on: machine)
        // The stock behaviour is there to be measured.
        guard model.profile != .reference else { return }
        // A replica is asked nothing more: its stop must not wait for members, or a ZooKeeper, that do not answer.
        guard let place = model.placement(of: member), let port = place.assignment.patroniPort,
            let own = try? await machine.patroni.status(of: place.host.address, port: port, within: .seconds(1)),
            own.role == "primary"
        else { return }
        let sight = await ClusterReader(machine: machine, cluster: model).sight()
        guard sight.leader?.role == member else { return }
        if try await isEndOfAll(model, machine) {
            return Output.comment("all members are on this host, which is being stopped, so nobody takes over")
        }
        let change = LeaderSwitch(
            machine: machine, cluster: model, secrets: try ClusterOptions.loadSecrets(on: machine),
            notify: Output.comment)
        do throws(NodeFailure) {
            let report = try await change.run(.switchover(to: nil), waits: false, within: .seconds(20))
            Output.comment("\(report.to) takes over from \(member)")
        } catch  where error.code == .preflightFailed {
            Output.comment("nobody takes over from \(member): \(error.detail ?? error.message)")
        }
    }

    /// systemd stops a target before what it wants, so it is inactive by now if all is being stopped.
    private func isEndOfAll(_ model: Cluster, _ machine: Machine) async throws(NodeFailure) -> Bool {
        let hosts = Set(model.placements(of: .patroni).map(\.host.name))
        guard hosts.count == 1 else { return false }
        return try await !machine.services.state(of: .target).isActive
    }
}
