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
        let status = try await StatusReader(machine: machine, cluster: model, host: host).read()
        try output.render(status, table: PsText.text)
        return status.isHealthy
    }
}

enum PsText {
    static func text(_ status: HostStatus) -> String {
        TextTable(
            headers: ["ROLE", "SERVICE", "STATE", "SINCE", "PORTS", "POSITION", "TIMELINE", "LAG"],
            rows: status.services.map { service in
                [
                    service.role, service.service, state(of: service), service.activeSeconds.map(since) ?? "-",
                    service.ports.map(String.init).joined(separator: ","), service.position ?? "-",
                    service.timeline.map(String.init) ?? "-", service.lagBytes.map(bytes) ?? "-",
                ]
            }
        ).text
    }

    private static func state(of service: ServiceStatus) -> String {
        service.state + (service.frozenSeconds.map { " since \(since($0))" } ?? "")
    }

    /// The two largest units, e.g. `3 h 12 min`.
    static func since(_ seconds: Int) -> String {
        switch seconds {
        case ..<60: "\(seconds) s"
        case ..<3600: "\(seconds / 60) min \(seconds % 60) s"
        case ..<86400: "\(seconds / 3600) h \(seconds % 3600 / 60) min"
        default: "\(seconds / 86400) d \(seconds % 86400 / 3600) h"
        }
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
