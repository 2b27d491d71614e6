import ArgumentParser
import Decisions

/// A length of time on the command line, e.g. `60s` or `1h30m`.
struct TimeSpanArgument: ExpressibleByArgument {
    var seconds: Int

    init?(argument: String) {
        guard let seconds = TimeSpan.seconds(argument) else { return nil }
        self.seconds = seconds
    }
}
