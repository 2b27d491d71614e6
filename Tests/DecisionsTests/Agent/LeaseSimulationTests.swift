import Decisions
import Foundation
import Testing

/// Thousands of schedules of what a network and agents may do to a short lease.
///
/// `PGHA_SEED=n` runs one of them; `PGHA_SCHEDULES=n` another number. A failure prints the seed and what happened.
@Suite struct LeaseSimulationTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let schedules = environment["PGHA_SCHEDULES"].flatMap { UInt64($0) } ?? 2000

    private static func run(_ seed: UInt64, _ plan: LeaseSimulation.Plan) -> LeaseSimulation {
        var simulation = LeaseSimulation(seed: seed, plan)
        simulation.run()
        return simulation
    }

    @Test(arguments: [3, 5]) func `no key is released while its PostgreSQL lives, whatever the network does`(
        hosts: Int
    ) {
        var releases = 0
        let seed = Self.environment["PGHA_SEED"].flatMap { UInt64($0) }
        for seed in seed.map({ $0...$0 }) ?? 1...Self.schedules {
            let world = Self.run(seed, LeaseSimulation.Plan(hosts: hosts))
            releases += world.releasedAt == nil ? 0 : 1
            #expect(
                world.violation == nil, "PGHA_SEED=\(seed): \(world.history.joined(separator: "\n"))")
            if world.violation != nil { return }
        }
        // Doing nothing at all would be safe as well.
        if seed == nil { #expect(releases > Int(Self.schedules) / 20, "\(releases)") }
    }

    @Test func `with a leader that waits too long a schedule is found that breaks it`() {
        let found = (1...Self.schedules).contains { seed in
            Self.run(seed, LeaseSimulation.Plan(limit: .milliseconds(4500))).violation != nil
        }
        #expect(found)
    }

    @Test func `a host that is lost is replaced within six seconds`() throws {
        for seed in 1...200 as ClosedRange<UInt64> {
            var plan = LeaseSimulation.Plan(delay: 0...20, cuts: false, witnessFaults: false)
            plan.lossOfHost = 200
            let world = Self.run(seed, plan)
            let released = try #require(world.releasedAt, "\(world.history)")
            #expect(released <= 200 + 120)
        }
    }

    @Test func `an hour of lost packets and half a second of delay ends nobody`() {
        let plan = LeaseSimulation.Plan(
            steps: 72_000, loss: 0.05, delay: 0...500, cuts: false, witnessFaults: false)
        let world = Self.run(1, plan)
        #expect(world.ends == 0 && world.isAlive && world.releasedAt == nil, "\(world.history)")
    }

    @Test func `a leader's agent that stops, and begins again, costs no leader`() {
        for seed in 1...200 as ClosedRange<UInt64> {
            let plan = LeaseSimulation.Plan(
                loss: 0, delay: 0...20, cuts: false, witnessFaults: false, leaderFaults: true)
            let world = Self.run(seed, plan)
            #expect(world.ends == 0 && world.releasedAt == nil, "\(world.history)")
        }
    }
}
