import ClusterModel
import ConfigFiles
import Decisions
import GoldenFiles
import Testing

@Suite struct InstallPlannerTests {
    @Test(arguments: PlanLayout.allCases)
    func `plans the steps that were reviewed`(layout: PlanLayout) throws {
        // The second and the third member differ from the first by number only.
        let hosts = layout.cluster.hosts.filter { !["host2", "host3"].contains($0.name) }
        let plans = hosts.map { host in
            let steps = layout.steps(of: host).enumerated().map { "\($0 + 1). \($1.summary)\n" }
            return "\(host.name)\n" + steps.joined()
        }

        try Golden.expect(plans.joined(separator: "\n"), named: "\(layout.rawValue).txt")
    }

    @Test(arguments: PlanLayout.allCases)
    func `shuts every door for a package's own service before the packages come`(layout: PlanLayout) throws {
        for host in layout.cluster.hosts {
            let steps = layout.steps(of: host)
            let packages = try #require(steps.firstIndex { $0.isPackages })
            let doors = steps.indices.filter { steps[$0].isMask || steps[$0].path?.contains("createcluster.d") == true }
            #expect(doors.allSatisfy { $0 < packages })
            #expect(doors != [])
        }
    }

    @Test(arguments: PlanLayout.allCases)
    func `starts ZooKeeper before Patroni and Patroni before HAProxy, and the agent and the target last`(
        layout: PlanLayout
    ) throws {
        for host in layout.cluster.hosts {
            let steps = layout.steps(of: host)
            let started = steps.compactMap(\.startedUnit)
            let kinds = started.compactMap { unit in
                ServiceKind.allCases.firstIndex { unit.text.hasPrefix("pgha-\($0.rawValue)@") }
            }
            #expect(kinds == kinds.sorted())
            #expect(kinds.count == host.roles.flatMap(\.services).count)
            let begun = steps.compactMap { if case .begin(let unit, _) = $0 { unit } else { nil } }
            #expect(begun == [.agent, .target])
            #expect(steps.suffix(2).allSatisfy { if case .begin = $0 { true } else { false } })
        }
    }

    @Test func `takes Patroni from the distribution without an environment of its own`() {
        let steps = PlanLayout.distribution.steps(of: PlanLayout.distribution.cluster.hosts[0])

        #expect(steps.filter { if case .installPatroni = $0 { true } else { false } } == [])
        #expect(
            steps.contains(
                .installPackages([
                    "libzookeeper-java", "default-jre-headless", "postgresql-15", "patroni", "python3-kazoo",
                    "python3-psycopg2", "haproxy",
                ])))
        #expect(steps.contains { $0.check == .patroni(executable: "/usr/bin/patroni") })
    }

    @Test func `takes the pinned Patroni without the distribution's packages of it`() {
        let steps = PlanLayout.threeHosts.steps(of: PlanLayout.threeHosts.cluster.hosts[0])

        #expect(
            steps.contains(
                .installPackages([
                    "libzookeeper-java", "default-jre-headless", "postgresql-15", "python3-venv", "haproxy",
                ])))
        #expect(steps.contains { $0.check == .patroni(executable: "/opt/pgha/patroni/bin/patroni") })
    }

    @Test(arguments: PlanLayout.allCases)
    func `has everything in place before something needs it`(layout: PlanLayout) throws {
        for host in layout.cluster.hosts {
            let steps = layout.steps(of: host)
            let packages = try #require(steps.firstIndex { $0.isPackages })
            let units = try #require(steps.firstIndex { if case .writeUnits = $0 { true } else { false } })
            let enabling = try #require(steps.firstIndex { if case .enable = $0 { true } else { false } })
            let start = try #require(steps.firstIndex { $0.startedUnit != nil })
            #expect(packages < units && units < enabling && enabling < start)
            // Owners come with packages and sysusers, and a file is written only when its directory is there.
            for (index, step) in steps.enumerated() where step.owner.map({ $0 != "root" }) == true {
                #expect(index > packages)
            }
            #expect(steps.indices.filter { steps[$0].path?.hasPrefix("/etc/pgha/") == true }.allSatisfy { $0 < units })
        }
    }

    @Test(arguments: PlanLayout.allCases)
    func `tells each service of its own files only`(layout: PlanLayout) {
        for host in layout.cluster.hosts {
            for case .start(let unit, let fingerprint, let onChange, _) in layout.steps(of: host) where unit != .target
            {
                let role = unit.text.split(separator: "@")[1].prefix { $0 != "." }
                let paths = fingerprint.split(separator: " ")
                #expect(paths != [])
                #expect(paths.allSatisfy { $0.hasPrefix("/etc/pgha/\(role)/") })
                #expect(onChange == (unit.text.hasPrefix("pgha-zookeeper") ? .restart : .reload))
            }
        }
    }

    @Test func `plans every rendered file exactly once`() {
        for layout in PlanLayout.allCases {
            for host in layout.cluster.hosts {
                let paths = layout.steps(of: host).flatMap(\.paths)
                #expect(Set(paths).count == paths.count)
            }
        }
    }

    @Test func `has in a bundle what any layout needs`() {
        for layout in PlanLayout.allCases {
            let needed = ComponentPackages.names(for: Set(ServiceKind.allCases), of: layout.cluster)
            #expect(Set(needed).isSubset(of: ComponentPackages.all(postgresVersion: 15)))
        }
    }
}

extension InstallStep {
    fileprivate var isPackages: Bool { if case .installPackages = self { true } else { false } }
    fileprivate var isMask: Bool { if case .maskUnit = self { true } else { false } }

    fileprivate var startedUnit: UnitName? {
        if case .start(let unit, _, _, _) = self { unit } else { nil }
    }

    fileprivate var check: ConfigCheck? {
        if case .writeFile(_, let check) = self { check } else { nil }
    }

    /// Of a directory or a single file.
    fileprivate var owner: String? {
        switch self {
        case .makeDirectory(let directory): directory.owner
        case .writeFile(let file, _): file.owner
        default: nil
        }
    }

    fileprivate var path: String? {
        if case .writeFile(let file, _) = self { file.path } else { nil }
    }

    fileprivate var paths: [String] {
        switch self {
        case .writeFile(let file, _): [file.path]
        case .writeUnits(let files): files.map(\.path)
        default: []
        }
    }
}
