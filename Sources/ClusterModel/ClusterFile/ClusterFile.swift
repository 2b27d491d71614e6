/// Reads `cluster.yml`.
package enum ClusterFile {
    /// Parses and validates; `file` is the name that errors begin with, as in `FILE:LINE:COLUMN: message`.
    ///
    /// Throws `.invalidConfiguration` for the first error. Keys and types come first, in the order of the file, then
    /// what concerns several keys.
    package static func load(_ bytes: [UInt8], file: String) throws(NodeFailure) -> Cluster {
        let source = ConfigSource(name: file)
        guard let root = try YAMLReader.read(bytes, from: source) else {
            throw source.failure(
                "the file is empty", at: TextPosition(),
                hint: "Write one with \"pgha-node init\", or give it at least \"name\" and \"hosts\".")
        }
        try SchemaChecker(source: source).check(root, against: ClusterSchema.root)
        let document = ClusterDocument(root: root, source: source)
        let cluster = try document.cluster()
        try ClusterRules(cluster: cluster, document: document).check()
        return cluster
    }
}

/// A `cluster.yml` whose keys and types are right.
struct ClusterDocument {
    var root: YAMLValue
    var source: ConfigSource

    func cluster() throws(NodeFailure) -> Cluster {
        var cluster = Cluster(name: root["name"].text ?? "", hosts: try hosts())
        cluster.scope = root["scope"].text ?? cluster.scope
        cluster.ports = ports
        cluster.profile = root["profile"].text.flatMap(Profile.init) ?? cluster.profile
        if cluster.profile == .reference {
            cluster.durability = .asynchronous
            cluster.patroni.failsafeMode = false
        }
        cluster.durability = root["durability"].text.flatMap(Durability.init) ?? cluster.durability
        cluster.lease = root["lease"].text.flatMap(LeaseLength.init) ?? cluster.lease
        cluster.patroni = patroni(default: cluster.patroni)
        cluster.postgres = try postgres()
        cluster.zookeeper = zookeeper
        cluster.haproxy = haproxy
        cluster.agent = agent
        cluster.drill = drill
        cluster.directories = directories
        return cluster
    }

    /// An error at the value with this path, or at the nearest thing above it that is there.
    func failure(
        at path: String..., message: String, detail: String? = nil, hint: String? = nil
    ) -> NodeFailure {
        source.failure(message, at: find(path).position, detail: detail, hint: hint)
    }

    /// An error at the last value in the file of those that are there, since that is what was added or changed.
    func failure(
        atLastOf paths: [[String]], message: String, detail: String? = nil, hint: String? = nil
    ) -> NodeFailure {
        let present = paths.filter(exists).map { find($0).position }
        let last = present.max { ($0.line, $0.column) < ($1.line, $1.column) }
        return source.failure(message, at: last ?? find(paths.first ?? []).position, detail: detail, hint: hint)
    }

    func exists(_ path: [String]) -> Bool {
        find(path).depth == path.count
    }

    /// How much of the path is there, and where its end is: the value if it is a scalar, the key if it is not.
    private func find(_ path: [String]) -> (position: TextPosition, depth: Int) {
        var value = root
        var position = root.position
        for (depth, name) in path.enumerated() {
            if let field = value.fields.first(where: { $0.key == name }) {
                value = field.value
                position = value.isScalar ? value.position : field.position
            } else if let element = value.elements.first(where: { $0.text == name }) {
                value = element
                position = element.position
            } else {
                return (position, depth)
            }
        }
        return (position, path.count)
    }
}
