import Glibc

/// What journalctl does at a terminal: the result goes through a pager, so that a long one can be read and searched.
struct Pager {
    private let pid: pid_t

    /// Nothing of it without a terminal, or where the environment says so (`SYSTEMD_PAGER` or `PAGER` empty or "cat").
    ///
    /// From then on stdout is the pager.
    static func start() -> Pager? {
        guard isatty(STDOUT_FILENO) == 1, let words = command() else { return nil }
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { return nil }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { for end in ends { close(end) } }
        guard let pid = spawn(words, input: ends[0]) else { return nil }
        dup2(ends[1], STDOUT_FILENO)
        // Who leaves the pager has seen enough.
        signal(SIGPIPE, SIG_DFL)
        return Pager(pid: pid)
    }

    /// Waits until the person has left it.
    func finish() {
        close(STDOUT_FILENO)
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    }

    private static func command() -> [String]? {
        for name in ["SYSTEMD_PAGER", "PAGER"] {
            guard let value = getenv(name).map({ String(cString: $0) }) else { continue }
            let words = value.split(separator: " ").map(String.init)
            return words.isEmpty || words == ["cat"] ? nil : words
        }
        return ["less"]
    }

    private static func spawn(_ words: [String], input: Int32) -> pid_t? {
        // As journalctl(1), "Environment"; and no shell out of a pager that runs as root.
        setenv("LESS", getenv("SYSTEMD_LESS").map { String(cString: $0) } ?? "FRSXMK", 1)
        setenv("LESSCHARSET", "utf-8", 0)
        setenv("LESSSECURE", "1", 1)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
        let arguments = words.map { strdup($0) } + [nil]
        defer { for each in arguments { free(each) } }
        var pid: pid_t = 0
        return posix_spawnp(&pid, words[0], &actions, nil, arguments, environ) == 0 ? pid : nil
    }
}
