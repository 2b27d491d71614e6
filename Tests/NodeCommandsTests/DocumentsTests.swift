import ArgumentParser
import ClusterModel
import ConfigFiles
import Foundation
import Testing

@testable import NodeCommands

/// The manual pages and the completions, judged by the programs that read them.
@Suite struct DocumentsTests {
    private struct Result {
        var status: Int32
        var text: String
    }

    /// With both outputs in one, and the input from a file.
    private func run(_ program: String, _ arguments: [String]) throws -> Result {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.environment = ["PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/"]
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Result(status: process.terminationStatus, text: String(decoding: data, as: UTF8.self))
    }

    private func withFile<Value>(_ text: String, _ work: (String) throws -> Value) throws -> Value {
        let file = FileManager.default.temporaryDirectory.appending(path: "pgha-document-\(UUID().uuidString)")
        try Data(text.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        return try work(file.path(percentEncoded: false))
    }

    private static func has(_ program: String) -> Bool { FileManager.default.isExecutableFile(atPath: program) }

    @Test func `every verb has a page with all its sections`() throws {
        let verbs = PghaNodeCommand.configuration.subcommands
        let pages = try Documents.files().filter { $0.path.hasPrefix("/usr/local/share/man/man1/") }
        #expect(pages.count == verbs.count + 1)
        for verb in verbs {
            let name = verb.configuration.commandName ?? "\(verb)".lowercased()
            let page = try #require(pages.first { $0.path.hasSuffix("/pgha-node-\(name).1") }, "\(name)")
            for section in ["NAME", "SYNOPSIS", "DESCRIPTION", "EXAMPLES", "EXIT STATUS", "FILES"] {
                #expect(page.contents.contains("\n.Sh \(section)\n"), "\(name) \(section)")
            }
            #expect(
                page.contents.contains(".Bd -literal -offset indent\npgha") || name == "completion" || name == "dsn",
                "\(name)")
        }
    }

    @Test(.enabled(if: has("/usr/bin/man"), "man-db is not installed"))
    func `man has nothing to say against a page`() throws {
        for page in try Documents.files() where page.path.hasSuffix(".1") {
            try withFile(page.contents) { file in
                // As lintian does; -Z leaves out the device, so that only what is said on stderr is left with the output.
                let result = try run(
                    "/bin/sh", ["-c", "man --warnings -E UTF-8 -l -Tutf8 -Z \"$1\" >/dev/null", "sh", file])
                #expect(result.status == 0)
                #expect(result.text == "", "\(page.path)")
            }
        }
    }

    @Test(.enabled(if: has("/usr/bin/man"), "man-db is not installed"))
    func `man says so where a page is wrong`() throws {
        try withFile(".Dd x\n.Dt X 1\n.Os\n.Sh NAME\n.Bl -tag\n.Foo\n") { file in
            let result = try run(
                "/bin/sh", ["-c", "man --warnings -E UTF-8 -l -Tutf8 -Z \"$1\" >/dev/null", "sh", file])
            #expect(result.text != "")
        }
    }

    @Test func `bash parses its completion script`() throws {
        try parse(.bash, with: "/bin/bash")
    }

    @Test(.enabled(if: has("/usr/bin/zsh"), "zsh is not installed"))
    func `zsh parses its completion script`() throws {
        try parse(.zsh, with: "/usr/bin/zsh")
    }

    @Test(.enabled(if: has("/usr/bin/fish"), "fish is not installed"))
    func `fish parses its completion script`() throws {
        try parse(.fish, with: "/usr/bin/fish")
    }

    private func parse(_ kind: Documents.Shell, with program: String) throws {
        try withFile(Documents.script(for: kind)) { file in
            let result = try run(program, ["-n", file])
            #expect(result.status == 0, "\(result.text)")
        }
    }

    @Test(arguments: [
        ("ap", "pgha-node ap", "apply"), ("--dr", "pgha-node apply --dr", "--dry-run"),
        ("--pu", "pgha-node down --pu", "--purge"),
    ])
    func `bash completes a verb and its options`(word: String, line: String, expected: String) throws {
        try withFile(Documents.script(for: .bash)) { file in
            let script = """
                source "$1"; COMP_WORDS=($2); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMP_LINE=$2; COMP_POINT=${#2}
                _pgha-node pgha-node "$3" "${COMP_WORDS[COMP_CWORD - 1]}"; printf '%s\\n' "${COMPREPLY[@]}"
                """
            let result = try run("/bin/bash", ["-c", script, "bash", file, line, word])
            #expect(result.text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) } == [expected])
        }
    }
}
