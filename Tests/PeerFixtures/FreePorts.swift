import Foundation

/// Ports of loopback that nobody has at this moment. A number picked at random may be another test's, or the near end of some
/// connection of this machine.
package enum FreePorts {
    package struct Failure: Error {}

    package static func take() throws -> Int { try take(1)[0] }

    /// All of them different.
    package static func take(_ count: Int) throws -> [Int] {
        var sockets: [Int32] = []
        defer { for descriptor in sockets { close(descriptor) } }
        return try (0..<count).map { _ in
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            sockets.append(descriptor)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let isBound = withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
                }
            }
            guard isBound else { throw Failure() }
            return Int(UInt16(bigEndian: address.sin_port))
        }
    }
}
