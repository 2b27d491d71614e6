import HostOperations

/// What one look at the services of this host gave, in the words of STATUS=.
package struct HostLook: Equatable, Sendable {
    package private(set) var status: HostStatus?
    /// What is missing, one clause each.
    package private(set) var missing: [String]
    /// What is as it should be, one clause each.
    private var present: [String]

    init(missing: String) {
        self.missing = [missing]
        self.present = []
    }

    init(of status: HostStatus) {
        self.status = status
        missing = []
        present = []
        for service in status.services {
            let position = service.position.map { " \($0)" } ?? ""
            let name = Self.name(of: service)
            guard service.isHealthy else {
                missing.append("\(name) is \(service.state)\(position.isEmpty ? "" : ",\(position)")")
                continue
            }
            let timeline = service.timeline.map { " on timeline \($0)" } ?? ""
            present.append("\(name):\(position)\(timeline)")
        }
        if status.maintenance?.isOn == true { present.append("maintenance is on, so nobody would take over") }
    }

    /// `isProgress`: another text than before means that something has moved.
    mutating func add(_ reason: String, isProgress: Bool = false) {
        missing.append(reason)
        if isProgress { moving.append(reason) }
    }

    private var moving: [String] = []

    package var isReady: Bool { missing.isEmpty }

    /// One line for a person: how things are, or what is missing and what to do next.
    package var text: String {
        if isReady { return present.joined(separator: "; ") }
        return "not ready: \(missing.joined(separator: "; ")); next: \(advice)"
    }

    private var advice: String {
        guard let service = status?.services.first(where: { !$0.isHealthy }) else { return "pgha-node health" }
        if service.state == "frozen" { return "pgha-node thaw \(Self.name(of: service))" }
        if service.activeSeconds == nil { return "pgha-node up" }
        return "pgha-node logs \(Self.name(of: service))"
    }

    private static func name(of service: ServiceStatus) -> String {
        service.service == "patroni" ? service.role : service.service
    }

    /// Another value than before means that something has moved: a state, a timeline, bytes that are missing.
    var progress: [String] {
        (status?.services ?? []).map { "\($0.unit) \($0.state) \($0.position ?? "") \($0.lagBytes ?? 0)" } + moving
    }
}
