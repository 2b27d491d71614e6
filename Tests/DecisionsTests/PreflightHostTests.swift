import ClusterModel
import Decisions
import Testing

@Suite struct PreflightHostTests {
    private var fixture = PreflightFixture()

    @Test mutating func `needs root`() throws {
        fixture.facts.userID = 1000

        #expect(
            try fixture.finding(.root)
                == PreflightFinding(
                    .root, .failed, "runs as user 1000", hint: "Run the same command with sudo."))
    }

    @Test(
        arguments: [
            ("sh", "252", PreflightVerdict.failed, "PID 1 is \"sh\", not systemd"),
            ("systemd", nil, .failed, "systemd did not answer on the system bus"),
            ("systemd", "246", .failed, "systemd is version 246, and 247 is the oldest that will do"),
            ("systemd", "247.3-7+deb11u4", .ok, "systemd 247 is PID 1"),
            ("systemd", "v", .failed, "systemd did not answer on the system bus"),
        ] as [(String, String?, PreflightVerdict, String)])
    mutating func `needs a systemd that is new enough`(
        process: String, version: String?, verdict: PreflightVerdict, text: String
    ) throws {
        fixture.facts.initProcess = process
        fixture.facts.systemdVersion = version

        let finding = try fixture.finding(.systemd)
        #expect(finding.verdict == verdict)
        #expect(finding.finding == text)
    }

    @Test mutating func `needs control groups of version 2 with a freezer`() throws {
        fixture.facts.hasFreezer = false
        #expect(try fixture.finding(.cgroupV2).finding == "control groups have no freezer (there is no cgroup.freeze)")

        fixture.facts.hasUnifiedControlGroups = false
        let finding = try fixture.finding(.cgroupV2)
        #expect(finding.verdict == .failed)
        #expect(finding.finding.contains("/sys/fs/cgroup/cgroup.controllers"))
    }

    @Test(arguments: [
        ("debian", "12", PreflightVerdict.ok), ("debian", "13", .warning), ("debian", "", .warning),
        ("ubuntu", "24.04", .warning), ("rocky", "9", .failed),
    ])
    mutating func `knows the distributions`(id: String, version: String, verdict: PreflightVerdict) throws {
        fixture.facts.distribution = .init(id: id, version: version, name: "name")

        #expect(try fixture.finding(.distribution).verdict == verdict)
    }

    @Test mutating func `fails where there is no os-release`() throws {
        fixture.facts.distribution = nil

        #expect(try fixture.finding(.distribution).verdict == .failed)
    }

    @Test(arguments: [("aarch64", PreflightVerdict.ok), ("riscv64", .failed), ("", .failed)])
    mutating func `knows the processors`(architecture: String, verdict: PreflightVerdict) throws {
        fixture.facts.architecture = architecture

        #expect(try fixture.finding(.architecture).verdict == verdict)
    }

    @Test mutating func `warns of a clock that no service keeps`() throws {
        fixture.facts.isClockSynchronised = false

        #expect(try fixture.finding(.timeSync).verdict == .warning)
    }

    @Test(
        arguments: [
            (Int64(512), PreflightVerdict.failed), (960, .warning), (1024, .warning), (1900, .ok), (8192, .ok),
        ] as [(Int64, PreflightVerdict)])
    mutating func `weighs the memory for one member`(mebibytes: Int64, verdict: PreflightVerdict) throws {
        fixture.facts.memory = mebibytes << 20

        #expect(try fixture.finding(.memory).verdict == verdict)
    }

    @Test mutating func `wants more memory for more roles on a host`() throws {
        fixture.facts.memory = 1024 << 20
        fixture.host.roles = (1...3).map { RoleAssignment(role: .member($0), services: [.zookeeper, .patroni]) }

        let finding = try fixture.finding(.memory)
        #expect(finding.verdict == .failed)
        #expect(finding.finding == "1.0 GiB of memory, and at least 1.8 GiB is needed")
    }

    @Test(
        arguments: [
            (false, 60, PreflightVerdict.ok), (true, 1, .ok), (true, 10, .ok), (true, 11, .warning),
            (true, nil, .skipped),
        ] as [(Bool, Int?, PreflightVerdict)])
    mutating func `warns of early swapping`(hasSwap: Bool, swappiness: Int?, verdict: PreflightVerdict) throws {
        fixture.facts.hasSwap = hasSwap
        fixture.facts.swappiness = swappiness

        #expect(try fixture.finding(.swap).verdict == verdict)
    }

    @Test(
        arguments: [
            ("[always] madvise never", PreflightVerdict.warning), ("always [madvise] never", .ok),
            ("always madvise [never]", .ok), (nil, .ok),
        ] as [(String?, PreflightVerdict)])
    mutating func `warns of forced huge pages`(line: String?, verdict: PreflightVerdict) throws {
        fixture.facts.transparentHugePages = line

        #expect(try fixture.finding(.transparentHugePages).verdict == verdict)
    }

    @Test(
        arguments: [(0, PreflightVerdict.ok), (1, .warning), (2, .ok), (nil, .skipped)] as [(Int?, PreflightVerdict)])
    mutating func `warns of memory promised without limit`(value: Int?, verdict: PreflightVerdict) throws {
        fixture.facts.overcommitMemory = value

        #expect(try fixture.finding(.overcommit).verdict == verdict)
    }

    @Test mutating func `skips what could not be read`() throws {
        fixture.facts.memory = nil
        fixture.facts.listeners = nil
        fixture.facts.foreignUnits = nil
        fixture.facts.volumes = []

        for check in [PreflightCheck.memory, .ports, .foreignUnits, .diskSpace, .fsyncLatency] {
            #expect(try fixture.finding(check).verdict == .skipped)
        }
    }
}
