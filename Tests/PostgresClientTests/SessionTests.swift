import ClusterModel
import Foundation
import HostPorts
import LinuxHost
import PostgresClient
import Testing

/// Sessions over libpq, against a server that is started for them.
@Suite(.enabled(if: LocalPostgres.isThere, "needs root, and the programs of PostgreSQL on this machine"))
struct SessionTests {
    @Test func `a session goes on after a statement that the server refuses`() async throws {
        try await LocalPostgres.with { target in
            let session = try await LibPQConnector().open(at: target, within: .seconds(30))

            let refusal = await #expect(throws: NodeFailure.self) {
                try await session.query("SELECT 1 / 0", within: .seconds(30))
            }

            #expect(refusal?.code == .commandFailed)
            #expect(try await session.query("SELECT 1", within: .seconds(30)) == [["1"]])
        }
    }
}

/// A server of the user postgres, reached through its socket only.
final class LocalPostgres {
    /// pg_ctl(1) of the first version that is there.
    private static let control = FileManager.default.enumerator(atPath: "/usr/lib/postgresql").flatMap { found in
        found.compactMap { $0 as? String }.first { $0.hasSuffix("bin/pg_ctl") }.map { "/usr/lib/postgresql/\($0)" }
    }
    static var isThere: Bool { geteuid() == 0 && control != nil }

    /// Starts one, and stops it whatever happens.
    static func with(_ body: (PostgresTarget) async throws -> Void) async throws {
        let server = try await LocalPostgres()
        do {
            try await body(server.target)
        } catch {
            try? await server.stop()
            throw error
        }
        try await server.stop()
    }

    private let control: String
    private let directory: URL
    private let target: PostgresTarget

    private init() async throws {
        control = try #require(Self.control)
        directory = FileManager.default.temporaryDirectory.appending(path: "pgha-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        target = PostgresTarget(
            host: directory.path, port: 5432, user: "postgres", password: "", database: "postgres")
        try await Self.run("/bin/chown", ["postgres", directory.path])
        try await run("initdb", "-o", "--auth=trust --no-sync")
        try await run("start", "-w", "-l", "\(directory.path)/log", "-o", "-k \(directory.path) -c listen_addresses=")
    }

    private func stop() async throws {
        try await run("stop", "-m", "immediate")
        try FileManager.default.removeItem(at: directory)
    }

    private func run(_ arguments: String...) async throws {
        try await Self.run(
            "/usr/sbin/runuser", ["-u", "postgres", "--", control, "-D", "\(directory.path)/data"] + arguments)
    }

    private static func run(_ program: String, _ arguments: [String]) async throws {
        let result = try await LinuxCommandRunner().run(Command(program, arguments, timeLimit: .seconds(120)))
        try #require(result.status == 0, "\(program) \(arguments.joined(separator: " ")): \(result.errors)")
    }
}
