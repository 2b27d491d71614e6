import ClusterModel
import Glibc
import HostPorts

/// A non-blocking TCP connection by file descriptor; every wait has a deadline.
enum Connection {
    struct Reason: Error {
        var outcome: ConnectOutcome
    }

    /// The descriptor is the caller's to close.
    static func open(
        to address: String, port: Int, until deadline: ContinuousClock.Instant
    ) -> Result<Int32, Reason> {
        guard let target = SocketAddress(address, port: port) else {
            return .failure(Reason(outcome: .unreachable("\"\(address)\" is not an address")))
        }
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(target.family, type, 0)
        guard descriptor >= 0 else { return .failure(reason(errno)) }
        let error = establish(descriptor, target, deadline)
        guard error == 0 else {
            close(descriptor)
            return .failure(reason(error))
        }
        return .success(descriptor)
    }

    /// A Unix socket answers at once or never, so connecting to it needs no deadline. The descriptor is the caller's to close.
    static func open(socket path: String) -> Result<Int32, NodeFailure> {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            return .failure(NodeFailure(.usage, "\"\(path)\" is too long for the path of a socket"))
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(AF_UNIX, type, 0)
        guard descriptor >= 0 else { return .failure(failure(path)) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) }
        }
        guard result == 0 else {
            let failure = failure(path)
            close(descriptor)
            return .failure(failure)
        }
        return .success(descriptor)
    }

    private static func failure(_ path: String) -> NodeFailure {
        let number = errno
        let code: NodeFailure.Code =
            switch number {
            case ENOENT: .notFound
            case EACCES, EPERM: .notPermitted
            default: .unreachable
            }
        return NodeFailure(code, "could not connect to the socket \"\(path)\": \(String(cString: strerror(number)))")
    }

    static func send(_ bytes: [UInt8], on descriptor: Int32, until deadline: ContinuousClock.Instant) {
        var sent = 0
        while sent < bytes.count {
            // Without MSG_NOSIGNAL a peer that has gone would end our process with SIGPIPE (send(2)).
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count > 0 { sent += count }
            if count < 0, errno != EAGAIN, errno != EINTR { return }
            if count < 0, errno == EAGAIN, !wait(for: POLLOUT, descriptor, deadline) { return }
        }
    }

    /// At most 1 MiB.
    static func receive(from descriptor: Int32, until deadline: ContinuousClock.Instant) -> [UInt8] {
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16384)
        while received.count < 1 << 20 {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count == 0 { break }
            if count > 0 { received += buffer[..<count] }
            if count < 0, errno != EAGAIN, errno != EINTR { break }
            if count < 0, errno == EAGAIN, !wait(for: POLLIN, descriptor, deadline) { break }
        }
        return received
    }

    /// 0, or the error number.
    private static func establish(
        _ descriptor: Int32, _ target: SocketAddress, _ deadline: ContinuousClock.Instant
    ) -> Int32 {
        if target.withPointer({ Glibc.connect(descriptor, $0, $1) }) == 0 { return 0 }
        guard errno == EINPROGRESS else { return errno }
        guard wait(for: POLLOUT, descriptor, deadline) else { return ETIMEDOUT }
        var error: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno
    }

    private static func wait(for event: Int32, _ descriptor: Int32, _ deadline: ContinuousClock.Instant) -> Bool {
        while true {
            let left = deadline - .now
            guard left > .zero else { return false }
            var entry = pollfd(fd: descriptor, events: Int16(event), revents: 0)
            // Rounded up: a poll of 0 ms would spin through the last millisecond.
            let milliseconds = min(left / .milliseconds(1), 3_600_000).rounded(.up)
            let count = poll(&entry, 1, Int32(milliseconds))
            if count > 0 { return true }
            if count < 0, errno != EINTR { return false }
        }
    }

    private static func reason(_ error: Int32) -> Reason {
        switch error {
        case ECONNREFUSED: return Reason(outcome: .refused)
        case ETIMEDOUT: return Reason(outcome: .timedOut)
        default:
            let text = String(cString: strerror(error))
            return Reason(outcome: .unreachable(text.prefix(1).lowercased() + text.dropFirst()))
        }
    }
}

/// An IPv4 or IPv6 address with a port, as the socket calls take it.
struct SocketAddress {
    private var storage = sockaddr_storage()
    private let size: socklen_t

    var family: Int32 { Int32(storage.ss_family) }

    /// Returns nil unless `text` is a numeric address.
    init?(_ text: String, port: Int) {
        guard let port = UInt16(exactly: port) else { return nil }
        var v4 = sockaddr_in()
        var v6 = sockaddr_in6()
        if inet_pton(AF_INET, text, &v4.sin_addr) == 1 {
            v4.sin_family = sa_family_t(AF_INET)
            v4.sin_port = port.bigEndian
            size = socklen_t(MemoryLayout<sockaddr_in>.size)
            withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: v4, as: sockaddr_in.self) }
        } else if inet_pton(AF_INET6, text, &v6.sin6_addr) == 1 {
            v6.sin6_family = sa_family_t(AF_INET6)
            v6.sin6_port = port.bigEndian
            size = socklen_t(MemoryLayout<sockaddr_in6>.size)
            withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: v6, as: sockaddr_in6.self) }
        } else {
            return nil
        }
    }

    func withPointer<Value>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Value) -> Value {
        withUnsafePointer(to: storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, size) }
        }
    }

    /// The canonical text of an IPv4 or IPv6 address; nil for other families.
    static func text(_ address: UnsafePointer<sockaddr>) -> String? {
        let raw = UnsafeRawPointer(address)
        switch Int32(address.pointee.sa_family) {
        case AF_INET:
            var bytes = raw.load(as: sockaddr_in.self).sin_addr
            return withUnsafeBytes(of: &bytes) { text(of: $0, AF_INET) }
        case AF_INET6:
            var bytes = raw.load(as: sockaddr_in6.self).sin6_addr
            return withUnsafeBytes(of: &bytes) { text(of: $0, AF_INET6) }
        default: return nil
        }
    }

    /// The canonical text of 4 or 16 bytes in network order.
    static func text(of bytes: UnsafeRawBufferPointer, _ family: Int32) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard let start = inet_ntop(family, bytes.baseAddress, &buffer, socklen_t(buffer.count)) else { return nil }
        return String(cString: start)
    }
}
