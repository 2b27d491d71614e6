/// What must hold between several keys of a cluster.yml.
struct ClusterRules {
    var cluster: Cluster
    var document: ClusterDocument

    func check() throws(NodeFailure) {
        try checkAddresses()
        try checkServices()
        try checkPorts()
        try checkDurability()
        try checkSuspicion()
        try checkLease()
        try checkShortLease()
        try checkSessionLimits()
        try checkDirectories()
    }

    private func checkAddresses() throws(NodeFailure) {
        guard cluster.hosts.count > 1, let host = cluster.hosts.first(where: { HostAddress.isLoopback($0.address) })
        else { return }
        throw document.failure(
            at: "hosts", host.name, "address",
            message: "\"\(host.address)\" is a loopback address, and the cluster has \(cluster.hosts.count) hosts",
            detail: "The other hosts cannot reach it.",
            hint: "Give the address by which the other hosts reach this one.")
    }

    private func checkServices() throws(NodeFailure) {
        if cluster.placements(of: .patroni).isEmpty {
            throw document.failure(
                at: "hosts", message: "the cluster has no database member",
                hint: "Give a host the role pg1; members run Patroni.")
        }
        let servers = cluster.placements(of: .zookeeper)
        if servers.isEmpty {
            throw document.failure(
                at: "hosts", message: "the cluster has no ZooKeeper",
                hint: "Give a host the role zookeeper, or let 1, 3 or 5 members run the service zookeeper.")
        }
        if cluster.placements(of: .haproxy).isEmpty {
            throw document.failure(
                at: "hosts", message: "the cluster has no HAProxy",
                hint: "Give a host the role haproxy, or let members run the service haproxy.")
        }
        guard servers.count.isMultiple(of: 2) else { return }
        throw document.failure(
            at: "hosts", message: "the cluster has \(servers.count) ZooKeeper servers, an even number",
            detail: "They are \(servers.map(\.role.text).listed()). More than half of them must live, so that "
                + "\(servers.count) bear no more losses than \(servers.count - 1).",
            hint: "Have 1, 3 or 5: name \"services\" of the roles, or give a host the role zookeeper.")
    }

    /// A suspicion that takes as long as the lease would change nothing, and the lease may then end first.
    private func checkSuspicion() throws(NodeFailure) {
        let limit = cluster.patroni.ttl * 1000 / 2
        guard cluster.agent.suspicion > limit else { return }
        throw document.failure(
            atLastOf: [["agent", "suspicion"], ["patroni", "ttl"]],
            message: "\"agent.suspicion\" is \(cluster.agent.suspicion) ms, and half of \"patroni.ttl\" is \(limit) ms",
            detail: "The lease would run out before anything is done.", hint: "Set suspicion to \(limit) or less.")
    }

    private func checkDurability() throws(NodeFailure) {
        if cluster.durability == .quorum, cluster.patroni.source == .distribution {
            throw document.failure(
                atLastOf: [["durability"], ["versions", "patroni"]],
                message: "durability quorum needs Patroni 4, and \"versions.patroni\" is distribution",
                hint: "Use durability synchronous, or \"versions: { patroni: pinned }\".")
        }
        let members = cluster.placements(of: .patroni)
        if cluster.durability == .strict, members.count == 1 {
            throw document.failure(
                at: "durability", message: "durability strict needs at least two members, and the cluster has one",
                detail: "Without a replica every write would wait forever.",
                hint: "Add a member, or use durability synchronous or asynchronous.")
        }
    }

    private static let leasePaths = [["patroni", "ttl"], ["patroni", "loop_wait"], ["patroni", "retry_timeout"]]

