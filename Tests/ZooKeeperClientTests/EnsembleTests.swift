import ClusterModel
import Foundation
import HostPorts
import Testing

@testable import ZooKeeperClient

/// The client against three real servers, which are killed, stopped and left without a quorum.
@Suite(
    .serialized, .enabled(if: Ensemble.isThere, "needs libzookeeper-java and a Java; Tests/run as root installs them"))
struct EnsembleTests {
    /// For one call: a machine that compiles and runs clusters besides has taken more than five seconds.
    private static let patience = Duration.seconds(60)

    private static func session(
        _ ensemble: Ensemble, timeout: Duration = .seconds(6), root: String = "/"
    ) -> ZooKeeperSession {
        ZooKeeperSession(
            servers: ensemble.ports.map { .init(host: "127.0.0.1", port: $0) }, timeout: timeout, root: root)
    }

    /// An ensemble and a session with it; both are ended.
    private static func run(_ work: (Ensemble, ZooKeeperSession) async throws -> Void) async throws {
        let ensemble = try Ensemble()
        defer { ensemble.end() }
        let session = session(ensemble)
        try await eventually { try await session.create("/pgha/begin", data: [], within: .seconds(2)) }
        do {
            try await work(ensemble, session)
        } catch {
            await session.close()
            throw error
        }
        await session.close()
    }

