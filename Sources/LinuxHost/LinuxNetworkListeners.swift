import ClusterModel
import Glibc
import HostPorts

/// A line of /proc/net/tcp or tcp6 whose socket listens (proc_net(5)).
struct ListeningSocket: Equatable {
    var address: String
    var port: Int
    var inode: UInt64

    static func parse(_ table: String) -> [ListeningSocket] {
        table.split(separator: "\n").dropFirst().compactMap(parseLine)
    }

    private static func parseLine(_ line: Substring) -> ListeningSocket? {
        let fields = line.split(separator: " ", omittingEmptySubsequences: true)
        // 0A is TCP_LISTEN (include/net/tcp_states.h).
        guard fields.count > 9, fields[3] == "0A", let inode = UInt64(fields[9]) else { return nil }
        let local = fields[1].split(separator: ":")
        guard local.count == 2, let port = Int(local[1], radix: 16), let address = address(local[0]) else { return nil }
        return ListeningSocket(address: address, port: port, inode: inode)
    }

    /// The kernel prints each 32-bit word of an address as a number of this machine's byte order.
    static func address(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text
        while !rest.isEmpty {
            guard let word = UInt32(rest.prefix(8), radix: 16) else { return nil }
            withUnsafeBytes(of: word) { bytes += $0 }
            rest = rest.dropFirst(8)
        }
        switch bytes.count {
        case 4: return bytes.withUnsafeBytes { SocketAddress.text(of: $0, AF_INET) }
        case 16: return bytes.withUnsafeBytes { SocketAddress.text(of: $0, AF_INET6) }
        default: return nil
        }
    }
}

/// A process that has a socket open.
struct SocketHolder: Equatable {
    var process: String
    var controlGroup: String?

    /// Holders by the inode of the socket. Processes that end meanwhile, or that we may not look into, are left out.
    static func find(_ inodes: Set<UInt64>) -> [UInt64: SocketHolder] {
        var holders: [UInt64: SocketHolder] = [:]
        for process in names(in: "/proc") where process.allSatisfy(\.isNumber) {
            if holders.count == inodes.count { break }
            for descriptor in names(in: "/proc/\(process)/fd") {
                guard let inode = socketInode("/proc/\(process)/fd/\(descriptor)"), inodes.contains(inode),
                    holders[inode] == nil
                else { continue }
                holders[inode] = SocketHolder(process: name(of: process), controlGroup: controlGroup(of: process))
            }
        }
        return holders
    }

    /// The unified hierarchy's path, or that of systemd's own hierarchy where only version 1 has more than a root (cgroups(7)).
    static func controlGroup(in text: String) -> String? {
        var unified: String?
        var named: String?
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            if fields[1] == "name=systemd" { named = String(fields[2]) }
            if fields[0] == "0", fields[1].isEmpty { unified = String(fields[2]) }
        }
        return unified.flatMap { $0 == "/" ? nil : $0 } ?? named ?? unified
    }

    private static func controlGroup(of process: String) -> String? {
        text("/proc/\(process)/cgroup").flatMap(controlGroup(in:))
    }

    private static func name(of process: String) -> String {
        text("/proc/\(process)/comm").map { String($0.prefix { $0 != "\n" }) } ?? "process \(process)"
    }

    private static func socketInode(_ path: String) -> UInt64? {
        var buffer = [UInt8](repeating: 0, count: 64)
        let count = buffer.withUnsafeMutableBytes { bytes in
            bytes.withMemoryRebound(to: CChar.self) { text in
                text.baseAddress.map { readlink(path, $0, text.count) } ?? -1
            }
        }
        guard count > 0 else { return nil }
        let target = String(decoding: buffer[..<count], as: UTF8.self)
        guard target.hasPrefix("socket:["), target.hasSuffix("]") else { return nil }
        return UInt64(target.dropFirst("socket:[".count).dropLast())
    }

    private static func text(_ path: String) -> String? {
        try? LinuxFileStore().text(path)
    }

    private static func names(in directory: String) -> [String] {
        (try? LinuxFileStore().names(in: directory)) ?? []
    }
}
