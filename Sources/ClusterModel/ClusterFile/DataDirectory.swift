/// Base directories for data.
enum DataDirectory {
    static func problem(_ text: String) -> TextProblem? {
        let problem = { (message: String, hint: String) in
            TextProblem(message: "\(text.quoted) \(message)", hint: hint)
        }
        guard text.hasPrefix("/") else {
            return problem("is not an absolute path", "Write it from / on, for example /var/lib/pgha.")
        }
        // The path stands in unit files, where systemd gives a meaning to spaces, % and quotes (systemd.syntax(7)).
        guard text.utf8.allSatisfy({ $0.isLetter || $0.isDigit || $0.isOne(of: "/._-") }) else {
            return problem(
                "has a character that a directory of ours may not have", "Use letters, digits and /._- only.")
        }
        let path = canonical(text)
        let parts = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        guard !parts.contains("."), !parts.contains(".."), path == "/" || !parts.contains("") else {
            return problem("is not a plain path", "Write it without \"//\", \".\" and \"..\".")
        }
        guard path.utf8.count <= 200 else { return problem("is too long", "Use at most 200 characters.") }
        guard !isSystemDirectory(path) else {
            return problem(
                "belongs to the system", "Use a directory for this only, for example /var/lib/pgha or /srv/pgha.")
        }
        return nil
    }

    /// Without a slash at the end.
    static func canonical(_ text: String) -> String {
        text.count > 1 && text.hasSuffix("/") ? String(text.dropLast()) : text
    }

    static func isWithin(_ path: String, _ directory: String) -> Bool {
        path == directory || path.hasPrefix("\(directory)/")
    }

    // Of the trees, nothing at all; of the directories, not they themselves. ZooKeeper's unit has ProtectHome=yes,
    // which hides /home, /root and /run/user (systemd.exec(5)).
    private static let systemTrees = [
        "/bin", "/boot", "/dev", "/etc", "/home", "/lib", "/lib32", "/lib64", "/libx32", "/proc", "/root", "/run",
        "/sbin", "/sys", "/tmp", "/usr", "/var/cache", "/var/lock", "/var/log", "/var/mail", "/var/run", "/var/spool",
        "/var/tmp",
    ]
    private static let systemDirectories = ["/", "/media", "/mnt", "/opt", "/srv", "/var", "/var/lib"]

    private static func isSystemDirectory(_ path: String) -> Bool {
        systemDirectories.contains(path) || systemTrees.contains { isWithin(path, $0) }
    }
}
