import ClusterModel
import HostPorts

/// A file system in memory with owners and modes, links that are followed, and a way to die in the middle of a run.
///
/// It starts with the directories every host has; a file cannot be written where its directory is missing.
package final class InMemoryFileStore: FileStore {
    struct Node {
        var kind: FileAttributes.Kind
        var contents: [UInt8] = []
        var target = ""
        var owner = FileOwner.root
        var mode: UInt16
    }

    struct State {
        var nodes: [String: Node] = ["/": Node(kind: .directory, mode: 0o755)]
        var mutations: [String] = []
        /// Mutations that still succeed before the simulated kill; nil: no kill.
        var remaining: Int?
        var failures: [String: NodeFailure] = [:]
        var users: Set<String>?
        var space = FileSystemSpace(free: 50 << 30, total: 100 << 30, type: "ext4")
        var latency = Duration.milliseconds(1)
        var locks: Set<String> = []
        var mounts: Set<String> = []
    }

    let state = Locked(State())

    /// Files by path, as root with mode 0644; their directories are made.
    package init(_ files: [String: String] = [:]) {
        for path in ["/etc/systemd/system", "/opt", "/proc", "/run", "/tmp", "/usr/lib", "/var/lib"] {
            put(directory: path)
        }
        for (path, text) in files { put(path, text) }
    }

    package func read(_ path: String) throws(NodeFailure) -> [UInt8]? {
        try state.withLock { state throws(NodeFailure) in
            try state.check(path)
            guard let node = state.nodes[state.resolve(path)] else { return nil }
            guard node.kind == .file else {
                throw NodeFailure(.commandFailed, "could not read file \"\(path)\": Is a directory")
            }
            return node.contents
        }
    }

    package func write(
        _ contents: [UInt8], to path: String, owner: FileOwner, mode: UInt16
    ) throws(NodeFailure) -> WriteOutcome {
        try state.withLock { state throws(NodeFailure) in
            try state.check(path)
            try state.check(owner)
            let place = state.resolveParent(path)
            guard state.nodes[State.parent(of: place)]?.kind == .directory else {
                throw NodeFailure(.commandFailed, "could not write file \"\(path)\": No such file or directory")
            }
            let before = state.nodes[place]
            if before?.kind == .directory {
                throw NodeFailure(.commandFailed, "could not replace file \"\(path)\": Is a directory")
            }
            if let before, before.kind == .file, before.contents == contents, before.owner == owner, before.mode == mode
            {
                return .unchanged
            }
            let node = Node(kind: .file, contents: contents, owner: owner, mode: mode)
            // A real kill leaves the temporary file behind; the next write replaces it.
            try state.mutate("write \(path)") { $0[PartialFile.path(of: place)] = node }
            state.nodes[PartialFile.path(of: place)] = nil
            state.nodes[place] = node
            return before == nil ? .created : .updated
        }
    }

    package func makeDirectory(_ path: String, owner: FileOwner, mode: UInt16) throws(NodeFailure) -> WriteOutcome {
        try state.withLock { state throws(NodeFailure) in
            try state.check(path)
            try state.check(owner)
            let before = state.nodes[state.resolveParent(path)]
            if let before {
                guard before.kind == .directory else {
                    throw NodeFailure(.conflict, "\"\(path)\" exists and is not a directory")
                }
                if before.owner == owner, before.mode == mode { return .unchanged }
            }
            try state.mutate("mkdir \(path)")
            state.makeDirectories(path)
            state.nodes[state.resolveParent(path)] = Node(kind: .directory, owner: owner, mode: mode)
            return before == nil ? .created : .updated
        }
    }

    package func link(_ path: String, to target: String) throws(NodeFailure) -> WriteOutcome {
        try state.withLock { state throws(NodeFailure) in
            try state.check(path)
            let place = state.resolveParent(path)
            let before = state.nodes[place]
            if before?.kind == .symbolicLink, before?.target == target { return .unchanged }
            guard state.nodes[State.parent(of: place)]?.kind == .directory, before?.kind != .directory else {
                throw NodeFailure(.commandFailed, "could not create link \"\(path)\"")
            }
            try state.mutate("link \(path)")
            state.nodes[place] = Node(kind: .symbolicLink, target: target, mode: 0o777)
            return before == nil ? .created : .updated
        }
    }

    package func attributes(_ path: String) throws(NodeFailure) -> FileAttributes? {
        try state.withLock { state throws(NodeFailure) in
            try state.check(path)
            return state.nodes[state.resolveParent(path)].map {
                FileAttributes(kind: $0.kind, owner: $0.owner, mode: $0.mode, size: Int64($0.contents.count))
            }
        }
    }

    package func names(in directory: String) throws(NodeFailure) -> [String] {
        try state.withLock { state throws(NodeFailure) in
            try state.check(directory)
            let place = state.resolve(directory)
            return state.nodes.keys
                .filter { $0 != "/" && State.parent(of: $0) == place }
                .map { State.name(of: $0) }
                .sorted()
        }
    }

    package func remove(_ path: String) throws(NodeFailure) -> Bool {
        try state.withLock { state throws(NodeFailure) in
            try state.check(path)
            let place = state.resolveParent(path)
            guard state.nodes[place] != nil else { return false }
            if state.mounts.contains(place) {
                throw NodeFailure(.commandFailed, "could not remove directory \"\(path)\": Device or resource busy")
            }
            try state.mutate("remove \(path)")
            for key in Array(state.nodes.keys) where key == place || key.hasPrefix(place + "/") {
                state.nodes[key] = nil
            }
            return true
        }
    }

    package func space(at path: String) throws(NodeFailure) -> FileSystemSpace {
        try state.withLock { state throws(NodeFailure) in
            try state.check(path)
            return state.space
        }
    }

    package func syncLatency(in directory: String, samples: Int) throws(NodeFailure) -> Duration {
        try state.withLock { state throws(NodeFailure) in
            try state.check(directory)
            return state.latency
        }
    }

    package func lock(_ path: String, holder: String) throws(NodeFailure) -> (any FileLock)? {
        let isFree = state.withLock { state in
            guard state.locks.insert(path).inserted else { return false }
            state.nodes[state.resolve(path)] = Node(kind: .file, contents: Array(holder.utf8), mode: 0o600)
            return true
        }
        return isFree ? HeldLock(self, path) : nil
    }

    private final class HeldLock: FileLock {
        private let store: InMemoryFileStore
        private let path: String

        init(_ store: InMemoryFileStore, _ path: String) {
            self.store = store
            self.path = path
        }

        deinit {
            _ = store.state.withLock { $0.locks.remove(path) }
        }
    }
}
