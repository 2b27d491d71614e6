/// What some packages of Debian 12 bring, as far as an installer meets it.
struct FakePackage {
    var dependencies: [String] = []
    var user: String?
    var group: String?
    /// Whether a purge leaves the user and the group, as the scripts of PostgreSQL's packages do.
    var leavesAccounts = false
    var files: [String] = []
    var directories: [String] = []
    var units: [String] = []

    static let named: [String: FakePackage] = [
        "postgresql-15": FakePackage(dependencies: ["libpq5", "postgresql-common"]),
        "postgresql-common": FakePackage(
            user: "postgres", group: "ssl-cert", leavesAccounts: true,
            files: ["/etc/postgresql-common/createcluster.conf"],
            directories: ["/etc/postgresql-common", "/etc/postgresql-common/createcluster.d"],
            units: ["postgresql.service"]),
        "haproxy": FakePackage(
            dependencies: ["liblua5.3-0"], user: "haproxy", files: ["/etc/haproxy/haproxy.cfg", "/usr/sbin/haproxy"],
            directories: ["/etc/haproxy", "/usr/sbin", "/var/lib/haproxy"], units: ["haproxy.service"]),
        "patroni": FakePackage(
            dependencies: ["python3-yaml"], files: ["/usr/bin/patroni"], directories: ["/usr/bin"],
            units: ["patroni.service"]),
        "default-jre-headless": FakePackage(dependencies: ["openjdk-17-jre-headless"]),
        "libzookeeper-java": FakePackage(dependencies: ["libslf4j-java"]),
        "python3-venv": FakePackage(dependencies: ["python3-pip-whl"]),
    ]

    static func dependencies(of name: String) -> [String] {
        named[name]?.dependencies ?? []
    }
}
