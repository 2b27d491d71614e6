import ClusterModel
import Decisions
import Foundation
import HostPorts

/// Whether Patroni is in maintenance mode, and until when.
package struct MaintenanceStatus: Codable, Equatable, Sendable {
    package var isOn: Bool
    /// Seconds since 1970; nil where it was not switched on by `pgha-node maintenance`.
    package var since: Int?
    /// Seconds since 1970 when a timer ends it; nil without an end.
    package var until: Int?
    /// The host that has the timer.
    package var host: String?

    package init(isOn: Bool) {
        self.isOn = isOn
    }

    /// e.g. `on since 2 min 3 s, ends in 27 min 57 s (timer on pg1)`.
    package func text(at now: Int) -> String {
        guard isOn else { return "off" }
        var text = "on"
        if let since { text += " since \(TimeSpan.text(ofSeconds: max(0, now - since)))" }
        guard let until else { return text + ", without an end" }
        let place = host.map { " (timer on \($0))" } ?? ""
        if until < now {
            return text + ", should have ended \(TimeSpan.text(ofSeconds: now - until)) ago: "
                + "the timer\(host.map { " on \($0)" } ?? "") is gone; run \"pgha-node maintenance off\""
        }
        return text + ", ends in \(TimeSpan.text(ofSeconds: until - now))\(place)"
    }
}

