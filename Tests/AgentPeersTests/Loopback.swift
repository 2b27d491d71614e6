import Foundation
import Testing

/// Bare TCP to a server of this test.
enum Loopback {
    /// A connection on which nothing has been said, for the caller to close; nil if it is refused.
    static func connect(_ port: Int) -> Int32? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        if isConnected { return descriptor }
        close(descriptor)
        return nil
    }

    static func untilListening(_ port: Int) async throws {
        for _ in 0..<500 {
            if let descriptor = connect(port) {
                close(descriptor)
                return
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        Issue.record("nobody listens")
    }
}
