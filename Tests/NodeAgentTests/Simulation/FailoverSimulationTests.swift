import ClusterModel
import Foundation
import HostFakes
import HostPorts
import SeededRandom
import Testing

@testable import NodeAgent

/// Thousands of schedules of what may come between two calls of the agent, with the agent's own code.
///
/// `PGHA_SEED=n` runs one of them; `PGHA_SCHEDULES=n` another number. A failure prints the seed and what happened.
@Suite struct FailoverSimulationTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let schedules = environment["PGHA_SCHEDULES"].flatMap { UInt64($0) } ?? 3000

    private static func seeds(_ count: UInt64) -> ClosedRange<UInt64> {
        if let seed = environment["PGHA_SEED"].flatMap({ UInt64($0) }) { return seed...seed }
        return 1...count
    }

    private static func run(
        _ seed: UInt64, _ blindness: SimulatedWorld.Blindness = SimulatedWorld.Blindness()
    ) async throws -> SimulatedWorld {
        let fixture = try AgentFixture()
        let world = SimulatedWorld(seed: seed, fake: fixture.fake, blindness: blindness)
        fixture.fake.services.onKill { $0 = world.fenced() }
        let keeper = MemberKeeper(context: fixture.context(with: world), board: fixture.board, role: .member(1))
        var random = SplitMix(state: seed &* 31)
        switch Int.random(in: 0..<5, using: &random) {
        case 0:
            world.end(cleanly: true, isAsked: true)
            await keeper.postmasterEnded()
        case 3:
            // A restart through Patroni.
            world.end(cleanly: true)
            await keeper.postmasterEnded()
        case 1:
            world.end(cleanly: false, patroniDies: true)
            await keeper.postmasterEnded()
        case 2:
            world.end(cleanly: false)
            await keeper.postmasterEnded()
        default:
            _ = await keeper.replaceHung(after: .milliseconds(1500))
        }
        return world
    }

    @Test func `no schedule makes the agent delete another leader's key, or that of a leader that takes writes`()
        async throws
    {
        var releases = 0
        for seed in Self.seeds(Self.schedules) {
            let world = try await Self.run(seed)
            releases += world.releases
            #expect(
                world.violations.isEmpty,
                "PGHA_SEED=\(seed): \(world.violations)\n\(world.history.joined(separator: "\n"))")
            if !world.violations.isEmpty { return }
        }
        // Doing nothing at all would be safe as well.
        if Self.environment["PGHA_SEED"] == nil { #expect(releases > Int(Self.schedules) / 3) }
    }

    @Test(arguments: ["versions", "marks", "members", "processes"])
    func `without one of the rules a schedule is found that breaks it`(rule: String) async throws {
        var blindness = SimulatedWorld.Blindness()
        switch rule {
        case "versions": blindness.ignoresVersions = true
        case "marks": blindness.ignoresMarks = true
        case "members": blindness.ignoresMembers = true
        default: blindness.hidesProcesses = true
        }
        var seed: UInt64 = 0
        var found = false
        while !found, seed < 40_000 {
            seed += 1
            found = try await !Self.run(seed, blindness).violations.isEmpty
        }
        #expect(found, "40,000 schedules without \(rule), and nothing was broken")
    }
}
