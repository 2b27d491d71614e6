import Foundation
import Testing

@testable import LinuxHost

@Suite struct LinuxProgramTextTests {
    /// Bytes of files that this process has mapped and touched (proc_pid_status(5), RssFile).
    private static func residentFileBytes() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("RssFile:") })
        return try #require(line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }) * 1024
    }

    @Test func `a program that leaves its text has less of it in memory, and goes on`() throws {
        let before = try Self.residentFileBytes()
        #expect(LinuxProgramText.leave() > 1 << 20)
        #expect(try Self.residentFileBytes() < before)
        // Constants and functions come back when they are used.
        #expect("\(before) bytes".contains(" bytes"))
    }

    private static let smaps = """
        5581e0000000-5581e3000000 r-xp 00000000 00:29 813          /usr/local/bin/pgha-node
        Size:              49152 kB
        Rss:               20260 kB
        Anonymous:             0 kB
        VmFlags: rd ex mr mw me
        5581e3000000-5581e3100000 r--p 03349000 00:29 813          /usr/local/bin/pgha-node
        Rss:                1376 kB
        Anonymous:          1376 kB
        5581e3100000-5581e3200000 rw-p 03449000 00:29 813          /usr/local/bin/pgha-node
        Rss:                 100 kB
        Anonymous:             0 kB
        7f0000000000-7f0000100000 r--s 00000000 00:29 900          /var/log/journal/x/system.journal
        Rss:                1024 kB
        Anonymous:             0 kB
        7f0000100000-7f0000200000 r-xp 00000000 00:29 901          /usr/lib/with a space.so
        Rss:                   8 kB
        Anonymous:             0 kB
        7f0000200000-7f0000300000 r-xp 00000000 00:29 902          /usr/lib/untouched.so
        Rss:                   0 kB
        Anonymous:             0 kB
        7f0000300000-7f0000400000 r--p 00000000 00:00 0
        Rss:                   4 kB
        Anonymous:             0 kB
        7ffd00000000-7ffd00002000 r-xp 00000000 00:00 0            [vdso]
        Rss:                   8 kB
        Anonymous:             0 kB
        """

    @Test func `only what is a file's, cannot be written to and never was is left`() {
        let found = LinuxProgramText.mappings(Self.smaps)
        #expect(found.map(\.resident) == [20260 * 1024, 8 * 1024])
        #expect(found.map { UInt(bitPattern: $0.start) } == [0x5581_e000_0000, 0x7f00_0010_0000])
        #expect(found.map(\.size) == [0x300_0000, 0x10_0000])
    }

    @Test func `what is no such file says nothing`() {
        #expect(LinuxProgramText.mappings("").isEmpty)
        #expect(
            LinuxProgramText.mappings("Rss: 4 kB\nAnonymous: 0 kB\nx-y r-xp 0 0 0 /a\nRss: 4 kB\nAnonymous: 0 kB")
                .isEmpty)
    }
}
