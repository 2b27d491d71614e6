import Foundation
import Testing

@testable import LinuxHost

@Suite struct LinuxProcessesTests {
    /// Longer than a busy machine lets a test wait for its turn.
    private static func sleeper() throws -> Process {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/sleep")
        process.arguments = ["3600"]
        try process.run()
        return process
    }

    @Test func `the end of a process is heard of`() async throws {
        let process = try Self.sleeper()
        let wait = Task { await LinuxProcesses().waitForEnd(of: process.processIdentifier) }
        try await Task.sleep(for: .milliseconds(100))
        #expect(process.isRunning)
        #expect(LinuxProcesses().kill(process.processIdentifier))
        await wait.value
        process.waitUntilExit()
    }

    @Test func `who is not interested any more does not wait, before or after it began`() async throws {
        let process = try Self.sleeper()
        defer { _ = LinuxProcesses().kill(process.processIdentifier) }
        for pause in [0, 100] {
            let wait = Task { await LinuxProcesses().waitForEnd(of: process.processIdentifier) }
            try await Task.sleep(for: .milliseconds(pause))
            wait.cancel()
            await wait.value
        }
        #expect(process.isRunning)
    }

    @Test func `a process that is none has ended`() async {
        await LinuxProcesses().waitForEnd(of: Int32.max)
        #expect(!LinuxProcesses().kill(Int32.max) && !LinuxProcesses().kill(0) && !LinuxProcesses().kill(1))
    }
}
