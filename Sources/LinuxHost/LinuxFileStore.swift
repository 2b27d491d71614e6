import ClusterModel
import Glibc
import HostPorts

/// The file system of this machine.
package struct LinuxFileStore: FileStore {
    package init() {}

    package func read(_ path: String) throws(NodeFailure) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw Self.failure("read file", path)
        }
        defer { close(descriptor) }
        // An array of zeros to read into would cost more than all the rest: the agent reads files of the kernel all the time.
        let contents = withUnsafeTemporaryAllocation(byteCount: 16384, alignment: 1) { buffer -> [UInt8]? in
            var contents: [UInt8] = []
            while true {
                let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
                if count == 0 { return contents }
                if count > 0 {
                    contents.append(contentsOf: buffer.prefix(count))
                } else if errno != EINTR {
                    return nil
                }
            }
        }
        guard let contents else { throw Self.failure("read file", path) }
        return contents
    }

    package func write(
        _ contents: [UInt8], to path: String, owner: FileOwner, mode: UInt16
    ) throws(NodeFailure) -> WriteOutcome {
        let before = try attributes(path)
        if let before, before.kind == .file, before.owner == owner, before.mode == mode, try read(path) == contents {
            return .unchanged
        }
        let temporary = PartialFile.path(of: path)
        let (user, group) = try Accounts.numbers(of: owner)
        // A leftover of an earlier run that was killed may have another owner; it is never trusted.
        unlink(temporary)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw Self.failure("write file", temporary) }
        do throws(NodeFailure) {
            defer { close(descriptor) }
            try Self.writeAll(contents, descriptor, temporary)
            guard fchown(descriptor, user, group) == 0, fchmod(descriptor, mode_t(mode)) == 0,
                fsync(descriptor) == 0
            else { throw Self.failure("write file", temporary) }
            guard rename(temporary, path) == 0 else { throw Self.failure("replace file", path) }
        } catch {
            unlink(temporary)
            throw error
        }
        try Self.syncDirectory(of: path)
        return before == nil ? .created : .updated
    }

    package func makeDirectory(_ path: String, owner: FileOwner, mode: UInt16) throws(NodeFailure) -> WriteOutcome {
        let (user, group) = try Accounts.numbers(of: owner)
        let before = try attributes(path)
        if let before {
            guard before.kind == .directory else {
                throw NodeFailure(.conflict, "\"\(path)\" exists and is not a directory")
            }
            if before.owner == owner, before.mode == mode { return .unchanged }
        } else {
            let parent = Self.parent(of: path)
            if try attributes(parent) == nil { _ = try makeDirectory(parent, owner: .root, mode: 0o755) }
            guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw Self.failure("create directory", path) }
        }
        guard lchown(path, user, group) == 0, chmod(path, mode_t(mode)) == 0 else {
            throw Self.failure("set owner and mode of", path)
        }
        return before == nil ? .created : .updated
    }

    package func link(_ path: String, to target: String) throws(NodeFailure) -> WriteOutcome {
        let before = try attributes(path)
        if before?.kind == .symbolicLink, Self.target(of: path) == target { return .unchanged }
        let temporary = PartialFile.path(of: path)
        unlink(temporary)
        guard symlink(target, temporary) == 0, rename(temporary, path) == 0 else {
            throw Self.failure("create link", path)
        }
        try Self.syncDirectory(of: path)
        return before == nil ? .created : .updated
    }

    package func attributes(_ path: String) throws(NodeFailure) -> FileAttributes? {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw Self.failure("look at", path)
        }
        let kind: FileAttributes.Kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .directory
            case S_IFLNK: .symbolicLink
            default: .other
            }
        return FileAttributes(
            kind: kind, owner: Accounts.names(status.st_uid, status.st_gid),
            mode: UInt16(status.st_mode & 0o7777), size: Int64(status.st_size))
    }

    package func names(in directory: String) throws(NodeFailure) -> [String] {
        guard let stream = opendir(directory) else {
            if errno == ENOENT || errno == ENOTDIR { return [] }
            throw Self.failure("list directory", directory)
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    package func remove(_ path: String) throws(NodeFailure) -> Bool {
        guard let attributes = try attributes(path) else { return false }
        guard attributes.kind == .directory else {
            guard unlink(path) == 0 || errno == ENOENT else { throw Self.failure("remove", path) }
            return true
        }
        for name in try names(in: path) { _ = try remove("\(path)/\(name)") }
        guard rmdir(path) == 0 || errno == ENOENT else { throw Self.failure("remove directory", path) }
        return true
    }

    package func lock(_ path: String, holder: String) throws(NodeFailure) -> (any FileLock)? {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure("open lock file", path) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let busy = errno == EWOULDBLOCK
            close(descriptor)
            if busy { return nil }
            throw Self.failure("lock file", path)
        }
        ftruncate(descriptor, 0)
        try Self.writeAll(Array(holder.utf8), descriptor, path)
        return DescriptorLock(descriptor)
    }
}

/// flock(2) on an open file; the kernel lets it go when the process ends, however it ends.
private final class DescriptorLock: FileLock {
    private let descriptor: Int32

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }
}
