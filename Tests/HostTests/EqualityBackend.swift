import Foundation
import HostPorts
import Testing

/// A way to run a cluster of five roles on one machine: the compose project, or a host with systemd.
protocol EqualityBackend: Sendable {
    var name: String { get }
    /// Where the ports of Patroni's REST API are.
    var address: String { get }
    /// A libpq service file for the entry point, where `shell` runs.
    var serviceFile: String { get }
    /// A shell script where the cluster's ports are.
    func shell(_ script: String, _ arguments: [String]) async throws -> CommandResult
    /// Does a step; `member` is who led at its beginning or, for `startIt` and `thawIt`, who was stopped or frozen.
    func perform(_ step: EqualityStep, on member: String) async throws
}

extension EqualityBackend {
    /// `GET /cluster` of the first member that answers; then one write through 5432 with what the server says of itself.
    func look() async throws -> ClusterView? {
        let answer = try await shell(
            """
            for port in 8008 8009 8010; do
                answer=$(timeout 2 bash -c 'exec 3<>"/dev/tcp/$1/$2" && printf "GET /cluster HTTP/1.0\\r\\n\\r\\n" >&3 &&
                    cat <&3' rest "$1" "$port" 2>/dev/null | tail -n1)
                [ -z "$answer" ] || break
            done
            echo "$answer"
            PGSERVICEFILE=$2 PGCONNECT_TIMEOUT=2 timeout 5 psql -XAtq 'service=pgha host=127.0.0.1' -c '
                create table if not exists equality (at timestamptz default now());
                insert into equality default values;
                select inet_server_port(), (select count(*) from pg_stat_replication where state = $$streaming$$), count(*)
                from equality' 2>/dev/null || true
            """, [address, serviceFile])
        let lines = answer.output.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 2 else { return nil }
        return ClusterView(cluster: String(lines[0]), write: String(lines[1]))
    }

    /// Waits for two looks, a second apart, that show the same healthy cluster; the rows differ, since each look writes one.
    func settled(after step: EqualityStep, within limit: Duration = .seconds(120)) async throws -> ClusterView {
        var last: ClusterView?
        return try await eventually("\(name), \(step.rawValue): a leader and \(step.replicas) streaming", within: limit)
        {
            let view = try await look()
            defer { last = view }
            guard var view, view.streaming == step.replicas, let before = last else { return nil }
            view.rows = before.rows
            guard view == before else {
                try await Task.sleep(for: .seconds(1))
                return nil
            }
            return try await look()
        }
    }

    /// A session through 5432 that asks something every 0.2 s, so that its end is noticed.
    func openSession() async throws {
        let opened = try await shell(
            """
            rm -f /run/pgha-session.*
            (timeout 240 bash -c 'while sleep 0.2; do echo "select 1;"; done |
                PGSERVICEFILE=$1 psql -XAtq "service=pgha host=127.0.0.1" >/run/pgha-session.answers 2>/dev/null
                echo closed >/run/pgha-session.end' session "$1" & echo $! >/run/pgha-session.pid) </dev/null >/dev/null 2>&1
            for try in $(seq 50); do [ ! -s /run/pgha-session.answers ] || exit 0; sleep 0.1; done
            exit 1
            """, [serviceFile])
        try #require(opened.status == 0, "\(name): no session through 5432: \(opened.errors)")
    }

    /// Whether the session of before still gets answers; then it is ended.
    func closeSession() async throws -> String {
        let said = try await shell(
            """
            before=$(stat -c %s /run/pgha-session.answers); sleep 1; after=$(stat -c %s /run/pgha-session.answers)
            if [ -e /run/pgha-session.end ]; then echo closed; elif [ "$after" -gt "$before" ]; then echo alive; else echo hangs; fi
            kill "$(cat /run/pgha-session.pid)" 2>/dev/null || true
            """, [])
        return said.output.trimmingCharacters(in: .newlines)
    }

    func require(_ result: CommandResult, _ what: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        try #require(
            result.status == 0, "\(name): \(what) said: \(result.errors)\(result.output)",
            sourceLocation: sourceLocation)
    }
}

/// The compose project, in an engine of its own.
struct ComposeBackend: EqualityBackend {
    let name = "compose"
    let address = "localhost"
    let serviceFile = "config/client/pg_service.conf"

    func shell(_ script: String, _ arguments: [String]) async throws -> CommandResult {
        try await Hosts.script("compose/engine", ["exec", "bash", "-c", script, "test"] + arguments)
    }

    func docker(_ arguments: String...) async throws {
        try require(
            try await Hosts.script("compose/engine", ["exec", "docker"] + arguments), arguments.joined(separator: " "))
    }

    func perform(_ step: EqualityStep, on member: String) async throws {
        let container = "pg_cluster-\(member)-1"
        switch step {
        case .start: try await docker("compose", "up", "-d", "--build")
        case .stopLeader: try await docker("stop", container)
        case .startIt: try await docker("start", container)
        case .freezeLeader: try await docker("pause", container)
        case .thawIt: try await docker("unpause", container)
        case .restartHAProxy: try await docker("compose", "restart", "haproxy")
        case .killLeader:
            // Not "docker kill": that counts as a wish, and the restart policy leaves such a container down. A crash is when
            // its process 1 dies, and with it, by the kernel's rule, all others (pid_namespaces(7)).
            let script = "kill -9 $(docker inspect --format '{{.State.Pid}}' \(container))"
            try require(try await shell(script, []), "kill")
        case .restartAll: try await docker("compose", "restart")
        case .downAndUp:
            try await docker("compose", "down")
            try await docker("compose", "up", "-d")
        }
    }
}

/// One host with systemd that has all five roles.
struct HostBackend: EqualityBackend {
    let name = "hosts"
    let address = "192.0.2.11"
    let serviceFile = "/run/equality-service"

    func shell(_ script: String, _ arguments: [String]) async throws -> CommandResult {
        try await Hosts.script("exec", ["solo", "--", "bash", "-c", script, "test"] + arguments)
    }

    func host(_ command: String...) async throws {
        try require(try await Hosts.script("exec", ["solo", "--"] + command), command.joined(separator: " "))
    }

    func perform(_ step: EqualityStep, on member: String) async throws {
        switch step {
        case .start:
            // The hosts were started by "containers/up".
            try require(
                try await shell("umask 077; pgha-node dsn --format service >\(serviceFile)", []), "pgha-node dsn")
        case .stopLeader: try await host("pgha-node", "stop", member)
        case .startIt: try await host("pgha-node", "start", member)
        case .freezeLeader: try await host("pgha-node", "freeze", member)
        case .thawIt: try await host("pgha-node", "thaw", member)
        case .restartHAProxy: try await host("pgha-node", "restart", "haproxy")
        case .killLeader:
            try await host("systemctl", "kill", "--signal=KILL", "--kill-whom=all", "pgha-patroni@\(member)")
        // In turns, where compose takes all at once; what is there afterwards is the same.
        case .restartAll: try await host("pgha-node", "restart", "--all")
        case .downAndUp:
            try await host("pgha-node", "down", "--force")
            try await host("pgha-node", "up")
        }
    }
}