/// Patroni's maintenance mode (Patroni documentation, "Pause/Resume mode for the cluster") with an end.
///
/// When it began and ends stands beside `pause` in ZooKeeper, so that every host can tell; the timer is systemd's, on the
/// host that was asked, and outlives this program and its terminal.
package struct Maintenance: Sendable {
    static let timer = "pgha-maintenance-off"

    private let machine: Machine
    private let cluster: Cluster
    private let host: ClusterHost
    private let notify: @Sendable (String) -> Void

    package init(
        machine: Machine, cluster: Cluster, host: ClusterHost, notify: @escaping @Sendable (String) -> Void
    ) {
        self.machine = machine
        self.cluster = cluster
        self.host = host
        self.notify = notify
    }

    /// As the first member that answers has it.
    package func status() async throws(NodeFailure) -> MaintenanceStatus {
        try await firstAnswer { address, port throws(NodeFailure) in
            let configuration = try await machine.patroni.configuration(
                seenBy: address, port: port, within: .seconds(2))
            return Self.status(in: configuration)
        }
    }

    static func status(in configuration: [UInt8]) -> MaintenanceStatus {
        let document = try? JSONDecoder().decode(Settings.self, from: Data(configuration))
        var status = MaintenanceStatus(isOn: document?.pause ?? false)
        guard status.isOn, let ours = document?.ours else { return status }
        status.since = ours.since
        status.until = ours.until
        status.host = ours.host
        return status
    }

    /// Where it is on already, it goes on and gets the new end. `seconds` nil: until it is switched off; `limit` nil: without
    /// waiting for the members.
    package func begin(
        forSeconds seconds: Int?, command: [String], password: String, within limit: Duration?
    ) async throws(NodeFailure) -> MaintenanceStatus {
        let now = Int(machine.system.now())
        var wanted = MaintenanceStatus(isOn: true)
        let before = try await status()
        wanted.since = before.isOn ? before.since ?? now : now
        // Before the pause: one that is cut short here leaves a timer that switches off what is off.
        try await machine.services.stopTimer(Self.timer)
        if let seconds {
            wanted.until = now + seconds
            wanted.host = host.name
            try await machine.services.startTimer(
                TransientTimer(
                    name: Self.timer, description: "Ends the maintenance of \(cluster.name)", command: command,
                    after: .seconds(seconds)))
        }
        try await set(wanted, password, limit)
        return wanted
    }

    package func end(password: String, within limit: Duration?) async throws(NodeFailure) -> MaintenanceStatus {
        try await set(MaintenanceStatus(isOn: false), password, limit)
        try await machine.services.stopTimer(Self.timer)
        return MaintenanceStatus(isOn: false)
    }

    private func set(_ wanted: MaintenanceStatus, _ password: String, _ limit: Duration?) async throws(NodeFailure) {
        let json = Self.patch(wanted)
        let reply = try await firstAnswer { address, port throws(NodeFailure) in
            try await machine.patroni.change(
                .configuration(json: json), at: address, port: port, password: password, within: .seconds(10))
        }
        guard reply.isAccepted else {
            throw NodeFailure(
                .commandFailed, "Patroni refused to switch maintenance \(wanted.isOn ? "on" : "off")",
                detail: "It said: \(reply.text)")
        }
        if let limit { try await untilAllAgree(wanted.isOn, limit) }
    }

    /// Patroni's members read the setting in their next round.
    private func untilAllAgree(_ isOn: Bool, _ limit: Duration) async throws(NodeFailure) {
        let reader = ClusterReader(machine: machine, cluster: cluster)
        let elapsed = machine.clock.stopwatch()
        var said = ""
        while true {
            let late = await reader.answers().filter { $0.status != nil && $0.status?.isPaused != isOn }
                .map(\.placement.role.text)
            if late.isEmpty { return }
            let text = "waiting for \(late.joined(separator: ", ")) to see that maintenance is \(isOn ? "on" : "off")"
            if text != said { notify(text) }
            said = text
            guard elapsed() < limit else {
                throw NodeFailure(
                    .timeout, "not every member has seen that maintenance is \(isOn ? "on" : "off")",
                    detail: "\(late.joined(separator: ", ")) did not within \(limit.components.seconds) s.",
                    hint: "It is entered in ZooKeeper; run \"pgha-node list\" to see whether they reach it.")
            }
            do {
                try await machine.clock.sleep(for: .milliseconds(250))
            } catch {
                throw NodeFailure(
                    .interrupted, "interrupted while \(text)",
                    hint: "It is entered in ZooKeeper and takes effect; see \"pgha-node maintenance\".")
            }
        }
    }

    private func firstAnswer<Value>(
        _ ask: (String, Int) async throws(NodeFailure) -> Value
    ) async throws(NodeFailure) -> Value {
        var last = NodeFailure(.unreachable, "the cluster has no members")
        // The leader first: it reaches ZooKeeper, and a member that does not hangs on to a question for long.
        let leader = await ClusterReader(machine: machine, cluster: cluster).sight().leader?.role
        let members = cluster.placements(of: .patroni)
        for member in members.filter({ $0.role == leader }) + members.filter({ $0.role != leader }) {
            guard let port = member.assignment.patroniPort else { continue }
            do throws(NodeFailure) {
                return try await ask(member.host.address, port)
            } catch {
                last = error
            }
            guard !Task.isCancelled else {
                throw NodeFailure(
                    .interrupted, "interrupted while asking Patroni of \(member.role)",
                    hint: "Run \"pgha-node maintenance\" to see whether it has heard.")
            }
        }
        throw NodeFailure(
            .unreachable, "no member's Patroni answers",
            detail: last.detail.map { "\(last.message): \($0)" } ?? last.message,
            hint: "Run \"pgha-node health\" to see each of them.")
    }

    private static func patch(_ status: MaintenanceStatus) -> String {
        guard status.isOn else { return #"{"pause": null, "pgha_maintenance": null}"# }
        let fields = [
            status.since.map { "\"since\": \($0)" }, Optional("\"until\": \(status.until.map(String.init) ?? "null")"),
            Optional("\"host\": \(status.host.map { "\"\($0)\"" } ?? "null")"),
        ].compactMap { $0 }
        return #"{"pause": true, "pgha_maintenance": {"# + fields.joined(separator: ", ") + "}}"
    }

    private struct Settings: Decodable {
        struct Ours: Decodable {
            var since: Int?
            var until: Int?
            var host: String?
        }

        var pause: Bool?
        var ours: Ours?

        enum CodingKeys: String, CodingKey {
            case pause
            case ours = "pgha_maintenance"
        }
    }
}
