import ClusterModel
import Decisions
import Testing

/// When a Patroni that says nothing counts as hung.
@Suite struct PatroniSilenceTests {
    @Test(arguments: [(30, 10), (20, 6), (60, 20)])
    func `a third of the lease, and never less than six seconds`(ttl: Int, limit: Int) {
        var cluster = PlanLayout.threeHosts.cluster
        cluster.patroni.ttl = ttl
        #expect(PatroniSilence.limit(in: cluster) == .seconds(limit))
        #expect(!PatroniSilence.isHang(.seconds(limit) - .milliseconds(1), in: cluster))
        #expect(PatroniSilence.isHang(.seconds(limit), in: cluster))
    }

    @Test func `a Patroni that is started anew has more than half of the lease left`() {
        for ttl in 20...120 {
            var cluster = PlanLayout.threeHosts.cluster
            cluster.patroni.ttl = ttl
            #expect(PatroniSilence.limit(in: cluster) * 2 < .seconds(ttl))
        }
    }
}
