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
        var firstCame: DispatchTime?
        sources = [SIGINT, SIGTERM, SIGHUP].map { number in
            // The default action would come first (dispatch_source_create(3), "signal").
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler {
                // timeout(1) sends to the process and to its group: what comes at the same moment is one signal.
                if let firstCame {
                    if DispatchTime.now() > firstCame + .milliseconds(500) { exit(128 + number) }
                    return
                }
                firstCame = .now()
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
