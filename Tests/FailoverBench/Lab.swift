import ClusterModel
import Foundation
import HostPorts
import LinuxHost

/// The hosts of containers/, through the scripts that a person uses.
struct Lab: Sendable {
    let repository: String
    let members = ["pg1", "pg2", "pg3"]
    let password: String
    /// As the hosts were installed.
    let cluster: Cluster

    static let addresses = ["pg1": "192.0.2.11", "pg2": "192.0.2.12", "pg3": "192.0.2.13"]
    static let ports = ["pg1": 5433, "pg2": 5434, "pg3": 5435]

    init(repository: String) async throws {
        self.repository = repository
        let service = try await Self.script(
            repository, "exec", ["pg1", "--", "pgha-node", "dsn", "--format", "service"])
        guard let line = service.split(separator: "\n").first(where: { $0.hasPrefix("password=") }) else {
            throw BenchFailure("the hosts do not tell how to connect: \(service)")
        }
        password = String(line.dropFirst("password=".count))
        let file = try await Self.script(repository, "exec", ["pg1", "--", "cat", "/etc/pgha/cluster.yml"])
        cluster = try ClusterFile.load(Array(file.utf8), file: "/etc/pgha/cluster.yml")
    }

    static func script(_ repository: String, _ name: String, _ arguments: [String]) async throws -> String {
        let result = try await LinuxCommandRunner().run(
            Command(
                "\(repository)/containers/\(name)", arguments,
                environment: Command.minimal.merging(["HOME": "/root"], uniquingKeysWith: { $1 }),
                inherited: ["PATH", "PGHA_"], timeLimit: .seconds(300)))
        guard result.status == 0 else {
            throw BenchFailure("containers/\(name) \(arguments.joined(separator: " ")): \(result.errors)")
        }
        return result.output
    }

    @discardableResult
    func shell(_ host: String, _ command: String) async throws -> String {
        try await Self.script(repository, "exec", [host, "--", "bash", "-c", command, "bench", host])
    }

    @discardableResult
    func fault(_ words: String...) async throws -> String { try await Self.script(repository, "fault", words) }

    func target(of member: String) -> PostgresTarget {
        PostgresTarget(
            host: Self.addresses[member] ?? "", port: Self.ports[member] ?? 0, user: "postgres", password: password,
            database: "postgres")
    }

    /// The cluster's entry point, HAProxy of that host.
    func entryPoint(on host: String) -> PostgresTarget {
        PostgresTarget(
            host: Self.addresses[host] ?? "", port: 5432, user: "postgres", password: password, database: "postgres")
    }

    /// The leader, the replica that confirms its commits, and whether it leads two that stream; as the host sees it.
    func sight(from host: String) async -> (leader: String?, synchronous: String?, isHealthy: Bool) {
        guard
            let text = try? await Self.script(
                repository, "exec", [host, "--", "sh", "-c", "pgha-node list --output json; true"]),
            let list = try? JSONDecoder().decode(MemberList.self, from: Data(text.utf8))
        else { return (nil, nil, false) }
        let streaming = list.members.filter { $0.position == "replica" || $0.position == "sync replica" }.count
        let member = { (position: String) in list.members.first { $0.position == position }?.member }
        return (member("leader"), member("sync replica"), list.judgement.isHealthy && streaming == 2)
    }

    private struct MemberList: Decodable {
        struct Member: Decodable {
            var member: String
            var position: String?
        }
        struct Judgement: Decodable {
            var isHealthy: Bool
        }
        var members: [Member]
        var judgement: Judgement
    }

    /// Waits until one leads and two stream; nil after `limit` seconds.
    func healthy(within limit: Double) async -> (leader: String, seconds: Double)? {
        let begun = Clock.now
        var host = 0
        while Clock.now - begun < limit {
            let sight = await sight(from: members[host % members.count])
            if let leader = sight.leader, sight.isHealthy { return (leader, Clock.now - begun) }
            host += 1
            try? await Task.sleep(for: .milliseconds(500))
        }
        return nil
    }

    /// Waits until all servers of ZooKeeper lead or follow: one that was cut off may stay outside for a while. false after `limit`
    /// seconds.
    func isEnsembleWhole(within limit: Double) async throws -> Bool {
        let begun = Clock.now
        while Clock.now - begun < limit {
            let lines = try await zooKeeperLines()
            if lines.allSatisfy({ $0.line.contains(" leader ") || $0.line.contains(" follower ") }) { return true }
            try? await Task.sleep(for: .milliseconds(500))
        }
        return false
    }

    /// The host whose ZooKeeper leads the ensemble.
    func zooKeeperLeader() async throws -> String? {
        try await zooKeeperLines().first { $0.line.contains(" leader ") }?.host
    }

    /// What "pgha-node ps" says of each host's server; empty where it says nothing.
    private func zooKeeperLines() async throws -> [(host: String, line: String)] {
        var lines: [(host: String, line: String)] = []
        for host in members {
            lines.append((host, try await shell(host, "pgha-node ps 2>/dev/null | grep zookeeper; true")))
        }
        return lines
    }
}

struct BenchFailure: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}

/// Seconds of the monotonic clock.
enum Clock {
    private static let origin = ContinuousClock.now
    static var now: Double {
        let elapsed = ContinuousClock.now - origin
        return Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
    }
}
