import ClusterModel
import Glibc
import HostPorts

/// A file that is read once, from its beginning, in pieces of 64 KiB.
struct BufferedFile: ~Copyable {
    private let descriptor: Int32
    private var buffer: [UInt8] = []
    private var start = 0
    /// Bytes that have been taken.
    private(set) var position = 0

    /// Throws `.notFound` and `.notPermitted`.
    init(_ path: String) throws(NodeFailure) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            let reason = String(cString: strerror(errno))
            throw NodeFailure(
                errno == EACCES ? .notPermitted : .notFound, "could not open \"\(path)\"", detail: "\(reason).")
        }
    }

    deinit {
        close(descriptor)
    }

    /// As many of the next bytes as there are; they are not taken.
    mutating func peek(_ count: Int) -> ArraySlice<UInt8> {
        while buffer.count - start < count, fill() {}
        return buffer[start..<min(buffer.count, start + count)]
    }

    /// Without its line end; nil at the end of the file, and for one that is cut off or longer than `limit`.
    mutating func line(upTo limit: Int) -> [UInt8]? {
        var searched = start
        while true {
            if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                let line = Array(buffer[start..<end])
                advance(to: end + 1)
                return line
            }
            let seen = buffer.count - start
            guard seen <= limit, fill() else {
                advance(to: buffer.count)
                return nil
            }
            searched = start + seen
        }
    }

    /// A value that comes after its size, and its line end; nil if it is cut off or larger than `limit`.
    mutating func sized(upTo limit: Int) -> [UInt8]? {
        let head = peek(8)
        guard head.count == 8 else { return nil }
        let size = head.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard size <= UInt64(limit) else { return nil }
        let all = peek(8 + Int(size) + 1)
        guard all.count == 8 + Int(size) + 1, all.last == UInt8(ascii: "\n") else { return nil }
        let value = Array(all.dropFirst(8).dropLast())
        advance(to: start + all.count)
        return value
    }

    private mutating func advance(to index: Int) {
        position += index - start
        start = index
    }

    /// False at the end of the file.
    private mutating func fill() -> Bool {
        if start > 0 {
            buffer.removeFirst(start)
            start = 0
        }
        let size = 1 << 16
        let old = buffer.count
        buffer.append(contentsOf: repeatElement(0, count: size))
        var count = 0
        repeat {
            count = buffer.withUnsafeMutableBytes { bytes in
                read(descriptor, bytes.baseAddress.map { $0 + old }, size)
            }
        } while count < 0 && errno == EINTR
        buffer.removeLast(size - max(count, 0))
        return count > 0
    }
}
