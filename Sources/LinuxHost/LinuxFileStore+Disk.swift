import ClusterModel
import Glibc
import HostPorts

extension LinuxFileStore {
    package func space(at path: String) throws(NodeFailure) -> FileSystemSpace {
        let place = try existing(path)
        var status = statvfs()
        guard statvfs(place, &status) == 0 else { throw Self.failure("read the free space of", place) }
        let block = Int64(status.f_frsize)
        return FileSystemSpace(
            free: Int64(status.f_bavail) * block, total: Int64(status.f_blocks) * block,
            type: try Self.fileSystemType(of: place, try text("/proc/self/mounts") ?? ""))
    }

    package func syncLatency(in directory: String, samples: Int) throws(NodeFailure) -> Duration {
        let path = "\(try existing(directory))/.pgha-fsync-probe"
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw Self.failure("write file", path) }
        defer {
            close(descriptor)
            unlink(path)
        }
        let page = [UInt8](repeating: 0x70, count: 8192)
        var times: [Duration] = []
        for _ in 0..<max(1, samples) {
            let start = ContinuousClock.now
            try Self.writeAll(page, descriptor, path)
            guard fdatasync(descriptor) == 0 else { throw Self.failure("sync file", path) }
            times.append(ContinuousClock.now - start)
        }
        return times.sorted()[times.count / 2]
    }

    /// `path`, or its nearest parent that exists.
    private func existing(_ path: String) throws(NodeFailure) -> String {
        var place = path
        while try attributes(place) == nil, place != "/" { place = Self.parent(of: place) }
        return place
    }

    /// The type of the mount with the longest path that holds `path`, out of /proc/self/mounts.
    static func fileSystemType(of path: String, _ mounts: String) throws(NodeFailure) -> String {
        var best = (length: 0, type: "unknown")
        for line in mounts.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count > 2 else { continue }
            let point = String(fields[1])
            let holds = path == point || point == "/" || path.hasPrefix(point + "/")
            if holds, point.utf8.count >= best.length { best = (point.utf8.count, String(fields[2])) }
        }
        return best.type
    }

    static func parent(of path: String) -> String {
        let parts = path.split(separator: "/").dropLast()
        return "/" + parts.joined(separator: "/")
    }

    static func target(of path: String) -> String? {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = buffer.withUnsafeMutableBytes { bytes in
            bytes.withMemoryRebound(to: CChar.self) { text in
                text.baseAddress.map { readlink(path, $0, text.count) } ?? -1
            }
        }
        return count < 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
    }

    static func writeAll(_ contents: [UInt8], _ descriptor: Int32, _ path: String) throws(NodeFailure) {
        var written = 0
        while written < contents.count {
            let count = contents[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                throw failure("write file", path)
            }
            written += count
        }
    }

    /// A rename is durable only when the directory is (fsync(2), rename(2)).
    static func syncDirectory(of path: String) throws(NodeFailure) {
        let directory = parent(of: path)
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open directory", directory) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("sync directory", directory) }
    }

    static func failure(_ verb: String, _ path: String) -> NodeFailure {
        let number = errno
        let text = String(cString: strerror(number))
        let code: NodeFailure.Code = number == EACCES || number == EPERM ? .notPermitted : .commandFailed
        let hint: String? =
            switch number {
            case ENOSPC, EDQUOT: "Free some space on that file system and run the command again."
            case EROFS: "The file system is mounted read-only."
            case EACCES, EPERM: "Run the command as root."
            default: nil
            }
        return NodeFailure(code, "could not \(verb) \"\(path)\": \(text)", hint: hint)
    }
}
