import ArgumentParser
import ClusterModel
import Foundation
import HostPorts

/// For `logs`, whose `--cluster` are the journals of all hosts.
struct ClusterFileOption: ParsableArguments {
    @Option(name: .customLong("cluster-file"), help: ArgumentHelp("The cluster file.", valueName: "file"))
    var path = ClusterOptions.defaultPath

    func load(on machine: Machine) throws(NodeFailure) -> Cluster { try ClusterOptions.load(path, on: machine) }
}

/// Where cluster.yml and the secrets are.
struct ClusterOptions: ParsableArguments {
    static let defaultPath = "/etc/pgha/cluster.yml"
    static let secretsPath = "/etc/pgha/secrets/secrets.yml"

    @Option(name: .customLong("cluster"), help: ArgumentHelp("The cluster file.", valueName: "file"))
    var path = ClusterOptions.defaultPath

    /// For whoever runs it later, in another directory: this program, the verb and the cluster file.
    func laterCommand(_ verb: [String], on machine: Machine) -> [String] {
        [machine.system.programPath] + verb + ["--cluster", URL(fileURLWithPath: path).path]
    }

    func load(on machine: Machine) throws(NodeFailure) -> Cluster { try Self.load(path, on: machine) }

    static func load(_ path: String, on machine: Machine) throws(NodeFailure) -> Cluster {
        guard let bytes = try machine.files.read(path) else {
            throw NodeFailure(
                .notFound, "there is no cluster file \"\(path)\"",
                hint: "Write one with \"pgha-node init\", or name yours with \"--cluster FILE\".")
        }
        return try ClusterFile.load(bytes, file: path)
    }

    /// The secrets of the installed cluster; refuses a file that others can read.
    static func loadSecrets(on machine: Machine, from path: String = secretsPath) throws(NodeFailure) -> Secrets {
        guard let attributes = try machine.files.attributes(path) else {
            throw NodeFailure(
                .notFound, "there is no secrets file \"\(path)\"",
                hint:
                    "Copy the one that \"pgha-node init\" made to this path on each host; it is the same on all of them."
            )
        }
        guard attributes.mode & 0o077 == 0 else {
            throw NodeFailure(
                .invalidConfiguration, "\"\(path)\" can be read by others",
                detail: "Its mode is \(String(attributes.mode, radix: 8)).",
                hint: "Run \"chmod 600 \(path)\".")
        }
        return try SecretsFile.parse(try machine.files.read(path) ?? [], file: path)
    }
}

extension RoleName: ExpressibleByArgument {
    public init?(argument: String) {
        self.init(argument)
    }
}
