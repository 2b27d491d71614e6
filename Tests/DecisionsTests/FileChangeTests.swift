import ClusterModel
import Decisions
import Testing

/// What a changed file asks of the service that reads it.
@Suite struct FileChangeTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var what: String
        var path: String
        var before: String?
        var after: String?
        var service: ServiceKind
        var action: ServiceAction

        var testDescription: String { what }
    }

    private static let units = "/etc/systemd/system"

    static let rows = [
        Row(
            what: "haproxy.cfg", path: "/etc/pgha/pg1/haproxy.cfg", before: "a", after: "b", service: .haproxy,
            action: .reload),
        Row(
            what: "what haproxy.cfg loads", path: "/etc/pgha/pg1/haproxy.lua", before: "a", after: "b",
            service: .haproxy,
            action: .reload),
        Row(
            what: "haproxy.state, read at a start only", path: "/etc/pgha/pg1/haproxy.state", before: "a", after: "b",
            service: .haproxy, action: .none),
        Row(
            what: "another service's file", path: "/etc/pgha/pg1/haproxy.cfg", before: "a", after: "b",
            service: .patroni,
            action: .none),
        Row(
            what: "another role's file", path: "/etc/pgha/pg2/haproxy.cfg", before: "a", after: "b", service: .haproxy,
            action: .none),
        Row(
            what: "zoo.cfg", path: "/etc/pgha/pg1/zoo.cfg", before: "tickTime=1", after: "tickTime=2",
            service: .zookeeper, action: .restart),
        Row(
            what: "a comment of zoo.cfg", path: "/etc/pgha/pg1/zoo.cfg", before: "# a\ntickTime=1",
            after: "# b\n\ntickTime=1",
            service: .zookeeper, action: .none),
        Row(
            what: "a parameter that a reload sets", path: "/etc/pgha/pg1/patroni.yml",
            before: "postgresql:\n  parameters:\n    work_mem: \"4MB\"\n",
            after: "postgresql:\n  parameters:\n    work_mem: \"8MB\"\n", service: .patroni, action: .reload),
        Row(
            what: "a parameter that a start sets", path: "/etc/pgha/pg1/patroni.yml",
            before: "postgresql:\n  parameters:\n    work_mem: \"4MB\"\n",
            after: "postgresql:\n  parameters:\n    Shared_Buffers: \"1GB\"\n    work_mem: \"4MB\"\n",
            service: .patroni,
            action: .restartPostgres),
        Row(
            what: "the same parameter where only a new cluster reads it", path: "/etc/pgha/pg1/patroni.yml",
            before: "bootstrap:\n  dcs:\n    postgresql:\n      parameters:\n        shared_buffers: \"1\"\n",
            after: "bootstrap:\n  dcs:\n    postgresql:\n      parameters:\n        shared_buffers: \"2\"\n",
            service: .patroni, action: .reload),
        Row(
            what: "PostgreSQL's address", path: "/etc/pgha/pg1/patroni.yml", before: "postgresql:\n  listen: \"a:1\"\n",
            after: "postgresql:\n  listen: \"a:2\"\n", service: .patroni, action: .restartPostgres),
        Row(
            what: "ZooKeeper's addresses, which Patroni reads once", path: "/etc/pgha/pg1/patroni.yml",
            before: "zookeeper:\n  hosts:\n    - \"a\"\n", after: "zookeeper:\n  hosts:\n    - \"a\"\n    - \"b\"\n",
            service: .patroni, action: .restart),
        Row(
            what: "[Service] of a unit", path: "\(units)/pgha-haproxy@.service", before: "[Service]\nA=1",
            after: "[Service]\nA=2", service: .haproxy, action: .restart),
        Row(
            what: "[Unit] of a unit", path: "\(units)/pgha-haproxy@.service", before: "[Unit]\nA=1\n[Service]\nB=1",
            after: "[Unit]\nA=2\n[Service]\n# new\nB=1", service: .haproxy, action: .none),
        Row(
            what: "a drop-in", path: "\(units)/pgha-patroni@pg1.service.d/10-cluster.conf", before: nil,
            after: "[Service]\nExecStart=", service: .patroni, action: .restart),
        Row(
            what: "a drop-in of another role", path: "\(units)/pgha-patroni@pg2.service.d/10-cluster.conf", before: nil,
            after: "[Service]\nExecStart=", service: .patroni, action: .none),
        Row(
            what: "the target", path: "\(units)/pgha.target", before: "a", after: "b", service: .patroni, action: .none),
    ]

    @Test(arguments: rows)
    func `asks for the least that makes a service take it`(row: Row) {
        let change = FileChange(path: row.path, before: row.before, after: row.after)
        let action = change.action(
            of: PlacedService(row.service, of: .member(1)), restartParameters: ["shared_buffers", "max_connections"])
        #expect(action == row.action)
    }

    @Test func `the diff has some lines around a change, and neither the head's hash nor a password`() {
        let before = "# content-hash: sha256:1\na\nb\nc\nd\ne\npassword: \"old-secret\"\nf\ng\ng2\nh\ni\nk\n"
        let after = "# content-hash: sha256:2\na\nb\nc\nd\ne\npassword: \"new-secret\"\nf\ng\ng2\nh\ni\nl\n"
        let change = FileChange(
            path: "/x", before: before, after: after, attributes: ("root:root 644", "root:root 600"))
        #expect(
            change.diff == [
                "-(root:root 644)", "+(root:root 600)", " d", " e", "-password: ********", "+password: ********", " f",
                " g", "…", " h", " i", "-k", "+l",
            ])
    }

    @Test(arguments: ["    password: \"abc\"", "user_pgha=\"abc\";", "    password=\"abc\";", "password: abc # why"])
    func `a password of any of our files is masked`(line: String) {
        #expect(!PasswordMask.hide(in: line).contains("abc"))
        #expect(PasswordMask.hide(in: line).contains("********"))
    }

    @Test func `a word that only has to do with passwords is shown`() {
        #expect(PasswordMask.hide(in: "password_encryption: \"scram\"") == "password_encryption: \"scram\"")
    }
}
