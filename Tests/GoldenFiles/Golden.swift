import Foundation
import Testing

/// Files that were looked at by a person; `RECORD_GOLDEN=1` rewrites them and fails, so that it is never left on.
package enum Golden {
    /// Compares with `Golden/<name>` beside the test's own file.
    package static func expect(
        _ text: String, named name: String, besides test: String = #filePath,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let file = URL(filePath: test).deletingLastPathComponent().appending(path: "Golden").appending(path: name)
        try expect(text, at: file, sourceLocation: sourceLocation)
    }

    /// Compares with a file that stands elsewhere, because others read it too.
    package static func expect(
        _ text: String, at file: URL, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        if ProcessInfo.processInfo.environment["RECORD_GOLDEN"] == "1" {
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
            Issue.record("recorded \(file.lastPathComponent)", sourceLocation: sourceLocation)
            return
        }
        let expected = String(decoding: try Data(contentsOf: file), as: UTF8.self)
        #expect(text == expected, "\(file.lastPathComponent) is not what was reviewed", sourceLocation: sourceLocation)
    }
}
