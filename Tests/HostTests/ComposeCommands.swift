import Foundation
import HostPorts
import Testing

/// What people type, where the ports of the compose project are.
enum ComposeCommands {
    /// A line for a shell in the project's directory; its whole output, or a failure of the test unless it ends with `status`.
    @discardableResult
    static func type(
        _ line: String, status: Int32 = 0, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> String {
        let result = try await Hosts.script("compose/engine", ["exec", "bash", "-c", line])
        let output = result.output + result.errors
        try #require(result.status == status, "\(line) said: \(output)", sourceLocation: sourceLocation)
        return output
    }

    /// Each command of the table in containers/compose/README.md that changes nothing, and what its output has in it.
    static let harmless: [(line: String, expected: [String])] = [
        ("docker compose ps", ["pg1", "pg2", "pg3", "zookeeper", "haproxy"].map { "pg_cluster-\($0)-1" }),
        ("docker logs pg_cluster-pg1-1", ["(pg1)"]),
        ("curl -s localhost:8008", [#""state": "running""#, #""scope": "pg_cluster""#, #""name": "pg1""#]),
        ("curl -s localhost:7000", ["Statistics Report for HAProxy"]),
        // "-it" wants a terminal; script(1) is one.
        ("script -qec 'docker exec -it pg_cluster-pg1-1 bash -c hostname' /dev/null", ["pg1"]),
        ("docker exec pg_cluster-pg1-1 patronictl list", ["Leader", "streaming"]),
        ("docker exec -u postgres pg_cluster-pg2-1 psql -Atc 'show port'", ["5434"]),
        ("PGSERVICEFILE=config/client/pg_service.conf psql service=pgha -Atc 'show cluster_name'", ["pg_cluster"]),
        ("PGSERVICEFILE=config/client/pg_service.conf psql 'service=pgha port=5435' -Atc 'show port'", ["5435"]),
        (
            "PGSERVICEFILE=config/client/pg_service.conf psql 'service=pgha port=5442' -Atc 'show in_hot_standby'",
            ["on"]
        ),
        ("docker inspect pg_cluster-pg1-1", [#""Status": "running""#, #""Name": "always""#, "172.28.80.11"]),
        ("docker network ls", ["pg_cluster_cluster"]),
        ("docker volume ls", ["pg_cluster_pg1", "pg_cluster_zookeeper"]),
    ]

    /// Says where one of the cluster's passwords can be read, in anything that Docker shows; never the password itself.
    static let leaks = #"""
        list=$(mktemp)
        sed -n 's/^[a-z_]*: *"\{0,1\}\([^"]*\)"\{0,1\} *$/\1/p' cluster/secrets.yml | grep -E '.{16,}' >"$list"
        echo "looked for $(wc -l <"$list") secrets"
        for container in $(docker ps -q); do
            docker inspect "$container" | grep -qFf "$list" && echo "leak in inspect"
            docker logs "$container" 2>&1 | grep -qFf "$list" && echo "leak in logs"
            docker top "$container" | grep -qFf "$list" && echo "leak in top"
            docker exec "$container" env | grep -qFf "$list" && echo "leak in the environment"
            docker diff "$container" | grep -q ' /etc/pgha/.' && echo "leak in the container's layer"
        done
        docker history --no-trunc pgha-role | grep -qFf "$list" && echo "leak in the image's history"
        rm -f "$list"
        exit 0
        """#
}
