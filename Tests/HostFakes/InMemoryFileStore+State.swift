import ClusterModel
import HostPorts

extension InMemoryFileStore.State {
    /// Throws what a test has said that touching this path throws.
    func check(_ path: String) throws(NodeFailure) {
        if let failure = failures[path] { throw failure }
    }

    func check(_ owner: FileOwner) throws(NodeFailure) {
        guard let users, owner != .root, !users.contains(owner.user) else { return }
        throw NodeFailure(.notFound, "user \"\(owner.user)\" does not exist")
    }

    /// Counts a mutation, or dies in it; `trace` is what a kill leaves behind.
    mutating func mutate(
        _ what: String, leaving trace: (inout [String: InMemoryFileStore.Node]) -> Void = { _ in }
    ) throws(NodeFailure) {
        if let left = remaining {
            guard left > 0 else {
                if left == 0 { trace(&nodes) }
                remaining = -1
                throw NodeFailure(.interrupted, "killed before it could \(what)")
            }
            remaining = left - 1
        }
        mutations.append(what)
    }

    mutating func makeDirectories(_ path: String) {
        let place = resolve(path)
        guard nodes[place] == nil else { return }
        makeDirectories(Self.parent(of: place))
        nodes[place] = InMemoryFileStore.Node(kind: .directory, mode: 0o755)
    }

    /// The path with the links in its parents followed, but not itself.
    func resolveParent(_ path: String) -> String {
        path == "/" ? path : Self.join(resolve(Self.parent(of: path)), Self.name(of: path))
    }

    /// The path with all links followed; at most 40, as in the kernel (path_resolution(7)).
    func resolve(_ path: String, depth: Int = 40) -> String {
        var place = "/"
        for part in path.split(separator: "/") {
            place = Self.join(place, String(part))
            if let node = nodes[place], node.kind == .symbolicLink, depth > 0 {
                let isAbsolute = node.target.hasPrefix("/")
                let target = isAbsolute ? node.target : Self.join(Self.parent(of: place), node.target)
                place = resolve(target, depth: depth - 1)
            }
        }
        return place
    }

    static func parent(of path: String) -> String {
        "/" + path.split(separator: "/").dropLast().joined(separator: "/")
    }

    static func name(of path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? ""
    }

    private static func join(_ directory: String, _ name: String) -> String {
        directory == "/" ? "/" + name : "\(directory)/\(name)"
    }
}

// What tests set and look at; none of it counts as a mutation.
extension InMemoryFileStore {
    package func put(_ path: String, _ text: String, owner: FileOwner = .root, mode: UInt16 = 0o644) {
        state.withLock { state in
            state.makeDirectories(State.parent(of: path))
            state.nodes[state.resolve(path)] = Node(kind: .file, contents: Array(text.utf8), owner: owner, mode: mode)
        }
    }

    package func put(directory path: String, owner: FileOwner = .root, mode: UInt16 = 0o755) {
        state.withLock { state in
            state.makeDirectories(path)
            state.nodes[state.resolve(path)] = Node(kind: .directory, owner: owner, mode: mode)
        }
    }

    package func put(link path: String, to target: String) {
        state.withLock { state in
            state.makeDirectories(State.parent(of: path))
            state.nodes[state.resolveParent(path)] = Node(kind: .symbolicLink, target: target, mode: 0o777)
        }
    }

    /// Makes `path` a directory on which a file system is mounted, so that it cannot be removed.
    package func mount(_ path: String) {
        put(directory: path)
        state.withLock { state in _ = state.mounts.insert(state.resolve(path)) }
    }

    /// Takes away what is at `path` and below it, as some other program would.
    package func discard(_ path: String) {
        state.withLock { state in
            let place = state.resolveParent(path)
            state.nodes = state.nodes.filter { $0.key != place && !$0.key.hasPrefix(place + "/") }
        }
    }

    /// Takes a directory away if nothing is in it.
    package func discard(emptyDirectory path: String) {
        state.withLock { state in
            let place = state.resolveParent(path)
            if !state.nodes.keys.contains(where: { $0.hasPrefix(place + "/") }) { state.nodes[place] = nil }
        }
    }

    /// Every later call that names exactly this path throws `failure`; nil ends that.
    package func fail(_ path: String, with failure: NodeFailure?) {
        state.withLock { $0.failures[path] = failure }
    }

    /// The next `count` mutations succeed; the one after them and all later ones throw `.interrupted`, as if killed.
    package func die(afterMutations count: Int) {
        state.withLock { $0.remaining = count }
    }

    /// Ends what `die` began, as the next run of the program does.
    package func revive() {
        state.withLock { $0.remaining = nil }
    }

    /// Users that exist besides root; until it is called, all do.
    package func setUsers(_ users: Set<String>) {
        state.withLock { $0.users = users }
    }

    package func setSpace(free: Int64, total: Int64) {
        state.withLock { $0.space = FileSystemSpace(free: free, total: total, type: "ext4") }
    }

    package func setSyncLatency(_ latency: Duration) {
        state.withLock { $0.latency = latency }
    }

    /// What changed the tree so far, oldest first, e.g. `write /etc/pgha/cluster.yml`.
    package var mutations: [String] { state.withLock { $0.mutations } }

    /// The whole tree, sorted by path, e.g. `file 644 root:root /etc/hosts`; for comparing two moments.
    package var tree: [String] {
        state.withLock { state in
            state.nodes.sorted { $0.key < $1.key }.map { path, node in
                let owner = "\(node.owner.user):\(node.owner.group)"
                let arrow = node.kind == .symbolicLink ? " -> \(node.target)" : ""
                return "\(node.kind) \(String(node.mode, radix: 8)) \(owner) \(path)\(arrow)"
            }
        }
    }

    /// The contents of all files by path, as text.
    package var texts: [String: String] {
        state.withLock { state in
            state.nodes.filter { $0.value.kind == .file }.mapValues { String(decoding: $0.contents, as: UTF8.self) }
        }
    }
}
