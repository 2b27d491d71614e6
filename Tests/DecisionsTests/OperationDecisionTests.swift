import ClusterModel
import Decisions
import Testing

@Suite struct RestartOrderTests {
    @Test func `replicas come first, then one switchover, then the old leader, and HAProxy last`() throws {
        let cluster = PlanLayout.oneHost.cluster
        let host = try #require(cluster.hosts.first)
        let steps = RestartOrder.steps(for: host.placedServices, leader: .member(2), in: cluster)
        #expect(
            steps == [
                .restart(PlacedService(.zookeeper, of: .zookeeper)), .restart(PlacedService(.patroni, of: .member(1))),
                .restart(PlacedService(.patroni, of: .member(3))), .handOver(.member(2)),
                .restart(PlacedService(.patroni, of: .member(2))), .restart(PlacedService(.haproxy, of: .haproxy)),
            ])
    }

    @Test func `nobody hands over where the leader is on another host, or alone`() throws {
        var cluster = PlanLayout.threeHosts.cluster
        let host = try #require(cluster.hosts.first)
        let elsewhere = RestartOrder.steps(for: host.placedServices, leader: .member(2), in: cluster)
        #expect(elsewhere == host.placedServices.map(RestartOrder.Step.restart))
        cluster.hosts = [host]
        let alone = RestartOrder.steps(for: host.placedServices, leader: .member(1), in: cluster)
        #expect(alone == host.placedServices.map(RestartOrder.Step.restart))
    }
}

@Suite struct FreezeGuardTests {
    private static let unit = UnitName("pgha-patroni@pg1.service")

    @Test func `a host without a freezer is told the way out, forced or not`() {
        let facts = [
            FreezeGuard.Facts(unit: Self.unit, canFreeze: true), FreezeGuard.Facts(unit: Self.unit, canFreeze: false),
        ]
        let refusal = FreezeGuard.refusal(of: facts, expectsReset: true)
        #expect(refusal?.code == .serviceFailed)
        #expect(refusal?.detail?.hasSuffix("Nothing was frozen.") == true)
        #expect(refusal?.hint?.contains("systemd.unified_cgroup_hierarchy=1") == true)
    }

    @Test func `a watchdog is refused unless its reset is expected`() {
        let device = FreezeGuard.Facts(unit: Self.unit, canFreeze: true, device: "/dev/watchdog0")
        #expect(FreezeGuard.refusal(of: [device], expectsReset: false)?.detail?.contains("\"/dev/watchdog0\"") == true)
        #expect(FreezeGuard.refusal(of: [device], expectsReset: true) == nil)
        let systemd = FreezeGuard.Facts(unit: Self.unit, canFreeze: true, watchdogSeconds: 30)
        #expect(FreezeGuard.refusal(of: [systemd], expectsReset: false)?.detail?.contains("30 s") == true)
        #expect(FreezeGuard.refusal(of: [systemd], expectsReset: true) == nil)
    }

    @Test func `nothing is in the way of an ordinary unit`() {
        #expect(FreezeGuard.refusal(of: [.init(unit: Self.unit, canFreeze: true)], expectsReset: false) == nil)
    }
}

@Suite struct TimeSpanTests {
    @Test(arguments: [
        ("90", 90), ("60s", 60), ("5min", 300), ("5m", 300), ("1h", 3600), ("1h 30m", 5400), ("2 days", 172_800),
        ("1h30min15s", 5415),
    ])
    func `reads a length of time as systemd does`(text: String, seconds: Int) {
        #expect(TimeSpan.seconds(text) == seconds)
    }

    @Test(arguments: ["", "0", "0s", "-5", "min", "5 parsecs", "1.5h", "99999999999999999999", "5min x"])
    func `refuses what is none`(text: String) {
        #expect(TimeSpan.seconds(text) == nil)
    }
}
