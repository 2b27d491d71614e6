import ClusterModel
import Decisions
import HostPorts

/// `psql` with a connection that needs no typing, and whose password nobody else sees.
package struct PsqlSession: Sendable {
    private let machine: Machine
    private let cluster: Cluster
    private let host: ClusterHost?
    private let secrets: Secrets

    /// `host` is the one of the cluster that this machine is; nil if it is none of them.
    package init(machine: Machine, cluster: Cluster, host: ClusterHost?, secrets: Secrets) {
        self.machine = machine
        self.cluster = cluster
        self.host = host
        self.secrets = secrets
    }

    /// Does not return if psql could be run. `environment` is the caller's.
    package func replace(
        to destination: PsqlDestination, arguments: [String], environment: [String: String]
    ) async throws(NodeFailure) -> ReplacementRefusal {
        let program = "/usr/lib/postgresql/\(cluster.postgres.version)/bin/psql"
        guard try machine.files.exists(program) else {
            throw NodeFailure(
                .notFound, "there is no \"\(program)\" on this host",
                hint: "Install the package postgresql-client-\(cluster.postgres.version).")
        }
        let place = try await place(of: destination)
        var replacement = ReplacementProgram(command: [program] + arguments, environment: variables(environment, place))
        if place.isLocal { replacement.account = .named("postgres") }
        replacement.secretFile = .init(
            variable: "PGSERVICEFILE",
            contents: Array(
                PsqlServiceFile.text(
                    hosts: place.hosts, ports: [place.port], password: place.isLocal ? nil : secrets.superuser
                ).utf8))
        return try machine.observation.replacement.replace(with: replacement)
    }

    private struct Place {
        var hosts: [String]
        var port: Int
        /// Through the socket, as the user postgres with peer authentication.
        var isLocal = false
    }

    private func place(of destination: PsqlDestination) async throws(NodeFailure) -> Place {
        switch destination {
        case .entryPoint:
            // This host's own entry point first, the others for the case that it is down.
            let all = cluster.placements(of: .haproxy).map(\.host.address)
            return Place(
                hosts: all.filter { $0 == host?.address } + all.filter { $0 != host?.address },
                port: cluster.ports.readWrite)
        case .member(let role): return try place(of: role)
        case .leader:
            let members = try await members()
            guard let leader = members.first(where: { ["leader", "standby_leader"].contains($0.role) }) else {
                throw NodeFailure(.notReady, "there is no leader now", hint: "Run \"pgha-node ps\" to see the members.")
            }
            return try place(of: try role(of: leader))
        case .replica:
            let streaming = try await members().filter(isStreaming)
            let local = streaming.first { member in host?.roles.contains { $0.role.text == member.name } == true }
            guard let replica = local ?? streaming.first else {
                throw NodeFailure(
                    .notReady, "no replica streams now", hint: "Run \"pgha-node ps\" to see the members.")
            }
            return try place(of: try role(of: replica))
        }
    }

    /// Patroni before 3.1 says `running` of a replica that streams (patroni/utils.py).
    private func isStreaming(_ member: PatroniMember) -> Bool {
        guard !["leader", "standby_leader"].contains(member.role) else { return false }
        return member.state == "streaming" || member.state == "running" && cluster.patroni.source == .distribution
    }

    private func role(of member: PatroniMember) throws(NodeFailure) -> RoleName {
        guard let role = RoleName(member.name) else {
            throw NodeFailure(.notFound, "Patroni's member \"\(member.name)\" is not in cluster.yml")
        }
        return role
    }

    private func place(of role: RoleName) throws(NodeFailure) -> Place {
        guard let placement = cluster.placement(of: role), let port = placement.assignment.postgresPort else {
            throw NodeFailure(.notFound, "there is no member \"\(role)\" in the cluster \"\(cluster.name)\"")
        }
        if placement.host.name == host?.name { return Place(hosts: ["/run/postgresql"], port: port, isLocal: true) }
        return Place(hosts: [placement.host.address], port: port)
    }

    /// As the first member that answers sees them, this host's own before the others.
    private func members() async throws(NodeFailure) -> [PatroniMember] {
        let all = cluster.placements(of: .patroni)
        for placement in all.filter({ $0.host.name == host?.name }) + all.filter({ $0.host.name != host?.name }) {
            guard let port = placement.assignment.patroniPort else { continue }
            let members = try? await machine.patroni.members(
                seenBy: placement.host.address, port: port, within: .seconds(2))
            if let members { return members }
        }
        throw NodeFailure(
            .unreachable, "no member's Patroni answers", hint: "Run \"pgha-node ps\" on each host to see what runs.")
    }

    /// Ours instead of the caller's connection settings; a password that stands there is not passed on either.
    private func variables(_ environment: [String: String], _ place: Place) -> [String] {
        let ours: Set<String> = [
            "PGHOST", "PGHOSTADDR", "PGPORT", "PGUSER", "PGDATABASE", "PGPASSWORD", "PGPASSFILE", "PGSERVICE",
            "PGSERVICEFILE",
        ]
        var variables = environment.filter { !ours.contains($0.key) }
        variables["PGSERVICE"] = "pgha"
        if place.isLocal { variables["HOME"] = "/var/lib/postgresql" }
        if variables["PGCONNECT_TIMEOUT"] == nil { variables["PGCONNECT_TIMEOUT"] = "10" }
        return variables.map { "\($0.key)=\($0.value)" }.sorted()
    }
}
