import BenchStatistics
import HostPorts
import PostgresClient

/// All threads of a trial.
final class Crew {
    let run: String
    let fresh: [Writer]
    let kept: [Writer]
    private let watchers: [Watcher]
    private let sessions: [OpenSession]
    private(set) var spans: [WritableSpans] = []
    private(set) var commits: [Double] = []

    /// `away` are hosts whose entry point may be lost with them; `frozen` is a leader with sessions that have open transactions.
    init(lab: Lab, run: String, away: [String], frozen: String?) {
        self.run = run
        let entries = lab.members.filter { !away.contains($0) }.map { lab.entryPoint(on: $0) }
        fresh = entries.enumerated().map {
            Writer(number: $0.offset, run: run, keepsConnection: false, target: $0.element)
        }
        kept = entries.enumerated().map {
            Writer(number: 10 + $0.offset, run: run, keepsConnection: true, target: $0.element)
        }
        watchers = lab.members.map { Watcher(target: lab.target(of: $0)) }
        sessions = frozen.map { leader in (0..<8).map { _ in OpenSession(target: lab.target(of: leader)) } } ?? []
    }

    func start() {
        for writer in fresh + kept { writer.start() }
        for watcher in watchers { watcher.start() }
        for session in sessions { session.start() }
    }

    func stop() {
        for writer in fresh + kept { _ = writer.stop() }
        spans = watchers.map { $0.stop() }
        commits = sessions.flatMap { $0.stop() }
    }
}
