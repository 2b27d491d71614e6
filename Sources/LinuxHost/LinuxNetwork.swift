import ClusterModel
import Foundation
import Glibc
import HostPorts

/// The network of this machine. What blocks runs on a thread of its own, never on one of the shared pool.
package struct LinuxNetwork: NetworkProbe {
    package init() {}

    package func localAddresses() throws(NodeFailure) -> [String] {
        var first: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&first) == 0 else {
            throw NodeFailure(.commandFailed, "could not list network interfaces: \(String(cString: strerror(errno)))")
        }
        defer { freeifaddrs(first) }
        var addresses: [String] = []
        var next = first
        while let entry = next {
            next = entry.pointee.ifa_next
            guard entry.pointee.ifa_flags & UInt32(IFF_LOOPBACK) == 0, let address = entry.pointee.ifa_addr,
                let text = SocketAddress.text(address)
            else { continue }
            // A link-local address means nothing without an interface, so nobody can put it into cluster.yml.
            if !text.hasPrefix("fe80:"), !addresses.contains(text) { addresses.append(text) }
        }
        return addresses
    }

    package func listeningPorts() throws(NodeFailure) -> [ListeningPort] {
        var sockets: [ListeningSocket] = []
        for name in ["tcp", "tcp6"] {
            sockets += ListeningSocket.parse(try LinuxFileStore().text("/proc/self/net/\(name)") ?? "")
        }
        let holders = SocketHolder.find(Set(sockets.map(\.inode)))
        return sockets.map { socket in
            let holder = holders[socket.inode]
            return ListeningPort(
                address: socket.address, port: socket.port, process: holder?.process,
                controlGroup: holder?.controlGroup)
        }
    }

    package func connect(to address: String, port: Int, within limit: Duration) async -> ConnectOutcome {
        await Self.onOwnThread {
            switch Connection.open(to: address, port: port, until: .now + limit) {
            case .success(let descriptor):
                close(descriptor)
                return .accepted
            case .failure(let reason): return reason.outcome
            }
        }
    }

    package func exchange(
        _ request: String, with address: String, port: Int, within limit: Duration
    ) async -> String? {
        await Self.onOwnThread {
            let deadline = ContinuousClock.now + limit
            guard case .success(let descriptor) = Connection.open(to: address, port: port, until: deadline) else {
                return nil
            }
            defer { close(descriptor) }
            Connection.send(Array(request.utf8), on: descriptor, until: deadline)
            return String(decoding: Connection.receive(from: descriptor, until: deadline), as: UTF8.self)
        }
    }

    package func exchange(
        _ request: String, withSocket path: String, within limit: Duration
    ) async throws(NodeFailure) -> String {
        let answer: Result<String, NodeFailure> = await Self.onOwnThread {
            let deadline = ContinuousClock.now + limit
            switch Connection.open(socket: path) {
            case .failure(let failure): return .failure(failure)
            case .success(let descriptor):
                defer { close(descriptor) }
                Connection.send(Array(request.utf8), on: descriptor, until: deadline)
                return .success(String(decoding: Connection.receive(from: descriptor, until: deadline), as: UTF8.self))
            }
        }
        return try answer.get()
    }

    package func resolve(_ name: String) async -> [String] {
        await Self.onOwnThread {
            var hints = addrinfo()
            hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
            var first: UnsafeMutablePointer<addrinfo>?
            guard getaddrinfo(name, nil, &hints, &first) == 0 else { return [] }
            defer { freeaddrinfo(first) }
            var addresses: [String] = []
            var next = first
            while let entry = next {
                next = entry.pointee.ai_next
                if let text = entry.pointee.ai_addr.flatMap({ SocketAddress.text($0) }), !addresses.contains(text) {
                    addresses.append(text)
                }
            }
            return addresses
        }
    }

    private static func onOwnThread<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: work()) }
        }
    }
}
