import ClusterModel
import Dispatch
import Glibc

/// A verb that a signal ends at once: it changes nothing, or another program has taken its place.
protocol EndsAtSignal {}

/// Ctrl-C, SIGTERM and SIGHUP cancel the task, so that whatever waits says what it was waiting for and how things stand; a
/// second one ends the program at once.
struct Interruption {
    private let sources: [any DispatchSourceSignal]

    init(of work: Task<Void, any Error>) {
        let queue = DispatchQueue(label: "signals")
        var hasCome = false
        sources = [SIGINT, SIGTERM, SIGHUP].map { number in
            // The default action would come first (dispatch_source_create(3), "signal").
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler {
                if hasCome { exit(128 + number) }
                hasCome = true
                Output.comment("interrupted; once more to end at once")
                work.cancel()
            }
            source.resume()
            return source
        }
    }

    /// Until then it must be kept.
    func end() {
        for source in sources { source.cancel() }
    }
}
