/// A point on a test's clock, as the time since the test began.
package struct TestInstant: InstantProtocol {
    package var offset: Duration

    package func advanced(by duration: Duration) -> TestInstant { TestInstant(offset: offset + duration) }
    package func duration(to other: TestInstant) -> Duration { other.offset - offset }
    package static func < (left: TestInstant, right: TestInstant) -> Bool { left.offset < right.offset }
}

/// A clock whose sleep returns at once and moves the time to its end: waiting loops run through without waiting.
package final class ImmediateClock: Clock {
    private let time = Locked(TestInstant(offset: .zero))

    package init() {}

    package var now: TestInstant { time.withLock { $0 } }
    package var minimumResolution: Duration { .zero }

    package func sleep(until deadline: TestInstant, tolerance: Duration?) async throws {
        try Task.checkCancellation()
        time.withLock { $0 = max($0, deadline) }
        await Task.yield()
    }

    package func advance(by duration: Duration) {
        time.withLock { $0 = $0.advanced(by: duration) }
    }
}

/// A clock that stands still until the test advances it; sleepers wake in the order of their deadlines.
package final class ManualClock: Clock {
    private struct Sleeper {
        var number: Int
        var deadline: TestInstant
        var continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var now = TestInstant(offset: .zero)
        var next = 0
        var sleepers: [Sleeper] = []
        var cancelled: Set<Int> = []
    }

    private let state = Locked(State())

    package init() {}

    package var now: TestInstant { state.withLock { $0.now } }
    package var minimumResolution: Duration { .zero }

    /// How many tasks sleep at this moment; a test waits for this before it advances the clock.
    package var sleepers: Int { state.withLock { $0.sleepers.count } }

    package func sleep(until deadline: TestInstant, tolerance: Duration?) async throws {
        let number = state.withLock { state in
            state.next += 1
            return state.next
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let sleeper = Sleeper(number: number, deadline: deadline, continuation: continuation)
                enter(sleeper)
            }
        } onCancel: {
            cancel(number)
        }
    }

    /// Moves the time and wakes whoever's deadline has come.
    package func advance(by duration: Duration) {
        let due = state.withLock { state in
            state.now = state.now.advanced(by: duration)
            let due = state.sleepers.filter { $0.deadline <= state.now }.sorted { $0.deadline < $1.deadline }
            state.sleepers.removeAll { $0.deadline <= state.now }
            return due
        }
        for sleeper in due { sleeper.continuation.resume() }
    }

    /// Returns once at least `count` tasks sleep.
    package func waitForSleepers(_ count: Int = 1) async {
        while sleepers < count { await Task.yield() }
    }

    private func enter(_ sleeper: Sleeper) {
        let outcome: Result<Void, any Error>? = state.withLock { state in
            if state.cancelled.remove(sleeper.number) != nil { return .failure(CancellationError()) }
            if sleeper.deadline <= state.now { return .success(()) }
            state.sleepers.append(sleeper)
            return nil
        }
        if let outcome { sleeper.continuation.resume(with: outcome) }
    }

    private func cancel(_ number: Int) {
        let sleeper = state.withLock { state -> Sleeper? in
            guard let index = state.sleepers.firstIndex(where: { $0.number == number }) else {
                state.cancelled.insert(number)
                return nil
            }
            return state.sleepers.remove(at: index)
        }
        sleeper?.continuation.resume(throwing: CancellationError())
    }
}
