import ClusterModel
import HostPorts

/// systemd's explanations of journal records, of which it keeps a database of its own.
enum MessageCatalogs {
    static func isOne(_ path: String) -> Bool { path.hasSuffix(".catalog") }

    /// Reads all of them again (journalctl(1), "--update-catalog"). Without it `journalctl -x` explains less, and nothing else is
    /// amiss, so that a failure is none.
    static func update(_ machine: Machine) async {
        _ = try? await machine.commands.run(Command("/usr/bin/journalctl", ["--update-catalog"]))
    }
}
