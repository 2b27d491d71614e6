import ClusterModel
import Glibc
import HostPorts

/// Users and groups by name and by number (getpwnam(3), getgrnam(3)).
enum Accounts {
    static func numbers(of owner: FileOwner) throws(NodeFailure) -> (uid_t, gid_t) {
        if owner == .root { return (0, 0) }
        guard let user = getpwnam(owner.user)?.pointee.pw_uid else {
            throw NodeFailure(.notFound, "user \"\(owner.user)\" does not exist")
        }
        guard let group = getgrnam(owner.group)?.pointee.gr_gid else {
            throw NodeFailure(.notFound, "group \"\(owner.group)\" does not exist")
        }
        return (user, group)
    }

    /// The names, or the numbers as text where there is no name.
    static func names(_ user: uid_t, _ group: gid_t) -> FileOwner {
        let userName = getpwuid(user).map { String(cString: $0.pointee.pw_name) } ?? String(user)
        let groupName = getgrgid(group).map { String(cString: $0.pointee.gr_name) } ?? String(group)
        return FileOwner(userName, groupName)
    }
}
