import ClusterModel
import HostPorts
import LinuxHost
import Testing

@Suite struct PerlPatternTests {
    private func isFound(_ pattern: String, in text: [UInt8]) throws -> Bool {
        let made = try PerlPatterns().pattern(pattern)
        return text.withUnsafeBytes { made.isFound(in: $0) }
    }

    @Test(arguments: [
        ("lost", "WARNING: LOST", true), ("Lost", "lost", false), ("a.c|x", "abc", true), ("^b", "abc", false),
        ("(?<=d)e\\b", "de f", true), ("ä", "Ä", true), ("", "anything", true), ("", "", true),
    ])
    func `patterns are Perl's, and without capitals they ignore case`(
        _ pattern: String, _ text: String, _ expected: Bool
    ) throws {
        #expect(try isFound(pattern, in: Array(text.utf8)) == expected)
    }

    @Test func `what is not UTF-8 is searched as well`() throws {
        #expect(try isFound("b", in: [0xFF, 0xC3, 0x62]))
        #expect(try !isFound("c", in: [0xFF, 0xC3, 0x62]))
    }

    @Test func `what is no pattern is refused with the place`() {
        let failure = #expect(throws: NodeFailure.self) { try PerlPatterns().pattern("a(b") }
        #expect(failure?.code == .usage)
        #expect(failure?.detail?.contains("position 3") == true)
    }
}
