import ClusterModel

/// What writing did.
package enum WriteOutcome: String, Codable, Sendable {
    case created
    case updated
    case unchanged
}

/// Who a file belongs to, by name.
package struct FileOwner: Equatable, Sendable {
    package var user: String
    package var group: String

    package init(_ user: String, _ group: String) {
        self.user = user
        self.group = group
    }

    package static let root = FileOwner("root", "root")
}

package struct FileAttributes: Equatable, Sendable {
    package enum Kind: Sendable { case file, directory, symbolicLink, other }

    package var kind: Kind
    package var owner: FileOwner
    /// Permission bits only.
    package var mode: UInt16
    /// In bytes.
    package var size: Int64

    package init(kind: Kind, owner: FileOwner, mode: UInt16, size: Int64) {
        self.kind = kind
        self.owner = owner
        self.mode = mode
        self.size = size
    }
}

package struct FileSystemSpace: Equatable, Sendable {
    /// Bytes an ordinary user can still write.
    package var free: Int64
    package var total: Int64
    /// As in /proc/mounts, e.g. `ext4`.
    package var type: String

    package init(free: Int64, total: Int64, type: String) {
        self.free = free
        self.total = total
        self.type = type
    }
}

/// The file system. Paths are absolute.
package protocol FileStore: Sendable {
    /// The contents, or nil where nothing is at `path`.
    func read(_ path: String) throws(NodeFailure) -> [UInt8]?

    /// Replaces `path` in one rename, so that a reader sees the old or the new contents and never a mixture.
    ///
    /// The temporary file is beside `path`, is synced, and has its owner and mode before the rename; the directory is synced after it.
    func write(_ contents: [UInt8], to path: String, owner: FileOwner, mode: UInt16) throws(NodeFailure) -> WriteOutcome

    /// Makes the directory and its missing parents (those as root, 0755); sets owner and mode of the last one.
    func makeDirectory(_ path: String, owner: FileOwner, mode: UInt16) throws(NodeFailure) -> WriteOutcome

    /// Makes `path` a symbolic link to `target`, replacing what was there in one rename.
    func link(_ path: String, to target: String) throws(NodeFailure) -> WriteOutcome

    /// Attributes of `path` itself (a symbolic link is not followed), or nil where nothing is there.
    func attributes(_ path: String) throws(NodeFailure) -> FileAttributes?

    /// Names in a directory, sorted; empty where there is no such directory.
    func names(in directory: String) throws(NodeFailure) -> [String]

    /// Removes a file, a link or a whole directory tree; false where nothing was there.
    func remove(_ path: String) throws(NodeFailure) -> Bool

    /// Space on the file system that holds `path` or its nearest existing parent.
    func space(at path: String) throws(NodeFailure) -> FileSystemSpace

    /// Median time of an 8 KiB write followed by fdatasync in `directory` (or its nearest existing parent), over `samples` writes.
    func syncLatency(in directory: String, samples: Int) throws(NodeFailure) -> Duration

    /// Takes an exclusive lock on `path` until the returned value is gone; nil if another process holds it.
    ///
    /// `holder` is written into the file, for whoever finds it locked.
    func lock(_ path: String, holder: String) throws(NodeFailure) -> (any FileLock)?
}

/// Holds a lock for as long as it lives.
package protocol FileLock: AnyObject, Sendable {}

/// Where a write prepares what then replaces `path`; what a killed run has left there belongs to nobody.
package enum PartialFile {
    package static func path(of path: String) -> String { "\(path).pgha-new" }
}

extension FileStore {
    /// The contents as text, or nil where nothing is at `path`; bytes that are not UTF-8 are replaced.
    package func text(_ path: String) throws(NodeFailure) -> String? {
        try read(path).map { String(decoding: $0, as: UTF8.self) }
    }

    package func exists(_ path: String) throws(NodeFailure) -> Bool {
        try attributes(path) != nil
    }
}