    /// Until it does not throw any more; a call whose outcome is unknown may have been done.
    @discardableResult
    private static func eventually<Value: Sendable>(_ work: () async throws -> Value) async throws -> Value {
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            do {
                return try await work()
            } catch {
                guard ContinuousClock.now < deadline else { throw error }
                try await Task.sleep(for: .milliseconds(100))
            }
        }
    }

    private struct NotYet: Error {}

    private static func found(_ node: CoordinationNode?) throws -> CoordinationNode {
        guard let node else { throw NotYet() }
        return node
    }

    private static func node(_ path: String, _ session: ZooKeeperSession) async throws -> CoordinationNode? {
        try await session.node(at: path, isFresh: true, within: Self.patience)
    }

    @Test func `transactions are done as a whole or not at all, and show what they have set`() async throws {
        try await Self.run { _, session in
            let created = try await session.create("/a/b/key", data: [1], within: Self.patience)
            let again = try await session.create("/a/b/key", data: [2], within: Self.patience)
            #expect(created && !again)
            try await session.create("/a/marks", data: [], within: Self.patience)
            let key = try #require(try await Self.node("/a/b/key", session))
            #expect(key.data == [1] && key.version == 0 && key.owner == 0)

            let marked = try await session.transaction(
                [
                    .set(CoordinationGuard(path: "/a/b/key", version: 0), data: [1]),
                    .set(CoordinationGuard(path: "/a/marks", version: 0), data: []),
                ], within: Self.patience)
            #expect(marked?.map { $0?.version } == [1, 1])
            #expect(marked?.first??.created == key.created)

            // The version of before, a node that is not there, and a node with others below it.
            for steps: [CoordinationStep] in [
                [
                    .check(CoordinationGuard(path: "/a/marks", version: 0)),
                    .delete(CoordinationGuard(path: "/a/b/key", version: 1)),
                ],
                [
                    .delete(CoordinationGuard(path: "/a/b/key", version: 1)),
                    .check(CoordinationGuard(path: "/none", version: 0)),
                ],
                [.delete(CoordinationGuard(path: "/a/b", version: 0))],
            ] {
                let result = try await session.transaction(steps, within: Self.patience)
                #expect(result == nil)
            }
            let still = try await Self.node("/a/b/key", session)
            #expect(still?.version == 1)
            let done = try await session.transaction(
                [
                    .check(CoordinationGuard(path: "/a/marks", version: 1)),
                    .delete(CoordinationGuard(path: "/a/b/key", version: 1)),
                ],
                within: Self.patience)
            #expect(done != nil)
            let gone = try await Self.node("/a/b/key", session)
            #expect(gone == nil)
            let children = try await session.children(of: "/a", within: Self.patience)
            #expect(children?.sorted() == ["b", "marks"])
        }
    }

    enum Fault: String, CaseIterable { case killed, stopped }

    @Test func `a session with a root lives below it and speaks of paths without it`() async throws {
        try await Self.run { ensemble, whole in
            let rooted = Self.session(ensemble, root: "/shop/east/")
            let seen = Versions()
            let watch = Task {
                for await event in rooted.events(of: "/key") where event == .mayHaveChanged {
                    if let node = try? await Self.node("/key", rooted) { await seen.add(node.version) }
                }
            }
            defer { watch.cancel() }
            let created = try await Self.eventually {
                try await rooted.create("/key", data: [1], within: Self.patience)
            }
            #expect(created)
            let outside = try await Self.node("/key", whole)
            #expect(outside == nil)
            let children = try await whole.children(of: "/shop/east", within: Self.patience)
            #expect(children == ["key"])
            let top = try await rooted.children(of: "/", within: Self.patience)
            #expect(top == ["key"])

            let key = CoordinationGuard(path: "/key", version: 0)
            let set = try await rooted.transaction([.check(key), .set(key, data: [2])], within: Self.patience)
            #expect(set?.map { $0?.version } == [nil, 1])
            let inside = try await Self.node("/shop/east/key", whole)
            #expect(inside?.data == [2])
            try await Self.eventually { guard await seen.newest == 1 else { throw NotYet() } }
            await rooted.close()
        }
    }

    @Test(arguments: Fault.allCases)
    func `whichever server is lost, calls and watches go on`(fault: Fault) async throws {
        try await Self.run { ensemble, session in
            let other = Self.session(ensemble)
            let seen = Versions()
            let watch = Task {
                for await event in session.events(of: "/pgha/begin") where event == .mayHaveChanged {
                    if let node = try? await Self.node("/pgha/begin", session) { await seen.add(node.version) }
                }
            }
            for number in 0..<3 {
                switch fault {
                case .killed: ensemble.kill9(number)
                case .stopped: ensemble.signal(SIGSTOP, to: number)
                }
                let before = try await Self.eventually {
                    try Self.found(try await Self.node("/pgha/begin", session))
                }
                let changed = try await Self.eventually {
                    let now = try Self.found(try await Self.node("/pgha/begin", other))
                    _ = try await other.transaction(
                        [.set(CoordinationGuard(path: "/pgha/begin", version: now.version), data: [])],
                        within: Self.patience)
                    let after = try Self.found(try await Self.node("/pgha/begin", other))
                    guard after.version > before.version else { throw NotYet() }
                    return after.version
                }
                try await Self.eventually { if await seen.newest < changed { throw NotYet() } }
                switch fault {
                case .killed: try ensemble.start(number)
                case .stopped: ensemble.signal(SIGCONT, to: number)
                }
                // The next one must not take the quorum.
                try await Task.sleep(for: .seconds(3))
            }
            watch.cancel()
            await other.close()
        }
    }

    @Test func `a server without a quorum is not believed, and a session that has ended is followed by a new one`()
        async throws
    {
        try await Self.run { ensemble, session in
            for number in 1..<3 { ensemble.kill9(number) }
            try await Task.sleep(for: .seconds(8))
            let failure = await #expect(throws: NodeFailure.self) {
                _ = try await session.node(at: "/pgha/begin", isFresh: false, within: .seconds(1))
            }
            #expect(failure?.code == .unreachable)
            for number in 1..<3 { try ensemble.start(number) }
            let node = try await Self.eventually { try await Self.node("/pgha/begin", session) }
            #expect(node != nil)
        }
    }
}

private actor Versions {
    private(set) var newest: Int32 = -1
    func add(_ version: Int32) { newest = max(newest, version) }
}
