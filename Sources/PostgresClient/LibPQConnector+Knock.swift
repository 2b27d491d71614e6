import ClusterModel
import Dispatch
import Glibc
import HostPorts

extension LibPQConnector {
    /// As a startup packet over a Unix socket, which costs the server one fork: no TLS, and no password is computed because none
    /// is sent. The server asks for it, which is the answer, and writes no line when the client leaves (auth.c, `recv_password_packet`:
    /// a client without a password is normal).
    package func knock(at directory: String, port: Int, within limit: Duration) async -> PostgresKnock {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(returning: Self.knock("\(directory)/.s.PGSQL.\(port)", limit))
            }
        }
    }

    private static func knock(_ path: String, _ limit: Duration) -> PostgresKnock {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | O_NONBLOCK | O_CLOEXEC, 0)
        guard descriptor >= 0 else { return .impossible }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else { return .impossible }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        // EAGAIN: its queue is full of others that wait in vain (unix(7), connect(2)).
        guard connected == 0 else { return errno == EAGAIN ? .silent : .impossible }
        let packet = startupPacket
        guard
            packet.withUnsafeBytes({ send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) })
                == packet.count
        else { return .silent }
        var waited = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        let milliseconds = limit.components.seconds * 1000 + limit.components.attoseconds / 1_000_000_000_000_000
        let result = poll(&waited, 1, Int32(clamping: milliseconds))
        if result < 0 { return .impossible }
        // An end without a word is one of a server that is going down; it lives.
        return result > 0 ? .answered : .silent
    }

    /// StartupMessage of protocol 3.0 (PostgreSQL documentation, "Message Formats"), as a user that need not exist.
    private static let startupPacket: [UInt8] = {
        var body: [UInt8] = [0, 3, 0, 0]
        for text in ["user", "pgha-agent", "database", "postgres"] { body += Array(text.utf8) + [0] }
        body.append(0)
        let length = UInt32(body.count + 4)
        return (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * UInt32($0))) } + body
    }()
}
