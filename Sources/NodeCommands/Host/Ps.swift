import ArgumentParser
import ClusterModel
import Decisions
import HostOperations
import HostPorts

struct Ps: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ps",
        abstract: "List this host's services: state, ports, leader or replica, timeline, lag.",
        discussion: """
            Exits with 2 if a service does not do what it is there for.

            Examples:
              pgha-node ps
              pgha-node ps --output json
            """
    )

    @OptionGroup var cluster: ClusterOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let isHealthy = try await run(on: .local())
        if !isHealthy { throw ExitCode(NodeFailure.Code.notReady.exitStatus) }
    }

    func run(on machine: Machine) async throws(NodeFailure) -> Bool {
        let model = try cluster.load(on: machine)
        let host = try InstallTarget.host(of: model, roles: [], on: machine)
        let status = try await StatusReader(machine: machine, cluster: model, host: host).readWithAgent()
        let now = Int(machine.system.now())
        try output.render(status) { PsText.text($0, at: now) }
        return status.isHealthy
    }
}

enum PsText {
    /// `now` in seconds since 1970.
    static func text(_ status: HostStatus, at now: Int) -> String {
        let table = TextTable(
            headers: ["ROLE", "SERVICE", "STATE", "SINCE", "PORTS", "POSITION", "TIMELINE", "LAG"],
            rows: status.services.map { service in
                [
                    service.role.isEmpty ? "-" : service.role, service.service, state(of: service),
                    service.activeSeconds.map(TimeSpan.text(ofSeconds:)) ?? "-",
                    service.ports.map(String.init).joined(separator: ","), service.position ?? "-",
                    service.timeline.map(String.init) ?? "-", service.lagBytes.map(bytes) ?? "-",
                ]
            }
        ).text
        guard let maintenance = status.maintenance, maintenance.isOn else { return table }
        return table + "\nmaintenance: \(maintenance.text(at: now))"
    }

    private static func state(of service: ServiceStatus) -> String {
        service.state + (service.frozenSeconds.map { " since \(TimeSpan.text(ofSeconds: $0))" } ?? "")
            + (service.thawSeconds.map { ", thaws in \(TimeSpan.text(ofSeconds: $0))" } ?? "")
    }

    /// In PostgreSQL's units, e.g. `16 MB`.
    static func bytes(_ count: Int64) -> String {
        switch count {
        case ..<10_240: "\(count) B"
        case ..<10_485_760: "\(count / 1024) kB"
        case ..<10_737_418_240: "\(count / 1_048_576) MB"
        default: "\(count / 1_073_741_824) GB"
        }
    }
}
