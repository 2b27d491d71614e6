extension Clock where Duration == Swift.Duration {
    /// Tells how long ago it was made.
    package func stopwatch() -> @Sendable () -> Duration {
        let start = now
        return { start.duration(to: now) }
    }

    /// A stopwatch, and what sleeps until it shows so much.
    package func stopwatchAndAlarm() -> (@Sendable () -> Duration, @Sendable (Duration) async throws -> Void) {
        let start = now
        return (
            { start.duration(to: now) }, { try await sleep(until: start.advanced(by: $0), tolerance: nil) }
        )
    }
}

extension Duration {
    /// With its fraction.
    var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
