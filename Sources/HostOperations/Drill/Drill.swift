import ClusterModel
import Decisions
import HostPorts

/// Breaks the cluster on purpose, watches it mend itself, and measures what clients feel.
package struct Drill: Sendable {
    package struct Options: Sendable {
        package var target: RoleName?
        /// Until the fault is healed; nil for what the kind has.
        package var seconds: Int?
        /// How long the cluster may take to be as before.
        package var limit: Duration
        package var person: String
        package var version: String
        /// Told just before it happens, so that the journal says who does it.
        package var announce: @Sendable (Intent) -> Void = { _ in }

        package init(target: RoleName?, seconds: Int?, limit: Duration, person: String, version: String) {
            self.target = target
            self.seconds = seconds
            self.limit = limit
            self.person = person
            self.version = version
        }
    }

    /// What will be done, before anything is.
    package struct Intent: Equatable, Sendable {
        package var kind: DrillKind
        package var target: RoleName
        /// Where that is.
        package var host: ClusterHost
        /// Through whose HAProxy the clients write.
        package var entry: ClusterHost
        /// 0 where nothing has to be healed.
        package var seconds: Int
    }

    private let measurement: Measurement

    /// Of the same cluster, from the same host.
    package init(_ measurement: Measurement) { self.measurement = measurement }

    private var machine: Machine { measurement.machine }
    private var cluster: Cluster { measurement.cluster }
    private var host: ClusterHost { measurement.host }

    private var reader: ClusterReader { ClusterReader(machine: machine, cluster: cluster) }
    private var question: PeerQuestion {
        PeerQuestion(machine: machine, peers: measurement.peers, port: cluster.ports.agentPeers)
    }

    /// Throws `.preflightFailed` if the cluster is not healthy enough to be broken, `.usage` for what makes no sense.
    package func intent(_ kind: DrillKind, _ options: Options) async throws(NodeFailure) -> Intent {
        guard cluster.drill.isAllowed else {
            throw NodeFailure(
                .preflightFailed, "drills are not allowed",
                hint: "Set drill.allowed in cluster.yml of every host, and run \"pgha-node apply\" there.")
        }
        let complaints = await complaints()
        guard complaints.isEmpty else {
            throw NodeFailure(
                .preflightFailed, "the cluster is not healthy enough to be broken",
                detail: complaints.joined(separator: "; ") + ".", hint: "Run \"pgha-node health\" and \"pgha-node ps\"."
            )
        }
        let (target, place) = try await place(of: kind, options.target)
        if kind.needsOtherHost, place.name == host.name {
            throw NodeFailure(
                .usage, "this host cannot watch its own loss",
                hint: "Run it on \(cluster.hosts.first { $0.name != host.name }?.name ?? "another host").")
        }
        guard let entry = entry(for: kind, place) else {
            throw NodeFailure(.usage, "there is no other HAProxy through which clients could write meanwhile")
        }
        let seconds = kind.lasts ? options.seconds ?? kind.standardSeconds(in: cluster) : 0
        return Intent(kind: kind, target: target, host: place, entry: entry, seconds: seconds)
    }

    private func place(of kind: DrillKind, _ wanted: RoleName?) async throws(NodeFailure) -> (RoleName, ClusterHost) {
        let service = kind.service ?? .patroni
        if let wanted {
            guard let found = cluster.placement(of: wanted), found.assignment.services.contains(service) else {
                throw NodeFailure(
                    .notFound, "\(wanted) has no \(service.rawValue)",
                    hint:
                        "Those that have: \(cluster.placements(of: service).map(\.role.text).joined(separator: ", ")).")
            }
            return (wanted, found.host)
        }
        let leader = await reader.sight().leader?.role
        let onLeader = leader.flatMap { cluster.placement(of: $0) }
        let all = cluster.placements(of: service)
        // The clients' own entry point for HAProxy; otherwise what is nearest to the leader.
        let wish = kind == .haproxy ? host.name : onLeader?.host.name
        guard let found = all.first(where: { $0.host.name == wish }) ?? all.first else {
            throw NodeFailure(.notFound, "there is no \(service.rawValue) in this cluster")
        }
        return (found.role, found.host)
    }

    /// This host's own entry point, unless it is broken with its host.
    private func entry(for kind: DrillKind, _ place: ClusterHost) -> ClusterHost? {
        let all = cluster.placements(of: .haproxy).map(\.host)
        if kind == .haproxy { return place }
        let usable = all.filter { !kind.needsOtherHost || $0.name != place.name }
        return usable.first { $0.name == host.name } ?? usable.first
    }

    /// What is not as it should be; each agent speaks for all of its host.
    private func complaints() async -> [String] {
        let judgement = await reader.sight().judgement(of: cluster)
        var found = judgement.isHealthy ? [] : [judgement.text]
        for each in cluster.hosts {
            do throws(NodeFailure) {
                let answer = try await question.ask("/ready", each, within: .seconds(3))
                if answer.status != 200 {
                    found.append("\(each.name) is not ready: \(answer.body.prefix { $0 != "\n" })")
                }
            } catch {
                found.append("the agent of \(each.name) does not answer")
            }
        }
        return found
    }

    package func run(
        _ intent: Intent, _ options: Options
    ) async throws(NodeFailure) -> (report: DrillReport, incidents: [Incident]) {
        let subject = Measurement.Subject(
            kind: intent.kind.rawValue, target: intent.target.text, person: options.person, version: options.version,
            limit: intent.kind.limit(in: cluster))
        return try await measurement.around(subject, through: intent.entry, awaitsRecovery: true) {
            () async throws(NodeFailure) in try await runUnmeasured(intent, options)
        }
    }

    /// Without clients: the seconds until the cluster was as before; nil if it was not in time.
    package func runUnmeasured(_ intent: Intent, _ options: Options) async throws(NodeFailure) -> Double? {
        let elapsed = machine.clock.stopwatch()
        try await breakIt(intent, options)
        try await wait(.seconds(intent.seconds + 3))
        return try await untilHealthy(elapsed, options.limit + .seconds(intent.seconds))
    }

    private func breakIt(_ intent: Intent, _ options: Options) async throws(NodeFailure) {
        let span = intent.seconds > 0 ? " for \(TimeSpan.text(ofSeconds: intent.seconds))" : ""
        measurement.notify("\(intent.kind.rawValue) of \(intent.target) on \(intent.host.name)\(span)")
        options.announce(intent)
        if intent.kind == .switchover {
            _ = try await LeaderSwitch(
                machine: machine, cluster: cluster, secrets: measurement.secrets, notify: measurement.notify
            )
            .run(.switchover(to: nil), within: options.limit)
            return
        }
        let order = DrillOrder(kind: intent.kind, role: intent.target, seconds: intent.seconds)
        try await question.order(order.path, intent.host, within: .seconds(5))
    }

    private func wait(_ duration: Duration) async throws(NodeFailure) {
        do {
            try await machine.clock.sleep(for: duration)
        } catch {
            throw NodeFailure(
                .interrupted, "interrupted while the drill is on",
                hint: "What is broken is mended by a timer of its host, pgha-drill-cure.")
        }
    }

    /// nil if it did not come in time; the reasons are said.
    private func untilHealthy(
        _ elapsed: @Sendable () -> Duration, _ limit: Duration
    ) async throws(NodeFailure) -> Double? {
        var said: [String] = []
        while true {
            let complaints = await complaints()
            if complaints.isEmpty { return elapsed().seconds }
            if complaints != said {
                measurement.notify("waiting for the cluster to be as before: \(complaints.joined(separator: "; "))")
            }
            said = complaints
            if elapsed() > limit { return nil }
            try await wait(.milliseconds(500))
        }
    }
}