    private func checkLease() throws(NodeFailure) {
        let settings = cluster.patroni
        if settings.source == .pinned {
            // Patroni 3.2 and later correct lower values with no more than a warning.
            for (key, value, minimum) in [
                ("ttl", settings.ttl, 20), ("loop_wait", settings.loopWait, 1),
                ("retry_timeout", settings.retryTimeout, 3),
            ] where value < minimum {
                throw document.failure(
                    at: "patroni", key, message: "\"patroni.\(key)\" must be at least \(minimum), not \(value)",
                    detail: "It is the least that Patroni \(PatroniSource.pinnedVersion) takes.")
            }
        }
        let needed = settings.loopWait + 2 * settings.retryTimeout
        guard needed > settings.ttl else { return }
        throw document.failure(
            atLastOf: Self.leasePaths,
            message: "\"patroni.ttl\" is \(settings.ttl), and loop_wait + 2 * retry_timeout is \(needed)",
            detail: "A leader that is asking ZooKeeper again must not lose its key meanwhile: "
                + "loop_wait + 2 * retry_timeout <= ttl.",
            hint: "Set ttl to \(max(needed, 20)) or more, or make the other two smaller.")
    }

    /// It needs somebody who can say that a host is lost, and a commit that outlives the wrong conclusion.
    private func checkShortLease() throws(NodeFailure) {
        guard cluster.lease == .short else { return }
        if cluster.hosts.count < 3 {
            throw document.failure(
                at: "lease",
                message: "lease short needs at least three hosts, and the cluster has \(cluster.hosts.count)",
                detail: "Two other hosts must agree that a leader's host is lost.", hint: "Use lease standard.")
        }
        if cluster.profile == .reference {
            throw document.failure(
                atLastOf: [["lease"], ["profile"]], message: "profile reference has no short lease",
                hint: "Use lease standard, or profile standard.")
        }
        if cluster.durability == .asynchronous {
            throw document.failure(
                atLastOf: [["lease"], ["durability"]], message: "lease short needs synchronous durability",
                detail:
                    "A leader whose host is cut off goes on for some seconds; what it acknowledges then must not be lost.",
                hint: "Use durability synchronous, or lease standard.")
        }
    }

    private func checkSessionLimits() throws(NodeFailure) {
        let settings = cluster.zookeeper
        let minimum = ["zookeeper", "min_session_timeout"]
        let maximum = ["zookeeper", "max_session_timeout"]
        if settings.minSessionTimeout > settings.maxSessionTimeout {
            throw document.failure(
                atLastOf: [minimum, maximum],
                message: "\"zookeeper.min_session_timeout\" is \(settings.minSessionTimeout), "
                    + "and \"zookeeper.max_session_timeout\" is \(settings.maxSessionTimeout)",
                hint: "The minimum must not be above the maximum.")
        }
        let ttl = cluster.patroni.ttl * 1000
        if ttl > settings.maxSessionTimeout {
            throw document.failure(
                atLastOf: [Self.leasePaths[0], maximum],
                message: "\"patroni.ttl\" is \(cluster.patroni.ttl) s, "
                    + "and \"zookeeper.max_session_timeout\" is \(settings.maxSessionTimeout) ms",
                detail: "ZooKeeper shortens the session silently, and Patroni goes on to believe in its ttl: "
                    + "a leader could still write after another one has been elected.",
                hint: "Set max_session_timeout to \(ttl) or more.")
        }
        if ttl < settings.minSessionTimeout {
            throw document.failure(
                atLastOf: [Self.leasePaths[0], minimum],
                message: "\"patroni.ttl\" is \(cluster.patroni.ttl) s, "
                    + "and \"zookeeper.min_session_timeout\" is \(settings.minSessionTimeout) ms",
                detail: "ZooKeeper lengthens the session silently, and a failover takes longer than ttl says.",
                hint: "Set min_session_timeout to \(ttl) or less.")
        }
    }

    private func checkDirectories() throws(NodeFailure) {
        let directories = cluster.directories
        let bases = [
            ("data", directories.data), ("postgresql", directories.postgresql ?? directories.data),
            ("zookeeper", directories.zookeeper ?? directories.data),
        ]
        for role in cluster.roleNames {
            for data in [directories.postgres(of: role), directories.zookeeper(of: role)] {
                guard let (key, base) = bases.first(where: { DataDirectory.isWithin($0.1, data) }) else { continue }
                throw document.failure(
                    at: "directories", key, message: "\"directories.\(key)\" is in the data of \(role)",
                    detail: "The data of \(role) is in \(data), and the base is \(base).",
                    hint: "Use a directory of its own.")
            }
        }
    }
}
