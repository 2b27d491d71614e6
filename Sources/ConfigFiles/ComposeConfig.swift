import ClusterModel

/// The files that the compose project mounts into its containers. Inside, they have the paths of a host.
package enum ComposeConfig {
    /// Below the project's directory `config`: a directory for each role, and `client` for psql on this machine.
    package static func files(of cluster: Cluster, secrets: Secrets) -> [RenderedFile] {
        let composed = cluster.composed()
        let roles = composed.hosts.flatMap { host in
            ConfigRenderer.files(for: host, of: composed, secrets: secrets, logs: .plain)
                .filter { $0.path.hasPrefix("/etc/pgha/") }
                .map { file in
                    var file = file
                    file.path = String(file.path.dropFirst("/etc/pgha/".count))
                    return file
                }
        }
        return roles + sources(of: composed) + [serviceFile(of: composed, secrets)]
    }

    /// Says the containers' start which Patroni to run; the pinned one without.
    private static func sources(of cluster: Cluster) -> [RenderedFile] {
        guard cluster.patroni.source == .distribution else { return [] }
        return cluster.placements(of: .patroni).map {
            RenderedFile(path: "\($0.role)/patroni-source", contents: "distribution\n")
        }
    }

    /// The entry point as this machine sees it (PostgreSQL documentation, "The Connection Service File").
    private static func serviceFile(of cluster: Cluster, _ secrets: Secrets) -> RenderedFile {
        let body = """
            [pgha]
            host=127.0.0.1
            port=\(cluster.ports.readWrite)
            dbname=postgres
            user=postgres
            password=\(secrets.superuser)

            """
        return RenderedFile(path: "client/pg_service.conf", contents: ConfigHeader.prefixing(body), mode: 0o600)
    }
}
