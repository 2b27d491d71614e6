import ArgumentParser
import ClusterModel
import ConfigFiles
import HostPorts

struct Render: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the files that install would write for a role, with the passwords left out.",
        discussion: """
            With --layout compose: the files of the compose project (containers/compose) for the same cluster, whatever its \
            own layout is. With --directory they are written there, passwords included; what is the same stays untouched.

            Examples:
              pgha-node render --role pg1
              pgha-node render --role pg1 --cluster ./cluster.yml --output json
              pgha-node render --layout compose --cluster ./cluster.yml
              pgha-node render --layout compose --directory ./config
            """
    )

    enum Layout: String, ExpressibleByArgument, CaseIterable {
        case compose
    }

    @Option(name: .customLong("role"), help: "Which role.")
    var role: RoleName?

    @Option(help: "Another layout than that of cluster.yml: compose.")
    var layout: Layout?

    @Option(help: ArgumentHelp("With --layout: write the files there, with the passwords.", valueName: "dir"))
    var directory: String?

    @Option(help: ArgumentHelp("With --directory: the file of passwords.", valueName: "file"))
    var secrets = ClusterOptions.secretsPath

    @OptionGroup var cluster: ClusterOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (role == nil) != (layout == nil) else {
            throw ValidationError("Give either --role or --layout.")
        }
        guard directory == nil || layout != nil else {
            throw ValidationError("--directory needs --layout.")
        }
    }

    func run() async throws {
        try await run(on: .local())
    }

    func run(on machine: Machine) async throws(NodeFailure) {
        let model = try cluster.load(on: machine)
        if let directory {
            let secrets = try ClusterOptions.loadSecrets(on: machine, from: secrets)
            try write(ComposeFiles.all(of: model, secrets: secrets), to: directory, on: machine)
            return
        }
        let files =
            if let role { try files(of: role, in: model) } else { ComposeFiles.all(of: model, secrets: Self.hidden) }
        let entries = files.map {
            RenderedEntry(path: $0.path, owner: $0.owner, mode: String($0.mode, radix: 8), contents: $0.contents)
        }
        try output.render(entries) { entries in
            entries.map { "==> \($0.path) (\($0.owner), \($0.mode)) <==\n\($0.contents)" }.joined(separator: "\n")
        }
    }

    static let hidden: Secrets = {
        let text = "********"
        return Secrets(superuser: text, replication: text, rewind: text, restAPI: text, zookeeper: text)
    }()

    private func files(of role: RoleName, in model: Cluster) throws(NodeFailure) -> [RenderedFile] {
        guard let placement = model.placement(of: role) else {
            throw NodeFailure(
                .notFound, "no host of the cluster \"\(model.name)\" has the role \"\(role)\"",
                hint: "The roles are \(model.roleNames.map(\.text).joined(separator: ", ")).")
        }
        var host = placement.host
        host.roles = [placement.assignment]
        return ConfigRenderer.files(for: host, of: model, secrets: Self.hidden)
    }

    /// The users of the containers have other numbers than those of this machine, so everything belongs to whoever has
    /// cluster.yml; the containers take over owner and mode when they start.
    private func write(_ files: [RenderedFile], to directory: String, on machine: Machine) throws(NodeFailure) {
        let owner = try machine.files.attributes(cluster.path)?.owner ?? .root
        _ = try machine.files.makeDirectory(directory, owner: owner, mode: 0o700)
        var written: [RenderedChange] = []
        for file in files {
            let path = "\(directory)/\(file.path)"
            let folder = String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)])
            _ = try machine.files.makeDirectory(folder, owner: owner, mode: 0o700)
            let outcome = try machine.files.write(Array(file.contents.utf8), to: path, owner: owner, mode: file.mode)
            written.append(RenderedChange(path: path, outcome: outcome))
        }
        try output.render(written) { changes in
            changes.map { "\($0.path): \($0.outcome.rawValue)" }.joined(separator: "\n")
        }
    }
}

private struct RenderedEntry: Codable {
    var path: String
    var owner: String
    var mode: String
    var contents: String
}

private struct RenderedChange: Codable {
    var path: String
    var outcome: WriteOutcome
}
