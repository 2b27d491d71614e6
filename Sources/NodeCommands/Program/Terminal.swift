import Foundation
import Glibc

/// The person in front of the program, if there is one.
enum Terminal {
    /// What was typed; nil without a terminal, so that nothing ever waits for an answer that cannot come.
    static func ask(_ question: String) -> String? {
        guard isatty(STDIN_FILENO) == 1, isatty(STDERR_FILENO) == 1 else { return nil }
        FileHandle.standardError.write(Data(question.utf8))
        return readLine()
    }
}
