import ClusterModel
import HostPorts

// Programs that are there from the start, and those that come with packages and the virtual environment.
extension FakeDebian {
    func scriptPrograms() {
        commands.on("/usr/bin/systemd-sysusers") { command in
            let text = command.arguments.first.flatMap { (try? self.files.text($0)) ?? nil } ?? ""
            for line in text.split(separator: "\n") where line.hasPrefix("u ") {
                self.addUser(String(line.split(separator: " ")[1]))
            }
            return CommandResult(status: 0)
        }
        commands.on("/usr/sbin/userdel") { command in
            let isKnown = command.arguments.allSatisfy { self.users.contains($0) }
            for user in command.arguments { self.removeUser(user) }
            return CommandResult(status: isKnown ? 0 : 6)
        }
        commands.on("/usr/sbin/groupdel") { command in
            let isKnown = command.arguments.allSatisfy { self.groups.contains($0) }
            for group in command.arguments { self.removeGroup(group) }
            return CommandResult(status: isKnown ? 0 : 6)
        }
        commands.on("/usr/bin/systemd-analyze") { command in
            self.judgeUnits(command.arguments.filter { $0.hasPrefix("/") })
        }
        commands.on("/usr/bin/python3") { command in self.makeEnvironment(command.arguments.last ?? "") }
        script("/usr/sbin/haproxy")
        script("/usr/bin/patroni")
        script("/opt/pgha/patroni/bin/patroni")
    }

    /// A program that finds nothing wrong with a file that is there; it can be started while its own file is there.
    private func script(_ executable: String) {
        commands.on(executable) { command throws(NodeFailure) in
            guard try self.files.exists(executable) else {
                throw NodeFailure(.notFound, "could not start \"\(executable)\": No such file or directory")
            }
            return self.judge([command.arguments.last ?? ""])
        }
    }

    private func judge(_ paths: [String]) -> CommandResult {
        let missing = paths.filter { (try? files.exists($0)) != true }
        return CommandResult(status: missing.isEmpty ? 0 : 1, errors: missing.map { "no file \($0)\n" }.joined())
    }

    /// An instance is there if its template is.
    private func judgeUnits(_ paths: [String]) -> CommandResult {
        judge(
            paths.map { path in
                guard let at = path.lastIndex(of: "@"), let dot = path.lastIndex(of: "."), at < dot else { return path }
                return String(path[...at] + path[dot...])
            })
    }

    private func makeEnvironment(_ directory: String) -> CommandResult {
        guard packages.contains("python3-venv") else {
            return CommandResult(status: 1, errors: "ensurepip is not available")
        }
        files.put("\(directory)/bin/pip", "")
        commands.on("\(directory)/bin/pip") { command throws(NodeFailure) in
            guard let file = command.arguments.last, let text = try self.files.text(file) else {
                return CommandResult(status: 1, errors: "Could not open requirements file")
            }
            if text.contains("patroni==") {
                for tool in ["patroni", "patronictl"] { self.files.put("\(directory)/bin/\(tool)", "") }
            }
            return CommandResult(status: 0)
        }
        return CommandResult(status: 0)
    }

    /// Names in /etc/passwd.
    package var users: [String] { names(in: "/etc/passwd") }

    /// Names in /etc/group; the fake packages make no group of their user's name.
    package var groups: [String] { names(in: "/etc/group") }

    package func addUser(_ name: String) {
        add("\(name):x:100:100::/nonexistent:/usr/sbin/nologin", to: "/etc/passwd")
        files.setUsers(Set(users))
    }

    package func addGroup(_ name: String) {
        add("\(name):x:101:", to: "/etc/group")
    }

    func removeUser(_ name: String) {
        remove(name, from: "/etc/passwd")
        files.setUsers(Set(users))
    }

    func removeGroup(_ name: String) {
        remove(name, from: "/etc/group")
    }

    private func names(in path: String) -> [String] {
        lines(of: path).map { String($0.prefix { $0 != ":" }) }
    }

    private func add(_ line: String, to path: String) {
        let name = line.prefix { $0 != ":" }
        guard !names(in: path).contains(String(name)) else { return }
        files.put(path, (lines(of: path) + [line]).map { "\($0)\n" }.joined())
    }

    private func remove(_ name: String, from path: String) {
        files.put(path, lines(of: path).filter { !$0.hasPrefix("\(name):") }.map { "\($0)\n" }.joined())
    }

    private func lines(of path: String) -> [String] {
        ((try? files.text(path)) ?? "").split(separator: "\n").map(String.init)
    }
}
