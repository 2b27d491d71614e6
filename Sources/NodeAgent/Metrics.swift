import ClusterModel
import HostOperations
import HostPorts

/// The page `/metrics` (Prometheus, "Exposition formats"). The names are documented in README and never change.
enum Metrics {
    /// `disks`: the file systems of the data, by the directory.
    static func text(
        _ look: HostLook?, leader: LeaderSight, host: String, disks: [(path: String, space: FileSystemSpace)] = [],
        peers: [PeerSight] = []
    ) -> String {
        var page = Page()
        page.add("pgha_ready", "Whether this host does what it is there for.", [([:], look?.isReady == true ? 1 : 0)])
        let services = look?.status?.services ?? []
        page.add(
            "pgha_service_healthy", "Whether a service does what it is there for.",
            services.map { (labels(of: $0), $0.isHealthy ? 1 : 0) })
        page.add(
            "pgha_service_frozen", "Whether a service is frozen.",
            services.map { (labels(of: $0), $0.state == "frozen" ? 1 : 0) })
        let members = services.filter { $0.service == "patroni" }
        page.add(
            "pgha_member_leader", "Whether a member of this host leads and takes writes.",
            members.map { (labels(of: $0), $0.position == "leader" ? 1 : 0) })
        page.add(
            "pgha_member_timeline", "The timeline of a member.",
            members.compactMap { member in member.timeline.map { (labels(of: member), Double($0)) } })
        page.add(
            "pgha_member_lag_bytes", "Bytes of WAL that a replica is behind its leader.",
            members.compactMap { member in member.lagBytes.map { (labels(of: member), Double($0)) } })
        page.add(
            "pgha_leader_key", "Whether the leader key names a member, as this host sees it.",
            [(["member": leader.member?.text ?? ""], leader.member == nil ? 0 : 1)])
        page.add(
            "pgha_zookeeper_connected", "Whether a server of ZooKeeper answers the agent.",
            [([:], leader == .unknown ? 0 : 1)])
        page.add(
            "pgha_disk_free_bytes", "What is free of the file system of a data directory.",
            disks.map { (["path": $0.path], Double($0.space.free)) })
        page.add(
            "pgha_disk_size_bytes", "The size of the file system of a data directory.",
            disks.map { (["path": $0.path], Double($0.space.total)) })
        page.add(
            "pgha_peer_reachable", "Whether the agent of another host answers, and takes our certificate.",
            peers.map { (["host": $0.host], $0.isReachable ? 1 : 0) })
        page.add(
            "pgha_peer_clock_offset_seconds", "How far the clock of another host is ahead of this one.",
            peers.compactMap { peer in
                peer.clockOffsetMicroseconds.map { (["host": peer.host], Double($0) / 1_000_000) }
            })
        if let maintenance = look?.status?.maintenance {
            page.add("pgha_maintenance", "Whether Patroni's maintenance mode is on.", [([:], maintenance.isOn ? 1 : 0)])
        }
        return page.text
    }

    private static func labels(of service: ServiceStatus) -> [String: String] {
        ["service": service.service, "role": service.role]
    }

    private struct Page {
        var text = ""

        mutating func add(_ name: String, _ help: String, _ samples: [([String: String], Double)]) {
            text += "# HELP \(name) \(help)\n# TYPE \(name) gauge\n"
            for (labels, value) in samples {
                let pairs = labels.sorted { $0.key < $1.key }.map { "\($0.key)=\"\($0.value)\"" }
                let list = pairs.isEmpty ? "" : "{\(pairs.joined(separator: ","))}"
                let number = value == value.rounded() ? String(Int64(value)) : String(value)
                text += "\(name)\(list) \(number)\n"
            }
        }
    }
}
