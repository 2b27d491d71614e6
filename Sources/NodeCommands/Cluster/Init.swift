import ArgumentParser
import ClusterCertificates
import ClusterModel
import HostPorts

struct Init: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write a commented cluster.yml and the cluster's secrets.",
        discussion: """
            Run it once for a cluster, then copy cluster.yml and the secrets to the same place on each host. The secrets are the \
            passwords and the key of the cluster's certificate authority. Existing files are never overwritten.

            Examples:
              pgha-node init --host pg1=192.0.2.11 --host pg2=192.0.2.12 --host pg3=192.0.2.13
              pgha-node init --name shop --host solo=192.0.2.20:pg1,pg2,pg3,zookeeper,haproxy
              pgha-node init --output-dir ./shop
            """
    )

    @Option(help: "The cluster's name.")
    var name = "demo"

    @Option(name: .customLong("host"), help: "A host: NAME=ADDRESS, or NAME=ADDRESS:ROLE,ROLE for several roles.")
    var hosts: [String] = []

    @Option(
        help: ArgumentHelp(
            "Where to write; default: /etc/pgha, the secrets in its directory \"secrets\".", valueName: "dir"))
    var outputDir: String?

    func run() async throws {
        try await run(on: .local())
    }

    func run(on machine: Machine) async throws(NodeFailure) {
        let hosts = try hosts.map { text throws(NodeFailure) in try InitHost(parsing: text) }
        let directory = outputDir ?? "/etc/pgha"
        let clusterPath = "\(directory)/cluster.yml"
        let secretsPath = outputDir == nil ? ClusterOptions.secretsPath : "\(directory)/secrets.yml"
        let text = ClusterTemplate.render(
            name: name, hosts: hosts.map { (name: $0.name, address: $0.address, roles: $0.roles) })
        _ = try ClusterFile.load(Array(text.utf8), file: clusterPath)
        let schemaPath = "\(directory)/cluster.schema.json"
        for path in [clusterPath, secretsPath] where try machine.files.exists(path) {
            throw NodeFailure(
                .conflict, "\"\(path)\" exists already", detail: "Nothing was written.",
                hint: "Edit it, or move it away first. The secrets of a running cluster must not be replaced.")
        }
        if outputDir == nil {
            try machine.requireRoot(to: "write to /etc/pgha")
            _ = try machine.files.makeDirectory("/etc/pgha", owner: .root, mode: 0o755)
            _ = try machine.files.makeDirectory("/etc/pgha/secrets", owner: .root, mode: 0o700)
        }
        let owner = try machine.files.attributes(directory)?.owner ?? .root
        if try !machine.files.exists(directory) {
            _ = try machine.files.makeDirectory(directory, owner: owner, mode: 0o755)
        }
        var secrets = Secrets.generate(random: { machine.system.randomBytes($0) })
        secrets.authority = try NewAuthority.make(for: name, on: machine).secret()
        _ = try machine.files.write(Array(SecretsFile.render(secrets).utf8), to: secretsPath, owner: owner, mode: 0o600)
        // The first line of cluster.yml leads editors to it.
        _ = try machine.files.write(Array(ClusterSchema.json.utf8), to: schemaPath, owner: owner, mode: 0o644)
        _ = try machine.files.write(Array(text.utf8), to: clusterPath, owner: owner, mode: 0o644)
        Output.result("\(clusterPath)\n\(secretsPath)")
        Output.comment("copy both to each host: /etc/pgha/cluster.yml and \(ClusterOptions.secretsPath) (mode 600)")
    }
}

/// `NAME=ADDRESS` or `NAME=ADDRESS:ROLE,ROLE`; an IPv6 address before roles stands in brackets.
struct InitHost {
    var name: String
    var address: String
    var roles: [RoleName]?

    init(parsing text: String) throws(NodeFailure) {
        let failure = NodeFailure(
            .usage, "\"\(text)\" is not a host",
            hint: "Write NAME=ADDRESS or NAME=ADDRESS:ROLE,ROLE, for example \"pg1=192.0.2.11\".")
        let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { throw failure }
        name = parts[0]
        var rest = parts[1][...]
        if rest.hasPrefix("["), let end = rest.firstIndex(of: "]") {
            address = String(rest[rest.index(after: rest.startIndex)..<end])
            rest = rest[rest.index(after: end)...]
        } else if rest.count(where: { $0 == ":" }) > 1 {
            address = String(rest)
            rest = ""
        } else {
            address = String(rest.prefix { $0 != ":" })
            rest = rest.dropFirst(address.count)
        }
        guard rest.hasPrefix(":") else {
            guard rest.isEmpty else { throw failure }
            return
        }
        var found: [RoleName] = []
        for word in rest.dropFirst().split(separator: ",") {
            guard let role = RoleName(String(word)) else {
                throw NodeFailure(
                    .usage, "there is no role \"\(word)\"", hint: "Roles are pg1 to pg9, zookeeper and haproxy.")
            }
            found.append(role)
        }
        roles = found
    }
}
