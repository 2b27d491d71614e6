import ClusterModel
import HostPorts

/// Commands with scripted results. A command without a script is one that is not installed: `.notFound`.
package final class FakeCommandRunner: CommandRunner {
    package typealias Script = @Sendable (Command) throws(NodeFailure) -> CommandResult

    private struct Entry {
        var executable: String
        var arguments: [String]?
        var script: Script
    }

    private struct State {
        var entries: [Entry] = []
        var calls: [Command] = []
        var kill = KillPoint()
    }

    private let state = Locked(State())

    package init() {}

    /// Answers `executable`, with exactly these arguments or, where they are nil, with any. The latest script wins.
    package func on(_ executable: String, _ arguments: [String]? = nil, do script: @escaping Script) {
        state.withLock { $0.entries.append(Entry(executable: executable, arguments: arguments, script: script)) }
    }

    package func on(
        _ executable: String, _ arguments: [String]? = nil, status: Int32 = 0, output: String = "", errors: String = ""
    ) {
        let result = CommandResult(status: status, output: output, errors: errors)
        on(executable, arguments) { _ in result }
    }

    /// Every command that was run, oldest first.
    package var calls: [Command] { state.withLock { $0.calls } }

    /// The same as lines, e.g. `/usr/bin/apt-get -y install haproxy`.
    package var lines: [String] {
        calls.map { ([$0.executable] + $0.arguments).joined(separator: " ") }
    }

    /// The call after the next `count` calls is the last one of a run that is killed.
    package func die(afterCalls count: Int, _ moment: KillMoment) {
        state.withLock { $0.kill = KillPoint(afterCalls: count, moment) }
    }

    package func run(_ command: Command) async throws(NodeFailure) -> CommandResult {
        let (entry, kill) = state.withLock { state in
            state.calls.append(command)
            let entry = state.entries.last {
                $0.executable == command.executable && ($0.arguments ?? command.arguments) == command.arguments
            }
            return (entry, state.kill.next())
        }
        if kill == .before { throw KillPoint.failure }
        guard let entry else {
            throw NodeFailure(.notFound, "could not start \"\(command.executable)\": No such file or directory")
        }
        let result = try entry.script(command)
        if kill == .after { throw KillPoint.failure }
        return result
    }
}
