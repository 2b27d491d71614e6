import ArgumentParser
import ClusterModel
import ConfigFiles
import HostPorts

struct Render: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the files that install would write for a role, with the passwords left out.",
        discussion: """
            Examples:
              pgha-node render --role pg1
              pgha-node render --role pg1 --cluster ./cluster.yml --output json
            """
    )

    @Option(name: .customLong("role"), help: "Which role.")
    var role: RoleName

    @OptionGroup var cluster: ClusterOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await run(on: .local())
    }

    func run(on machine: Machine) async throws(NodeFailure) {
        let model = try cluster.load(on: machine)
        guard let placement = model.placement(of: role) else {
            throw NodeFailure(
                .notFound, "no host of the cluster \"\(model.name)\" has the role \"\(role)\"",
                hint: "The roles are \(model.roleNames.map(\.text).joined(separator: ", ")).")
        }
        var host = placement.host
        host.roles = [placement.assignment]
        let hidden = "********"
        let secrets = Secrets(
            superuser: hidden, replication: hidden, rewind: hidden, restAPI: hidden, zookeeper: hidden)
        let files = ConfigRenderer.files(for: host, of: model, secrets: secrets)
        let entries = files.map {
            RenderedEntry(path: $0.path, owner: $0.owner, mode: String($0.mode, radix: 8), contents: $0.contents)
        }
        try output.render(entries) { entries in
            entries.map { "==> \($0.path) (\($0.owner), \($0.mode)) <==\n\($0.contents)" }.joined(separator: "\n")
        }
    }
}

private struct RenderedEntry: Codable {
    var path: String
    var owner: String
    var mode: String
    var contents: String
}
