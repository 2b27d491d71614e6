import Foundation
import Testing

@testable import LinuxHost

@Suite struct LinuxProgramTextTests {
    /// Bytes of files that this process has mapped and touched (proc_pid_status(5), RssFile).
    private static func residentFileKilobytes() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("RssFile:") })
        return try #require(line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) })
    }

    @Test func `a program that leaves its text has less of it in memory, and goes on`() throws {
        let before = try Self.residentFileKilobytes()
        #expect(LinuxProgramText.leave())
        #expect(try Self.residentFileKilobytes() < before)
        // Constants and functions come back when they are used.
        #expect("\(before) kB".contains(" kB"))
    }
}
