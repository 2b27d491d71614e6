/// Every key of cluster.yml, in one table.
///
/// From it come the known keys and types of the parser, the JSON schema for editors (`cluster.schema.json`) and the
/// settings of the template.
package enum ClusterSchema {
    static let root = SchemaType.section(keys)

    static let keys: [SchemaKey] = [
        .required("name", .text(.clusterName), "The cluster's name: lower-case letters, digits and hyphens."),
        SchemaKey(
            "scope", .text(.scope), default: empty.scope,
            "Patroni's scope: the cluster's name in ZooKeeper and in PostgreSQL's cluster_name."),
        .required(
            "hosts", .entries(SchemaType.Entries(key: .hostName, value: host)),
            "The machines: a map of names to addresses, or of names to maps with address and roles."),
        SchemaKey("ports", .section(ports), "Ports that are the same on every host."),
        SchemaKey("versions", .section(versions), "Which PostgreSQL and which Patroni."),
        SchemaKey(
            "durability", .choice(durability), default: empty.durability.rawValue,
            "What an acknowledged commit survives: synchronous, strict (or it waits), quorum or asynchronous."),
        SchemaKey(
            "lease", .choice(lease), default: empty.lease.rawValue,
            "The loss of a leader's host is believed after patroni.ttl (standard), or after 4 s of silence (short)."),
        SchemaKey(
            "profile", .choice(profile), default: empty.profile.rawValue,
            "standard, or reference: stock behaviour (asynchronous, no failsafe_mode), to be measured against."),
        SchemaKey("patroni", .section(patroni), "Patroni's settings; times in seconds."),
        SchemaKey("postgresql", .section(postgres), "PostgreSQL's settings."),
        SchemaKey("zookeeper", .section(zookeeper), "ZooKeeper's settings; times in milliseconds."),
        SchemaKey("haproxy", .section(haproxy), "HAProxy's settings."),
        SchemaKey("agent", .section(agent), "The agent's settings; times in milliseconds."),
        SchemaKey("drill", .section(drill), "What \"pgha-node drill\" may do, and what it is judged by."),
        SchemaKey("directories", .section(directories), "Where the data is; the names of roles are appended."),
    ]

    /// Where the defaults are.
    static let empty = Cluster(name: "", hosts: [])

    private static let durability = SchemaType.Choice(
        noun: "durability", values: Durability.allCases.map(\.rawValue),
        hint: "Use synchronous, asynchronous, strict or quorum.")

    private static let lease = SchemaType.Choice(
        noun: "lease", values: LeaseLength.allCases.map(\.rawValue), hint: "Use standard or short.")

    private static let profile = SchemaType.Choice(
        noun: "profile", values: Profile.allCases.map(\.rawValue), hint: "Use standard or reference.")
}

// Hosts and roles.
extension ClusterSchema {
    private static let host = SchemaType.either(.text(.address), .section(hostKeys))

    static let hostKeys: [SchemaKey] = [
        .required("address", .text(.address), "The host's IPv4 or IPv6 address, by which the other hosts reach it."),
        SchemaKey(
            "roles",
            .either(.list(.choice(role)), .entries(SchemaType.Entries(key: .roleName, value: .section(roleKeys)))),
            "What the host is: a list of roles, or a map of roles to settings; by default its name, if it is a role."),
    ]

    static let roleKeys: [SchemaKey] = [
        SchemaKey(
            "services", .list(.choice(service)),
            "What runs; for a member zookeeper, patroni and haproxy, less those that have a role of their own."),
        SchemaKey(
            "postgres_port", .integer(unprivilegedPorts), "PostgreSQL's port of this member; 5433 for pg1 and so on."),
        SchemaKey(
            "patroni_port", .integer(unprivilegedPorts),
            "The port of this member's Patroni REST API; 8008 for pg1 and so on."),
    ]

    // Ports below 1024 are root's; of our services only HAProxy starts as root.
    static let unprivilegedPorts = 1024...65535

    private static let role = SchemaType.Choice(
        noun: "role", values: (1...9).map { "pg\($0)" } + ["zookeeper", "haproxy"], hint: RoleName.hint)

    private static let service = SchemaType.Choice(
        noun: "service", values: ServiceKind.allCases.map(\.rawValue),
        hint: "Services are zookeeper, patroni and haproxy.")
}
