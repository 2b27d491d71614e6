import ClusterModel
import Decisions
import Testing

@Suite struct PreflightDataTests {
    private var fixture = PreflightFixture()

    @Test(
        arguments: [
            (512, 102_400, .failed), (2048, 10_240, .warning), (8192, 102_400, .warning), (10_240, 102_400, .ok),
            (5120, 20_480, .ok),
        ] as [(Int64, Int64, PreflightVerdict)])
    mutating func `weighs the free space`(free: Int64, total: Int64, verdict: PreflightVerdict) throws {
        fixture.facts.volumes = [.init(path: "/var/lib/pgha/pg1", free: free << 20, total: total << 20)]

        #expect(try fixture.finding(.diskSpace).verdict == verdict)
    }

    @Test mutating func `shows the tightest of several disks`() throws {
        fixture.facts.volumes.append(.init(path: "/data/pg2", free: 3 << 30, total: 10 << 30))

        #expect(try fixture.finding(.diskSpace).finding == "3.0 GiB of 10.0 GiB free for /data/pg2")
    }

    @Test(
        arguments: [
            (Duration.milliseconds(20), PreflightVerdict.ok), (.milliseconds(21), .warning),
            (.milliseconds(200), .warning), (.milliseconds(201), .failed),
        ] as [(Duration, PreflightVerdict)])
    mutating func `weighs the disk's latency`(latency: Duration, verdict: PreflightVerdict) throws {
        fixture.facts.volumes[0].syncLatency = latency

        #expect(try fixture.finding(.fsyncLatency).verdict == verdict)
    }

    @Test mutating func `says what a slow disk means`() throws {
        fixture.facts.volumes[0].syncLatency = .microseconds(33_260)

        let finding = try fixture.finding(.fsyncLatency)
        #expect(finding.finding == "a synced write takes 33.2 ms in /var/lib/pgha/pg1")
        #expect(finding.hint?.contains("ZooKeeper") == true)
        #expect(finding.hint?.contains("commit") == true)
    }

    @Test mutating func `stops before data it did not make`() throws {
        fixture.facts.dataDirectories[0].isOurs = false
        fixture.facts.dataDirectories.append(
            .init(role: .member(1), service: .zookeeper, path: "/var/lib/pgha/pg1/zookeeper", isEmpty: false))

        let finding = try fixture.finding(.leftovers)
        #expect(finding.verdict == .failed)
        #expect(
            finding.finding == "data that this installation did not make: "
                + "/var/lib/pgha/pg1/postgresql, /var/lib/pgha/pg1/zookeeper")
        #expect(finding.hint?.contains("mv /var/lib/pgha/pg1/zookeeper /var/lib/pgha/pg1/zookeeper.old") == true)
        #expect(finding.hint?.contains("--waive leftovers") == true)
    }

    @Test mutating func `stops on a host of another cluster, whatever data is there`() throws {
        fixture.facts.installedCluster = "other"

        let finding = try fixture.finding(.leftovers)
        #expect(finding.verdict == .failed)
        #expect(finding.finding == "this host was installed for the cluster \"other\", not \"\(fixture.cluster.name)\"")
        #expect(finding.hint?.contains("pgha-node uninstall --purge --confirm other") == true)

        fixture.facts.installedCluster = fixture.cluster.name
        #expect(try fixture.finding(.leftovers).verdict == .ok)
    }

    @Test mutating func `does not mind directories that are empty`() throws {
        fixture.facts.dataDirectories = [.init(role: .member(1), service: .patroni, path: "/x")]

        #expect(try fixture.finding(.leftovers) == PreflightFinding(.leftovers, .ok, "the data directories are empty"))
    }

    @Test mutating func `stops before data of another major version, ours or not`() throws {
        fixture.cluster.postgres.version = 17

        let finding = try fixture.finding(.leftovers)
        #expect(finding.verdict == .failed)
        #expect(
            finding.finding
                == "/var/lib/pgha/pg1/postgresql holds data of PostgreSQL 15, and cluster.yml says 17")
    }

    @Test mutating func `fails for a foreign unit that runs and warns of one that would`() throws {
        fixture.facts.foreignUnits = [.init(name: "haproxy.service", isActive: false, isEnabled: true)]
        let warning = try fixture.finding(.foreignUnits)
        #expect(warning.verdict == .warning)
        #expect(warning.finding == "haproxy.service is enabled")

        fixture.facts.foreignUnits?.append(.init(name: "patroni.service", isActive: true, isEnabled: true))
        let failure = try fixture.finding(.foreignUnits)
        #expect(failure.verdict == .failed)
        #expect(failure.finding == "patroni.service is active, haproxy.service is enabled")
        #expect(failure.hint?.contains("systemctl disable --now patroni.service\"") == true)
    }

    @Test mutating func `names the distribution's own clusters`() throws {
        fixture.facts.distributionClusters = [.init(name: "15/main", isRunning: false)]
        #expect(
            try fixture.finding(.foreignUnits).finding == "PostgreSQL cluster 15/main exists")
        #expect(try fixture.finding(.foreignUnits).verdict == .warning)

        fixture.facts.distributionClusters = [.init(name: "15/main", isRunning: true)]
        let failure = try fixture.finding(.foreignUnits)
        #expect(failure.verdict == .failed)
        #expect(failure.hint?.contains("systemctl disable --now postgresql@15-main.service") == true)
    }

    @Test mutating func `gives the lines that keep upgrades away from the services`() throws {
        fixture.facts.upgrades.isUnattended = true
        fixture.facts.upgrades.restartsServices = true

        let finding = try fixture.finding(.automaticUpgrades)
        #expect(finding.verdict == .warning)
        #expect(finding.hint?.contains("$nrconf{override_rc}{qr(^pgha-)} = 0;") == true)
        #expect(finding.hint?.contains("/etc/needrestart/conf.d/pgha.conf") == true)
        #expect(finding.hint?.contains("/etc/apt/apt.conf.d/52pgha") == true)
    }

    @Test mutating func `is content when upgrades are told to leave the services alone`() throws {
        fixture.facts.upgrades.isUnattended = true
        fixture.facts.upgrades.leavesComponentsAlone = true
        fixture.facts.upgrades.restartsServices = true
        fixture.facts.upgrades.leavesUnitsAlone = true

        #expect(try fixture.finding(.automaticUpgrades).verdict == .ok)
    }
}
