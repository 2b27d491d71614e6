import ClusterModel
import Glibc
import HostPorts

package struct PerlPatterns: PatternMaker {
    package init() {}

    package func pattern(_ text: String) throws(NodeFailure) -> any MessagePattern { try PerlPattern(text) }
}

/// A regular expression as journalctl's `--grep` takes it, by the same library (PCRE2), which is opened when it is wanted:
/// libselinux needs it, so each Debian has it.
final class PerlPattern: MessagePattern, @unchecked Sendable {
    private typealias Compile =
        @convention(c) (
            UnsafePointer<UInt8>, Int, UInt32, UnsafeMutablePointer<Int32>, UnsafeMutablePointer<Int>, UnsafeRawPointer?
        )
        -> OpaquePointer?
    private typealias JITCompile = @convention(c) (OpaquePointer, UInt32) -> Int32
    private typealias NewMatchData = @convention(c) (OpaquePointer, UnsafeRawPointer?) -> OpaquePointer?
    private typealias Match =
        @convention(c) (OpaquePointer, UnsafeRawPointer?, Int, Int, UInt32, OpaquePointer, UnsafeRawPointer?) -> Int32
    private typealias ErrorMessage = @convention(c) (Int32, UnsafeMutablePointer<UInt8>, Int) -> Int32
    private typealias Free = @convention(c) (OpaquePointer) -> Void

    // pcre2.h
    private static let utf: UInt32 = 0x0008_0000
    private static let matchInvalidUTF: UInt32 = 0x0400_0000
    private static let caseless: UInt32 = 0x0000_0008
    private static let jitComplete: UInt32 = 0x0000_0001

    private let code: OpaquePointer
    /// Overwritten by each match; a reader of a journal has one thread.
    private let data: OpaquePointer
    private let match: Match
    private let frees: (code: Free, data: Free)

    /// A pattern without capital letters ignores case, as with journalctl.
    ///
    /// Throws `.usage` for one that is none, `.unreachable` without the library.
    init(_ text: String) throws(NodeFailure) {
        let library = try Self.library()
        let compile: Compile = try Self.function("pcre2_compile_8", library)
        let jit: JITCompile = try Self.function("pcre2_jit_compile_8", library)
        let newData: NewMatchData = try Self.function("pcre2_match_data_create_from_pattern_8", library)
        match = try Self.function("pcre2_match_8", library)
        frees = (
            try Self.function("pcre2_code_free_8", library), try Self.function("pcre2_match_data_free_8", library)
        )
        var options = Self.utf | Self.matchInvalidUTF
        if !text.contains(where: \.isUppercase) { options |= Self.caseless }
        var error: Int32 = 0
        var offset = 0
        let bytes = Array(text.utf8)
        guard let compiled = compile(bytes + [0], bytes.count, options, &error, &offset, nil) else {
            let message: ErrorMessage = try Self.function("pcre2_get_error_message_8", library)
            var buffer = [UInt8](repeating: 0, count: 256)
            _ = message(error, &buffer, buffer.count)
            throw NodeFailure(
                .usage, "\"\(text)\" is not a regular expression",
                detail: "At position \(offset): \(String(decoding: buffer.prefix { $0 != 0 }, as: UTF8.self)).",
                hint:
                    "It is one of Perl's, as for journalctl --grep; put a backslash before a sign that stands for itself."
            )
        }
        // Where it cannot be translated it is only slower.
        _ = jit(compiled, Self.jitComplete)
        guard let room = newData(compiled, nil) else {
            frees.code(compiled)
            throw NodeFailure(.internalError, "there is no memory for a regular expression")
        }
        code = compiled
        data = room
    }

    deinit {
        frees.data(data)
        frees.code(code)
    }

    func isFound(in message: UnsafeRawBufferPointer) -> Bool {
        // An empty buffer may have no address, which PCRE2 does not take.
        guard let start = message.baseAddress else {
            return withUnsafeBytes(of: UInt8(0)) { isFound(in: $0, count: 0) }
        }
        return isFound(in: UnsafeRawBufferPointer(start: start, count: message.count), count: message.count)
    }

    private func isFound(in bytes: UnsafeRawBufferPointer, count: Int) -> Bool {
        match(code, bytes.baseAddress, count, 0, 0, data, nil) >= 0
    }

    private static func library() throws(NodeFailure) -> UnsafeMutableRawPointer {
        guard let library = dlopen("libpcre2-8.so.0", RTLD_NOW | RTLD_LOCAL) else {
            throw NodeFailure(
                .unreachable, "the library of regular expressions is not installed on this host",
                detail: dlerror().map { String(cString: $0) }, hint: "Install the package \"libpcre2-8-0\".")
        }
        return library
    }

    private static func function<Function>(
        _ name: String, _ library: UnsafeMutableRawPointer
    ) throws(NodeFailure) -> Function {
        guard let address = dlsym(library, name) else {
            throw NodeFailure(.unreachable, "libpcre2-8.so.0 has no function \"\(name)\"")
        }
        return unsafeBitCast(address, to: Function.self)
    }
}
