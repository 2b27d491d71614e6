import ClusterModel
import HostPorts

extension LinuxNetwork: ConnectionReader {
    package func establishedConnections() throws(NodeFailure) -> [EstablishedConnection] {
        var connections: [EstablishedConnection] = []
        for name in ["tcp", "tcp6"] {
            connections += ConnectionTable.parse(try LinuxFileStore().text("/proc/self/net/\(name)") ?? "")
        }
        return connections
    }
}

/// /proc/net/tcp and tcp6 (proc_net(5)).
enum ConnectionTable {
    static func parse(_ table: String) -> [EstablishedConnection] {
        table.split(separator: "\n").dropFirst().compactMap { line in
            let fields = line.split(separator: " ", omittingEmptySubsequences: true)
            // 01 is TCP_ESTABLISHED (include/net/tcp_states.h).
            guard fields.count > 3, fields[3] == "01", let local = end(fields[1]), let remote = end(fields[2]) else {
                return nil
            }
            return EstablishedConnection(
                localAddress: local.0, localPort: local.1, remoteAddress: remote.0, remotePort: remote.1)
        }
    }

    private static func end(_ text: Substring) -> (String, Int)? {
        let parts = text.split(separator: ":")
        guard parts.count == 2, let port = Int(parts[1], radix: 16),
            let address = ListeningSocket.address(parts[0])
        else { return nil }
        // An IPv4 connection of a socket that takes both (ipv6(7)).
        let mapped = "::ffff:"
        return (address.hasPrefix(mapped) ? String(address.dropFirst(mapped.count)) : address, port)
    }
}
