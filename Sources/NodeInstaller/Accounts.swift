import ClusterModel
import HostPorts

/// Users and groups of this host, by name, from the local files: those of a package are always there (adduser(8)).
enum Accounts {
    static func users(in files: any FileStore) throws(NodeFailure) -> Set<String> {
        try names(in: "/etc/passwd", of: files)
    }

    static func groups(in files: any FileStore) throws(NodeFailure) -> Set<String> {
        try names(in: "/etc/group", of: files)
    }

    private static func names(in path: String, of files: any FileStore) throws(NodeFailure) -> Set<String> {
        let lines = (try files.text(path) ?? "").split(separator: "\n")
        return Set(lines.map { String($0.prefix { $0 != ":" }) })
    }
}
